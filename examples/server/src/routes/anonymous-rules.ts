/** What a connection may do that is nobody's yet, where the server wants to know; and how long one may stay without a use. */
import { CloseCode } from '@tickwire/protocol';
import type { Limits } from '../limits.js';
import type { Connection } from '../plugins/connection.js';
import type { Membership } from '../services/membership.js';

/** What the rules are made of. */
export interface AnonymousRuleOptions {
  /** Whether connections have to authenticate. */
  readonly isRequired: boolean;
  readonly membership: Pick<Membership, 'hasSubscriptions'>;
  readonly limits: Pick<Limits, 'preAuthMessages' | 'preAuthBytes' | 'authTimeoutMs' | 'idleMs'>;
}

const openTypes: readonly string[] = ['hello', 'ping', 'authenticate'];

/** The rules. */
export class AnonymousRules {
  readonly #options: AnonymousRuleOptions;

  constructor(options: AnonymousRuleOptions) {
    this.#options = options;
  }

  /** Whether the connection has still to say whose it is. */
  isStranger(connection: Connection): boolean {
    return this.#options.isRequired && connection.identity === undefined;
  }

  /** Whether a message of this type may be answered. */
  allows(connection: Connection, type: string): boolean {
    return !this.isStranger(connection) || openTypes.includes(type);
  }

  /** Counts a frame; one too many of a stranger closes the connection, and `false` is returned. */
  countFrame(connection: Connection, byteLength: number): boolean {
    if (!this.isStranger(connection)) return true;
    const { limits } = this.#options;
    connection.strangerMessages += 1;
    connection.strangerBytes += byteLength;
    const { strangerMessages, strangerBytes } = connection;
    if (strangerMessages <= limits.preAuthMessages && strangerBytes <= limits.preAuthBytes) return true;
    connection.close(CloseCode.UNAUTHENTICATED, 'authenticate_first');
    return false;
  }

  /** Closes who did not authenticate in time, and who has no use of the connection. */
  sweep(connection: Connection, now: number): void {
    const { limits, membership } = this.#options;
    if (this.isStranger(connection)) {
      if (now - connection.openedAt >= limits.authTimeoutMs) connection.close(CloseCode.TIMEOUT, 'auth_timeout');
      return;
    }
    if (now - connection.usedAt < limits.idleMs) return;
    if (membership.hasSubscriptions(connection)) connection.usedAt = now;
    else connection.close(CloseCode.TIMEOUT, 'idle');
  }
}
