/** The connection as users see it, and those who wait for it. It follows the life and decides nothing. */
import { PriceStreamError, abortReason } from './errors.js';
import type { LifeState } from './life-state.js';
import { Listeners } from './listeners.js';
import { onAbort } from './signals.js';

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

interface Waiter {
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** Why nothing comes of a stream that is closed. */
export function closedError(): PriceStreamError {
  return new PriceStreamError('CLOSED', 'The client is closed. Call connect() to start again.');
}

/** The connection of one stream. */
export class Shown {
  current: StreamConnection = { status: 'idle' };
  /** What is shown in place of the connection: prices come another way meanwhile. */
  instead: (() => StreamConnection | undefined) | undefined;
  readonly #waiters = new Set<Waiter>();
  readonly #listeners: Listeners<{ connection: StreamConnection }>;

  readonly view: ConnectionView = {
    get: () => this.current,
    subscribe: (listener) => this.#listeners.on('connection', listener),
  };

  constructor(failed: (event: string, cause: unknown) => void) {
    this.#listeners = new Listeners(failed);
  }

  /** Why nothing comes before the next `connect`; `undefined` while something may. */
  get ending(): PriceStreamError | undefined {
    if (this.current.status === 'failed') return this.current.error;
    return this.current.status === 'closed' ? closedError() : undefined;
  }

  /** Settles those who wait for the connection, and tells those who listen. */
  tell(): void {
    const { current } = this;
    for (const waiter of [...this.#waiters]) {
      if (current.status === 'connected') waiter.resolve();
      else if (current.status === 'failed') waiter.reject(current.error);
      else if (current.status === 'closed') waiter.reject(new PriceStreamError('CLOSED', 'The client was closed.'));
    }
    this.#listeners.emit('connection', current);
  }

  /** Resolves once there is a connection; rejects when there will be none. `begin` is called with the wait in place. */
  whenConnected(signal: AbortSignal | undefined, begin: () => void): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted === true) {
        reject(abortReason(signal));
        return;
      }
      const done = (): void => {
        this.#waiters.delete(waiter);
        unfollow();
      };
      const waiter: Waiter = {
        resolve: () => {
          done();
          resolve();
        },
        reject: (error) => {
          done();
          reject(error);
        },
      };
      const unfollow = onAbort(signal, () => waiter.reject(abortReason(signal)));
      this.#waiters.add(waiter);
      begin();
      if (this.current.status === 'connected') waiter.resolve();
    });
  }
}
