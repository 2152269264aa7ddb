/** What the user sees of the connection. It follows the session and never decides anything. */
import type { PriceStreamError } from './errors.js';

/** The three wire dialects; `undecided` while an older server has neither spoken nor been asked for anything. */
export type ConnectionDialect = 'coins' | 'metals' | 'tickwire' | 'undecided';

/**
 * The state of the connection. The same object until it changes; instants (`since`, `retryAt`) are epoch milliseconds.
 * A lost network is a state here, not an error: `cause` says why, `retryAt` when the next attempt starts.
 */
export type Connection =
  | { readonly status: 'idle' }
  | { readonly status: 'connecting'; readonly attempt: number }
  | {
      readonly status: 'connected';
      readonly since: number;
      readonly transport: 'websocket' | 'polling';
      readonly dialect: ConnectionDialect;
      readonly authenticated: boolean;
      /** Round trip of the last ping in milliseconds; `null` before the first answer. */
      readonly rttMs: number | null;
      /** The socket is open but a ping's deadline has passed; the client is about to give it up. */
      readonly mute: boolean;
    }
  | {
      readonly status: 'reconnecting';
      readonly attempt: number;
      readonly retryAt: number;
      readonly cause: PriceStreamError | null;
    }
  | { readonly status: 'paused'; readonly reason: 'offline' | 'hidden' }
  | { readonly status: 'closed'; readonly code: number; readonly reason: string }
  | { readonly status: 'failed'; readonly error: PriceStreamError };

/** `client.connection`: a value to read and to follow, made for `useSyncExternalStore`. */
export interface ConnectionStore {
  /** The current state; the same object until it changes. */
  get(): Connection;
  /** Calls the listener after each change; returns its undo. */
  subscribe(listener: (connection: Connection) => void): () => void;
}
