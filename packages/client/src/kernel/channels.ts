/** Who wants which channel. A channel lingers for a moment after its last holder let go, so that a remount costs nothing. */
import type { Clock } from '../io/clock.js';
import type { Condition, Desired } from './dialect.js';
import type { PriceStreamError } from './errors.js';
import { Timers } from './timers.js';

/** What a holder asks of its channels. */
export interface HolderOptions {
  readonly minIntervalMs?: number | undefined;
  readonly filter?: readonly Condition[] | undefined;
}

/** One who holds channels: a handle. */
export interface Holder {
  readonly channels: readonly string[];
  readonly options: HolderOptions;
  /** A value of one of the channels. @param isEvent each one counts */
  accept(channel: string, isEvent: boolean, payload: unknown): void;
  /** The user closes the stream: a loop reads nothing more. */
  drop(): void;
  /** The stream is closed or has failed. */
  over(error: PriceStreamError | undefined): void;
}

const nobody: ReadonlySet<Holder> = new Set();

/** All channels of one stream, with those who hold them. */
export class Channels {
  /** Channels whose standing may be another since it was looked at; `undefined` for all. */
  changed: Set<string> | undefined = new Set();
  readonly #clock: Clock;
  readonly #lingerMs: number;
  readonly #released: (channels: readonly string[]) => void;
  readonly #holders = new Map<string, Set<Holder>>();
  /** Until when (monotonic) the channels linger that nobody holds, the first to go first. */
  readonly #lingering = new Map<string, number>();
  readonly #timers: Timers<'linger'>;

  /** @param released called with channels that are let go for good */
  constructor(clock: Clock, lingerMs: number, released: (channels: readonly string[]) => void) {
    this.#clock = clock;
    this.#lingerMs = lingerMs;
    this.#released = released;
    this.#timers = new Timers(clock);
  }

  /** All that are wanted, held or lingering. */
  [Symbol.iterator](): Iterator<string> {
    return this.#holders.keys();
  }

  /** How many are held. */
  get held(): number {
    return this.#holders.size - this.#lingering.size;
  }

  isWanted(channel: string): boolean {
    return this.#holders.has(channel);
  }

  isHeld(channel: string): boolean {
    return this.handles(channel) > 0;
  }

  handles(channel: string): number {
    return this.#holders.get(channel)?.size ?? 0;
  }

  /** What all holders want of a channel: the smallest interval, a filter only if all agree. */
  desired(channel: string): Desired | undefined {
    const holders = this.#holders.get(channel);
    if (holders === undefined) return undefined;
    let minIntervalMs = Infinity;
    let filter: HolderOptions['filter'];
    let text: string | undefined;
    for (const { options } of holders) {
      minIntervalMs = Math.min(minIntervalMs, options.minIntervalMs ?? 0);
      const own = options.filter === undefined ? '' : JSON.stringify(options.filter);
      filter = text === undefined || text === own ? options.filter : undefined;
      text = text === undefined || text === own ? own : '';
    }
    return {
      held: holders.size > 0,
      ...(minIntervalMs > 0 && minIntervalMs < Infinity ? { minIntervalMs } : {}),
      ...(filter === undefined ? {} : { filter }),
    };
  }

  /** Somebody wants channels. @returns those that nobody held before */
  hold(holder: Holder): readonly string[] {
    const unheld: string[] = [];
    for (const channel of holder.channels) {
      const holders = this.#holders.get(channel) ?? new Set();
      if (holders.size === 0) unheld.push(channel);
      this.#lingering.delete(channel);
      this.#holders.set(channel, holders.add(holder));
    }
    return unheld;
  }

  /** A holder lets go, once; what nobody holds lingers, or goes at once without a linger. */
  letGo(holder: Holder, lingers: boolean): void {
    const released: string[] = [];
    for (const channel of holder.channels) {
      const holders = this.#holders.get(channel);
      if (holders?.delete(holder) !== true || holders.size > 0) continue;
      this.#lingering.set(channel, this.#clock.monotonic() + this.#lingerMs);
      if (!lingers || this.#lingerMs === 0) released.push(channel);
    }
    this.#release(released);
    if (this.#lingering.size > 0 && !this.#timers.isRunning('linger')) this.#linger();
  }

  /** Hands a value to all who hold the channel. */
  deliver(channel: string, isEvent: boolean, payload: unknown): void {
    const holders = this.#holders.get(channel) ?? nobody;
    if (holders.size === 1) for (const holder of holders) holder.accept(channel, isEvent, payload);
    // A listener may add and remove holders.
    else for (const holder of [...holders]) holder.accept(channel, isEvent, payload);
  }

  /** Each holder of these channels, once. */
  holding(channels: Iterable<string>): Set<Holder> {
    const all = new Set<Holder>();
    for (const channel of channels) for (const holder of this.#holders.get(channel) ?? nobody) all.add(holder);
    return all;
  }

  /** The user closes the stream. */
  drop(): void {
    for (const holder of this.holding(this.#holders.keys())) holder.drop();
  }

  /** The stream is closed or has failed: nothing lingers, no timer runs. */
  over(error: PriceStreamError | undefined): void {
    this.#timers.stopAll();
    this.#release([...this.#lingering.keys()]);
    for (const holder of this.holding(this.#holders.keys())) holder.over(error);
  }

  #linger(): void {
    for (const until of this.#lingering.values()) {
      this.#timers.start('linger', until - this.#clock.monotonic(), () => {
        const now = this.#clock.monotonic();
        this.#release([...this.#lingering].filter(([, at]) => at <= now).map(([channel]) => channel));
        this.#linger();
      });
      return;
    }
  }

  #release(channels: readonly string[]): void {
    for (const channel of channels) {
      this.#lingering.delete(channel);
      this.#holders.delete(channel);
    }
    if (channels.length > 0) this.#released(channels);
  }
}
