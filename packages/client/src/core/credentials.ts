/** What a server is told of the user, and how far that has got on one connection. */

/** A token, or an API key. */
export type Credential = string | { readonly apiKey: string };

/** Why a credential is asked for. */
export type TokenReason = 'initial' | 'reconnect' | 'expired' | 'rejected';

/** Where the authentication of one connection stands. `held`: subscriptions wait for it. */
export interface AuthenticationState {
  readonly status: 'none' | 'fetching' | 'ready' | 'sent' | 'accepted' | 'refused';
  readonly held: boolean;
  /** What goes out next; dropped once sent. Never logged. */
  readonly credential: Credential | null;
  readonly request: string | null;
  readonly dueAt: number;
  /** Why a credential was asked for last. */
  readonly reason: TokenReason;
  /** Times in a row that none could be had, or that the server had no time for it. */
  readonly failures: number;
  /** Whether the timer runs that asks for the next one. */
  readonly waits: boolean;
  /** When the server says that the credential ends, epoch ms of its clock; `null` when it does not say. */
  readonly expiresAt: number | null;
}
