/** Every open connection of this node, looked after by one timer. Nothing of a connection stays here after its close. */
import { CloseCode } from '@tickwire/protocol';
import { nextTurnOfLoop, type Clock, type NextTurn } from '../clock.js';
import type { Counters } from '../counters.js';
import type { Limits } from '../limits.js';
import { Connection, type Dialect, type SharedOptions, type SocketLike, type Wire } from './connection.js';
import { closesDue, planOfDrain, returnAfterMs, type DrainPlan } from './drain-plan.js';

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
  readonly counters: Counters;
  /** The frame that a connection gets before it is closed for reading too slowly. */
  readonly slowFrame: () => string;
  /** @default a later turn of the event loop */
  readonly nextTurn?: NextTurn;
}

/** Called for a connection on each beat of the timer, with the clock's `monotonic`. */
export type SweepListener = (connection: Connection, now: number) => void;

/** How a stopping server says good-bye: before the close frame, with when the client should come back. */
export type Farewell = (connection: Connection, hints: { reconnectAfterMs: number; deadlineMs: number }) => void;

/** Connections that are looked at in one turn of the event loop. */
const sweptInATurn = 500;
/** Connections that are told of the end in one turn. */
const toldInATurn = 250;
/** Nobody is asked to move before. */
const farewellMs = 500;

/** The connections of one node; `webSocketPlugin` fills it. */
export class ConnectionRegistry {
  readonly #options: RegistryOptions;
  readonly #shared: SharedOptions;
  readonly #connections = new Map<string, Connection>();
  readonly #sweepListeners = new Set<SweepListener>();
  #total = 0;
  #drain: { readonly plan: DrainPlan; readonly beganAt: number } | undefined;
  #sweptAt: number;
  #cancelSweep: (() => void) | undefined;
  #onEmpty: (() => void) | undefined;

  constructor(options: RegistryOptions) {
    this.#options = options;
    this.#shared = { ...options, now: () => options.clock.monotonic() };
    this.#sweptAt = options.clock.monotonic();
  }

  /** Open connections. */
  get size(): number {
    return this.#connections.size;
  }

  /** Every open connection. */
  all(): readonly Connection[] {
    return [...this.#connections.values()];
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
    return this.#drain !== undefined;
  }

  /** When somebody whom a stopping server refuses should come again, in ms: each at another time, after its end. */
  get returnAfterMs(): number | undefined {
    if (this.#drain === undefined) return undefined;
    const { plan, beganAt } = this.#drain;
    const { clock, random } = this.#options;
    return returnAfterMs(plan, clock.monotonic() - beganAt) + random() * plan.spreadMs;
  }

  /** Open connections by dialect. */
  countByDialect(): Record<Dialect, number> {
    const counts = { undecided: 0, coins: 0, metals: 0, tickwire: 0 };
    for (const { dialect } of this.#connections.values()) counts[dialect] += 1;
    return counts;
  }

  /** Bytes that were given to the sockets and have not left. */
  unsentBytes(): number {
    let bytes = 0;
    for (const connection of this.#connections.values()) bytes += connection.unsentBytes;
    return bytes;
  }

  /** Takes a socket in; call `remove` on its close. */
  add(socket: SocketLike, wire?: Wire, address?: string): Connection {
    const { createId } = this.#options;
    const connection = new Connection({ id: createId(), socket, wire, address, shared: this.#shared });
    this.#connections.set(connection.id, connection);
    this.#total += 1;
    if (this.#cancelSweep === undefined) {
      this.#sweptAt = this.#options.clock.monotonic();
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

  /**
   * Says good-bye to all, closes them with 1012 one after the other, and resolves when all are gone; `drainMs` after the
   * last close the rest is cut.
   */
  async drain(farewell: Farewell): Promise<void> {
    const plan = planOfDrain(this.size, this.#options.limits);
    this.#drain = { plan, beganAt: this.#options.clock.monotonic() };
    await this.#sayGoodbye(plan, farewell);
    await this.#closeAll(plan);
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

  async #sayGoodbye(plan: DrainPlan, farewell: Farewell): Promise<void> {
    const { limits, random, nextTurn = nextTurnOfLoop } = this.#options;
    const deadlineMs = plan.closeSpanMs + limits.drainMs;
    let told = 0;
    for (const connection of [...this.#connections.values()]) {
      farewell(connection, { reconnectAfterMs: Math.round(farewellMs + random() * plan.spreadMs), deadlineMs });
      told += 1;
      if (told % toldInATurn === 0) await new Promise<void>(nextTurn);
    }
  }

  async #closeAll(plan: DrainPlan): Promise<void> {
    const { clock } = this.#options;
    const connections = [...this.#connections.values()];
    const beganAt = clock.monotonic();
    for (let closed = 0, beats = 0; ; beats += 1) {
      // Late beats catch up.
      const elapsedMs = Math.max(beats * plan.beatMs, clock.monotonic() - beganAt);
      const reason = `restart;ra=${returnAfterMs(plan, elapsedMs)};sp=${plan.spreadMs}`;
      const due = Math.min(connections.length, closesDue(plan, elapsedMs));
      for (const connection of connections.slice(closed, due)) connection.close(CloseCode.SERVICE_RESTART, reason);
      closed = due;
      if (closed === connections.length) return;
      await new Promise<void>((resolve) => void clock.after(plan.beatMs, resolve));
    }
  }

  #scheduleSweep(): void {
    const { clock, limits } = this.#options;
    this.#cancelSweep = clock.after(limits.sweepMs, () => {
      const now = clock.monotonic();
      const lateMs = Math.max(0, now - this.#sweptAt - 2 * limits.sweepMs);
      this.#sweptAt = now;
      this.#scheduleSweep();
      this.#sweepSome(this.#connections.values(), now, lateMs, 0);
    });
  }

  /** Looks at some connections now and at the others in later turns: after a standstill all pings are due at once. */
  #sweepSome(rest: Iterator<Connection>, now: number, lateMs: number, unsent: number): void {
    const { limits, nextTurn = nextTurnOfLoop } = this.#options;
    let unsentBytes = unsent;
    for (let seen = 0; seen < sweptInATurn; seen += 1) {
      const next = rest.next();
      if (next.done === true) {
        if (unsentBytes > limits.totalBufferBytes) this.#shed(unsentBytes);
        return;
      }
      const connection = next.value;
      connection.sweep(now, lateMs);
      if (connection.isClosed()) continue;
      unsentBytes += connection.unsentBytes;
      for (const listener of this.#sweepListeners) listener(connection, now);
    }
    nextTurn(() => this.#sweepSome(rest, now, lateMs, unsentBytes));
  }

  /** Closes the slowest readers until what all others have unsent is bearable. */
  #shed(unsent: number): void {
    let unsentBytes = unsent;
    const slowest = [...this.#connections.values()].sort((a, b) => b.unsentBytes - a.unsentBytes);
    for (const connection of slowest) {
      if (unsentBytes <= this.#options.limits.totalBufferBytes) return;
      unsentBytes -= connection.unsentBytes;
      connection.closeAsSlow();
    }
  }
}
