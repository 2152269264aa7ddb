/** What `authenticate` does on a socket, and what becomes of it: refreshing, the end of a token, revocation. */
import { CloseCode, ErrorCode, type AuthenticateMessage, type SubscribedPosition } from '@tickwire/protocol';
import type { Authenticator } from '../auth/authenticator.js';
import type { Credentials, Identity, Proof } from '../auth/identity.js';
import type { UserConnections } from '../auth/user-connections.js';
import type { Clock } from '../clock.js';
import { countOne, type Counters } from '../counters.js';
import type { Limits } from '../limits.js';
import type { Connection } from '../plugins/connection.js';
import * as frames from '../services/frames.js';
import type { Membership } from '../services/membership.js';

/** What it is made of. */
export interface SocketAuthenticationOptions {
  readonly authenticator: Authenticator;
  readonly users: UserConnections;
  readonly membership: Pick<Membership, 'positionsOf' | 'join'>;
  readonly clock: Clock;
  readonly limits: Limits;
  readonly counters: Counters;
}

/** Authentication as the sockets see it. */
export interface SocketAuthentication {
  /** Answers the message; to be called from the connection's inbox. */
  authenticate(connection: Connection, message: AuthenticateMessage): Promise<void>;
  /** Gives the connection to who has shown a token with the upgrade. */
  adopt(connection: Connection, identity: Identity): Promise<void>;
  /** Looks at the end of the connection's token. */
  sweep(connection: Connection, now: number): void;
  /** Closes the user's connections; their tokens up to now no longer count. */
  revoke(userId: string): void;
  /** The connection is gone. */
  forget(connection: Connection): void;
}

/** Channels that a user gets without asking. */
const privateChannels: readonly string[] = ['user', 'portfolio'];
/** Where connections have to authenticate, even this one comes only then. */
const implicitChannels: readonly string[] = ['global', ...privateChannels];
const quotaWaitMs = 60_000;

type Request = Pick<AuthenticateMessage, 'id'>;

const credentialsOf = ({ data }: AuthenticateMessage): Credentials =>
  typeof data.token === 'string' ? { token: data.token } : { apiKey: data.apiKey };

/** Makes authentication for sockets. */
export function createSocketAuthentication(options: SocketAuthenticationOptions): SocketAuthentication {
  const { authenticator, users, membership, clock, limits, counters } = options;

  function refuse(connection: Connection, code: ErrorCode, { id }: Request = {}, about: frames.ErrorAbout = {}): void {
    countOne(counters.errors, code);
    connection.send(frames.errorFrame(code, { id, op: 'authenticate', ...about }, clock.now()));
  }

  function refuseProof(connection: Connection, request: Request, proof: Extract<Proof, { ok: false }>): void {
    const { code, retryAfterMs } = proof;
    refuse(connection, code, request, { retryAfterMs });
    if (code === ErrorCode.AUTH_RATE_LIMITED) {
      connection.close(CloseCode.TRY_AGAIN_LATER, `auth_rate_limited;ra=${retryAfterMs ?? 0}`);
      return;
    }
    if (code === ErrorCode.SERVER_BUSY) return;
    connection.authFailures += 1;
    if (connection.authFailures > limits.authFailuresPerConnection) {
      connection.close(CloseCode.UNAUTHENTICATED, 'too_many_attempts');
    }
  }

  function endRevoked(connection: Connection, request?: Request): void {
    refuse(connection, ErrorCode.TOKEN_REVOKED, request);
    connection.close(CloseCode.UNAUTHENTICATED, 'revoked');
  }

  function answer(connection: Connection, { id }: Request, identity: Identity, subscribed: SubscribedPosition[]): void {
    connection.send(
      connection.dialect === 'tickwire' && id !== undefined
        ? frames.authenticateAckFrame(id, identity, subscribed)
        : frames.authenticatedFrame(identity.userId, clock.now()),
    );
  }

  /** Gives the connection what its user has without asking, the answer first. */
  async function welcome(connection: Connection, identity: Identity, request: Request | undefined): Promise<void> {
    const wanted = membership.positionsOf(connection, ['global']).length > 0 ? privateChannels : implicitChannels;
    const wishes = wanted.map((channel) => ({ channel, isImplied: true }));
    await membership.join(connection, wishes, ({ subscribed }) => {
      const positions = subscribed.filter(({ channel }) => privateChannels.includes(channel));
      if (request !== undefined) answer(connection, request, identity, positions);
      return [];
    });
  }

  async function give(connection: Connection, identity: Identity, request: Request | undefined): Promise<void> {
    // A revocation between the proof and here met a connection that was nobody's yet.
    if (authenticator.isRevoked(identity)) {
      endRevoked(connection, request);
      return;
    }
    switch (users.admit(connection, identity, clock.now())) {
      case 'other_user':
        refuse(connection, ErrorCode.AUTH_FAILED, request, { message: 'This connection belongs to another user' });
        connection.close(CloseCode.FORBIDDEN, 'other_user');
        return;
      case 'too_many':
        refuse(connection, ErrorCode.SERVER_BUSY, request, {
          message: `This user has ${limits.connectionsPerUser} connections already`,
          retryAfterMs: quotaWaitMs,
        });
        connection.close(CloseCode.QUOTA, `user_connections;ra=${quotaWaitMs}`);
        return;
      case 'refreshed':
        if (request !== undefined)
          answer(connection, request, identity, membership.positionsOf(connection, privateChannels));
        return;
      case 'admitted':
        await welcome(connection, identity, request);
    }
  }

  return {
    async authenticate(connection, message) {
      const proof = await authenticator.prove(credentialsOf(message), connection.address);
      if (connection.isClosed()) return;
      if (!proof.ok) {
        refuseProof(connection, message, proof);
        return;
      }
      connection.authFailures = 0;
      await give(connection, proof.identity, message);
    },
    adopt: (connection, identity) => give(connection, identity, undefined),
    sweep(connection, now) {
      const notice = users.noticeFor(connection, now);
      if (notice === 'expiring') {
        refuse(connection, ErrorCode.TOKEN_EXPIRING);
      } else if (notice === 'expired') {
        refuse(connection, ErrorCode.TOKEN_EXPIRED);
        connection.close(CloseCode.UNAUTHENTICATED, 'token_expired');
      }
    },
    revoke(userId) {
      authenticator.revoke(userId);
      for (const connection of users.of(userId)) endRevoked(connection);
    },
    forget: (connection) => users.remove(connection),
  };
}
