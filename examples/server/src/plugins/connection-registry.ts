/** Every open connection of this node, looked after by one timer. Nothing of a connection stays here after its close. */
import { CloseCode } from '@tickwire/protocol';
import type { Clock } from '../clock.js';
import type { Limits } from '../limits.js';
import { Connection, type Dialect, type SocketLike } from './connection.js';

/** What the registry is made of. */
export interface RegistryOptions {
  readonly limits: Limits;
  readonly maxConnections: number;
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
  /** Gives a name that no other connection has. */
  readonly createId: () => string;
  readonly onTaskError: (error: unknown) => void;
}

/** Called for a connection on each beat of the timer. */
export type SweepListener = (connection: Connection, now: number) => void;

/** How a stopping server says good-bye: before the close frame, with the hints that will stand in it. */
export type Farewell = (connection: Connection, hints: { reconnectAfterMs: number; spreadMs: number }) => void;

/** Reconnects that the next server should have to take in a second, at most. */
const reconnectsPerSecond = 1_000;
const reconnectAfterMs = 500;
const leastSpreadMs = 500;

/** The connections of one node; `webSocketPlugin` fills it. */
export class ConnectionRegistry {
  readonly #options: RegistryOptions;
  readonly #connections = new Map<string, Connection>();
  readonly #sweepListeners = new Set<SweepListener>();
  #total = 0;
  #isDraining = false;
  #sweptAt: number;
  #cancelSweep: (() => void) | undefined;
  #onEmpty: (() => void) | undefined;

  constructor(options: RegistryOptions) {
    this.#options = options;
    this.#sweptAt = options.clock.now();
  }

  /** Open connections. */
  get size(): number {
    return this.#connections.size;
  }

  /** Connections since the start. */
  get total(): number {
    return this.#total;
  }

  get isFull(): boolean {
    return this.size >= this.#options.maxConnections;
  }

  /** Whether the server is stopping and takes nobody in. */
  get isDraining(): boolean {
    return this.#isDraining;
  }

  /** Open connections by dialect. */
  countByDialect(): Record<Dialect, number> {
    const counts = { undecided: 0, coins: 0, metals: 0, tickwire: 0 };
    for (const { dialect } of this.#connections.values()) counts[dialect] += 1;
    return counts;
  }

  /** Takes a socket in; call `remove` on its close. */
  add(socket: SocketLike, address?: string): Connection {
    const { limits, clock, random, createId, onTaskError } = this.#options;
    const now = () => clock.now();
    const connection = new Connection({ id: createId(), socket, address, limits, now, random, onTaskError });
    this.#connections.set(connection.id, connection);
    this.#total += 1;
    if (this.#cancelSweep === undefined) {
      this.#sweptAt = clock.now();
      this.#scheduleSweep();
    }
    return connection;
  }

  remove(connection: Connection): void {
    this.#connections.delete(connection.id);
    if (this.size > 0) return;
    this.#cancelSweep?.();
    this.#cancelSweep = undefined;
    this.#onEmpty?.();
  }

  /** Adds a listener for each beat; returns its undo. */
  onSweep(listener: SweepListener): () => void {
    this.#sweepListeners.add(listener);
    return () => void this.#sweepListeners.delete(listener);
  }

  /** Says good-bye, closes every connection with 1012, and resolves when all are gone; after `drainMs` the rest is cut. */
  async drain(farewell: Farewell): Promise<void> {
    this.#isDraining = true;
    const spreadMs = Math.max(leastSpreadMs, Math.ceil((this.size / reconnectsPerSecond) * 1_000));
    for (const connection of this.#connections.values()) {
      farewell(connection, { reconnectAfterMs, spreadMs });
      connection.close(CloseCode.SERVICE_RESTART, `restart;ra=${reconnectAfterMs};sp=${spreadMs}`);
    }
    if (this.size === 0) return;
    await new Promise<void>((resolve) => {
      const cancel = this.#options.clock.after(this.#options.limits.drainMs, () => {
        for (const connection of this.#connections.values()) connection.terminate();
        resolve();
      });
      this.#onEmpty = () => {
        cancel();
        resolve();
      };
    });
  }

  #scheduleSweep(): void {
    const { clock, limits } = this.#options;
    this.#cancelSweep = clock.after(limits.sweepMs, () => {
      const now = clock.now();
      const lateMs = Math.max(0, now - this.#sweptAt - 2 * limits.sweepMs);
      this.#sweptAt = now;
      this.#scheduleSweep();
      for (const connection of this.#connections.values()) {
        connection.sweep(now, lateMs);
        if (connection.isClosed()) continue;
        for (const listener of this.#sweepListeners) listener(connection, now);
      }
    });
  }
}
