/** Which connections belong to whom, and until when. Nothing of a connection stays here after its close. */
import type { Limits } from '../limits.js';
import type { Connection } from '../plugins/connection.js';
import type { Identity } from './identity.js';

/** What became of a connection that has proven whose it is. */
export type Admission = 'admitted' | 'refreshed' | 'other_user' | 'too_many';

/** What is due for a connection whose token ends: the warning, once, then the end. */
export type ExpiryNotice = 'expiring' | 'expired';

type ExpiryLimits = Pick<Limits, 'connectionsPerUser' | 'tokenWarningMs' | 'tokenGraceMs'>;

/** The connections of each user of this node. */
export class UserConnections {
  readonly #limits: ExpiryLimits;
  readonly #byUser = new Map<string, Set<Connection>>();
  /** When to tell of the end of its token, and which end was told of. */
  readonly #ends = new Map<Connection, { readonly expiresAt: number; readonly warnAt: number; isTold: boolean }>();

  constructor(limits: ExpiryLimits) {
    this.#limits = limits;
  }

  /** Users with a connection. */
  get userCount(): number {
    return this.#byUser.size;
  }

  /** The connections of a user. */
  of(userId: string): readonly Connection[] {
    return [...(this.#byUser.get(userId) ?? [])];
  }

  /** Makes the connection the user's, or prolongs what it has; the connection's `identity` changes only then. */
  admit(connection: Connection, identity: Identity, now: number): Admission {
    const known = connection.identity;
    if (known !== undefined && known.userId !== identity.userId) return 'other_user';
    const connections = this.#byUser.get(identity.userId) ?? new Set<Connection>();
    if (known === undefined && connections.size >= this.#limits.connectionsPerUser) return 'too_many';
    connections.add(connection);
    this.#byUser.set(identity.userId, connections);
    connection.identity = identity;
    this.#noteEnd(connection, identity, now);
    return known === undefined ? 'admitted' : 'refreshed';
  }

  /** What is due now; each notice comes once for each end of a token. */
  noticeFor(connection: Connection, now: number): ExpiryNotice | undefined {
    const expiresAt = connection.identity?.expiresAt;
    if (expiresAt === undefined) return undefined;
    if (now >= expiresAt + this.#limits.tokenGraceMs) return 'expired';
    const end = this.#ends.get(connection);
    if (end === undefined || end.isTold || now < end.warnAt) return undefined;
    end.isTold = true;
    return 'expiring';
  }

  /**
   * A token that is shown again has the end that was told of. One that has less to live than the warning takes is warned of
   * at half of that: else whoever gets such tokens would be told again with each of them.
   */
  #noteEnd(connection: Connection, { expiresAt }: Identity, now: number): void {
    if (expiresAt === undefined) this.#ends.delete(connection);
    if (expiresAt === undefined || this.#ends.get(connection)?.expiresAt === expiresAt) return;
    const warnAt = Math.max(expiresAt - this.#limits.tokenWarningMs, now + (expiresAt - now) / 2);
    this.#ends.set(connection, { expiresAt, warnAt, isTold: false });
  }

  /** The connection is gone. */
  remove(connection: Connection): void {
    this.#ends.delete(connection);
    const { identity } = connection;
    if (identity === undefined) return;
    const connections = this.#byUser.get(identity.userId);
    connections?.delete(connection);
    if (connections?.size === 0) this.#byUser.delete(identity.userId);
  }
}
