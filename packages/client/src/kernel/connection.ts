/** The connection as users see it. */
import { PriceStreamError } from './errors.js';
import type { LifeState } from './life-state.js';

/**
 * The state of the connection. The same object until it changes; instants (`since`, `retryAt`) are epoch milliseconds.
 * A lost network is a state here, not an error: `cause` says why, `retryAt` when the next attempt starts.
 */
export type StreamConnection = LifeState;

/** `client.connection`: a value to read and to follow, made for `useSyncExternalStore`. */
export interface ConnectionView<State = StreamConnection> {
  /** The current state; the same object until it changes. */
  get(): State;
  /** Calls the listener after each change; returns its undo. */
  subscribe(listener: (connection: State) => void): () => void;
}

/** Why nothing comes of a stream that is closed. */
export function closedError(): PriceStreamError {
  return new PriceStreamError('CLOSED', 'The client is closed. Call connect() to start again.');
}
