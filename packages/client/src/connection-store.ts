/** Holds what the user sees of the connection and tells who listens; the session decides what it is. */
import { checkedListener } from './call-checks.js';
import type { Vouching } from './core/freshness.js';
import { closedFault } from './core/requests.js';
import type { ConnectionState, Fault } from './core/session-state.js';
import type { Connection, ConnectionStore } from './connection.js';
import { onAbort } from './ending-signals.js';
import { abortReason, PriceStreamError } from './errors.js';
import { Listeners } from './listeners.js';
import type { PriceTick } from './price-tick.js';

/** The error that a fault stands for. */
export function errorOf(fault: Fault): PriceStreamError {
  return new PriceStreamError(fault.code, fault.message, fault);
}

function connectionOf(state: ConnectionState): Connection {
  switch (state.status) {
    case 'connected':
      return { ...state, transport: 'websocket' };
    case 'reconnecting':
      return { ...state, cause: state.cause === null ? null : errorOf(state.cause) };
    case 'failed':
      return { status: 'failed', error: errorOf(state.error) };
    default:
      return state;
  }
}

/** A snapshot is of the `tickwire` dialect, whoever answers with it. */
function polling(since: number): Connection {
  const unknown = { authenticated: false, rttMs: null, mute: false };
  return { status: 'connected', since, transport: 'polling', dialect: 'tickwire', ...unknown };
}

/** What can vouch for the prices of this connection. */
export function vouchingOf(connection: Connection): Vouching {
  if (connection.status !== 'connected') return 'nothing';
  return connection.dialect === 'tickwire' ? 'heads' : 'link';
}

/** Whether this connection has brought the price. */
export function isOf(connection: Connection, tick: PriceTick | undefined): boolean {
  return connection.status === 'connected' && tick !== undefined && tick.receivedAt >= connection.since;
}

interface Waiter {
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** The connection of one client, with those who wait for it. */
export class ConnectionHolder {
  #current: Connection = { status: 'idle' };
  readonly #waiters = new Set<Waiter>();
  readonly #listeners: Listeners<{ connection: Connection }>;

  readonly view: ConnectionStore = {
    get: () => this.#current,
    subscribe: (listener) => this.#listeners.on('connection', checkedListener(listener)),
  };

  constructor(listenerFailed: (event: string, cause: unknown) => void) {
    this.#listeners = new Listeners(listenerFailed);
  }

  /** Why nothing comes before the next `connect`; `undefined` while something may. */
  get ending(): PriceStreamError | undefined {
    if (this.#current.status === 'failed') return this.#current.error;
    return this.#current.status === 'closed' ? errorOf(closedFault) : undefined;
  }

  /**
   * Takes the session's state over, settles those who wait for it, and tells those who listen.
   *
   * @param pollingSince set while prices are polled: that is what is shown then, until a socket is there
   * @param settled called before anybody is told: what depends on the connection is as it says by then
   * @returns whether anything else is shown now
   */
  set(state: ConnectionState, pollingSince: number | undefined, settled: () => void): boolean {
    const shown = this.#current;
    if (pollingSince !== undefined && shown.status === 'connected' && shown.transport === 'polling') return false;
    const current = pollingSince === undefined ? connectionOf(state) : polling(pollingSince);
    this.#current = current;
    settled();
    for (const waiter of [...this.#waiters]) {
      if (current.status === 'connected') waiter.resolve();
      else if (current.status === 'failed') waiter.reject(current.error);
      else if (current.status === 'closed') waiter.reject(new PriceStreamError('CLOSED', 'The client was closed.'));
    }
    this.#listeners.emit('connection', current);
    return true;
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
      const abort = (): void => waiter.reject(abortReason(signal));
      const unfollow = onAbort(signal, abort);
      this.#waiters.add(waiter);
      begin();
      if (this.#current.status === 'connected') waiter.resolve();
    });
  }
}
