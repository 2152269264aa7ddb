/** The last price of each channel, and how fresh it is. It remembers and tells; it asks nobody for anything. */
import type { Clock } from '../io/clock.js';
import type { Quote } from './dialect.js';
import { Listeners } from './listeners.js';
import { Timers } from './timers.js';

/**
 * `fresh`: as recent as the server has it. `stale`: older than `staleAfterMs` and not confirmed. `unverified`: that old,
 * since it came or by its own time, from an older backend whose link answers but that cannot confirm a price; or younger,
 * while no link stands, or the new one has not confirmed it yet.
 */
export type Freshness = 'fresh' | 'stale' | 'unverified';

/** One price of one channel; immutable, the same object until it changes. */
export interface Tick<Channel extends string = string, Source = unknown> {
  readonly channel: Channel;
  /** The name of what is quoted: the coin's id, the metal's name. */
  readonly id: string;
  readonly price: number;
  readonly change?: number;
  /** In percent; of 24 hours for coins. */
  readonly changePercent?: number;
  readonly high?: number;
  readonly low?: number;
  readonly marketCap?: number;
  readonly volume24h?: number;
  readonly currency?: string;
  readonly unit?: string;
  /** The sender's time, ISO 8601; for people, order comes from `seq`. */
  readonly timestamp: string | undefined;
  /** Epoch milliseconds of its arrival here. */
  readonly receivedAt: number;
  readonly freshness: Freshness;
  /** The price that this client had before; missing for the first. */
  readonly previousPrice?: number;
  /** Against `previousPrice`; `same` for the first. */
  readonly direction: 'up' | 'down' | 'same';
  readonly seq?: number;
  /** The message as it came, for those who need every digit. */
  readonly source: Source;
}

/** `client.prices`: the last price of each channel. */
export interface PriceView<Channel extends string = string, Source = unknown> {
  /** The last tick of a channel; the same object until it changes. */
  get(channel: Channel): Tick<Channel, Source> | undefined;
  /** All last ticks by channel; the same map until one changes. */
  getAll(): ReadonlyMap<Channel, Tick<Channel, Source>>;
  /** Calls the listener after each change of that channel's tick; returns its undo. It does not subscribe on the wire. */
  subscribe(channel: Channel, listener: (tick: Tick<Channel, Source>) => void): () => void;
}

/** What can still vouch for an old price: heads do so one by one, a link alone only in general. */
export type Vouching = 'heads' | 'link' | 'nothing';

/** The freshness of a price of this age in ms, counted from its arrival or its last confirmation. */
export function freshnessAt(ageMs: number, staleAfterMs: number, vouching: Vouching): Freshness {
  if (ageMs <= staleAfterMs) return 'fresh';
  return vouching === 'link' ? 'unverified' : 'stale';
}

/** Prices that nobody follows any more, kept to be shown at once when they are asked for again. */
const mostUnfollowed = 1_000;

interface Entry {
  tick: Tick;
  /** Monotonic: when it arrived or was last confirmed. */
  vouchedAt: number;
  /** The sender itself calls it stale: no heartbeat makes it fresh. */
  old: boolean;
  /** How old it was by its own time when it arrived, in ms, where nobody vouches for old values; else 0. */
  lagMs: number;
  /** Whether the link that stands has brought or confirmed it. */
  confirmed: boolean;
}

/** The prices of one client, with one timer for the freshness of all of them. */
export class Prices {
  /** What can vouch for prices now. */
  vouching: Vouching = 'nothing';
  /** The server's clock minus ours in ms, as far as it is known. */
  clockOffsetMs = 0;
  readonly #clock: Clock;
  readonly #usualMs: number;
  readonly #told: Listeners<Record<string, unknown>>;
  readonly #entries = new Map<string, Entry>();
  /** Channels with a price that nobody follows, the oldest first. */
  readonly #unfollowed = new Set<string>();
  #staleAfterMs: ReadonlyMap<string, number> = new Map();
  readonly #listeners: Listeners<Record<string, Tick>>;
  readonly #timers: Timers<'freshness'>;
  #all: ReadonlyMap<string, Tick> | undefined;
  /** Without timers, whoever looks finds out how old a price is. */
  #rests = false;

  /** What users see of it. */
  readonly view: PriceView = {
    get: (channel) => {
      if (this.#rests) this.#look(channel);
      return this.#entries.get(channel)?.tick;
    },
    getAll: () => {
      if (this.#rests) for (const channel of this.#entries.keys()) this.#look(channel);
      return (this.#all ??= new Map([...this.#entries].map(([channel, entry]) => [channel, entry.tick])));
    },
    subscribe: (channel, listener) => this.#listeners.on(channel, listener),
  };

  /** @param usualMs how long prices stay fresh where nothing else is known */
  constructor(clock: Clock, usualMs: number, told: Listeners<Record<string, unknown>>) {
    this.#clock = clock;
    this.#usualMs = usualMs;
    this.#told = told;
    this.#timers = new Timers(clock);
    this.#listeners = new Listeners(told.failed);
  }

  /**
   * Takes a quote in for good and returns the tick that it becomes. One that nobody asked for is kept for whoever asks later;
   * nobody can say how long it holds.
   *
   * @param now monotonic ms
   * @param wallNow epoch ms
   */
  accept(quote: Quote, source: unknown, seq: number | undefined, now: number, wallNow: number, isWanted = true): Tick {
    const { channel } = quote;
    const known = this.#entries.get(channel);
    const before = known?.tick;
    // The quote becomes the tick: copying it would cost more than everything else that is done to a price.
    const tick = quote as { -readonly [Key in keyof Tick]: Tick[Key] };
    // A frame is partial: what a price is quoted in does not change because one frame leaves it out.
    if (quote.currency === undefined && before?.currency !== undefined) tick.currency = before.currency;
    if (quote.unit === undefined && before?.unit !== undefined) tick.unit = before.unit;
    tick.receivedAt = wallNow;
    const isLinked = this.vouching === 'link';
    const lagMs = isWanted && isLinked ? this.#lagOf(tick) : 0;
    const isDoubtful = isWanted ? lagMs > this.#lifetimeOf(channel) : isLinked;
    const old = quote.freshness === 'stale' || !isWanted;
    tick.freshness = isDoubtful && quote.freshness !== 'stale' ? 'unverified' : old ? 'stale' : 'fresh';
    tick.direction = 'same';
    if (before !== undefined) {
      tick.previousPrice = before.price;
      if (tick.price !== before.price) tick.direction = tick.price > before.price ? 'up' : 'down';
    }
    if (seq !== undefined && isWanted) tick.seq = seq;
    tick.source = source;
    if (known === undefined) this.#entries.set(channel, { tick, vouchedAt: now, old, lagMs, confirmed: isWanted });
    else {
      known.tick = tick;
      known.vouchedAt = now;
      known.old = old;
      known.lagMs = lagMs;
      known.confirmed = isWanted;
    }
    this.#unfollowed.delete(channel);
    this.#all = undefined;
    if (!isWanted) this.#forget(channel);
    else {
      this.#rests = false;
      if (!this.#timers.isRunning('freshness')) this.#watch(this.#lifetimeOf(channel) - lagMs);
    }
    this.#listeners.emit(channel, tick);
    if (isWanted && tick.freshness !== 'fresh' && before?.freshness !== tick.freshness) this.#aged(tick, lagMs);
    return tick;
  }

  /** The server says that its head of the channel is this: a price that is the head is as fresh as it gets. */
  confirmHead(channel: string, head: number): void {
    const entry = this.#entries.get(channel);
    if (entry?.tick.seq !== head) return;
    entry.vouchedAt = this.#clock.monotonic();
    entry.confirmed = true;
    if (entry.tick.freshness !== 'fresh' && !entry.old) this.#replace(channel, entry, 'fresh');
    if (!this.#timers.isRunning('freshness')) this.#watch(this.#lifetimeOf(channel));
  }

  /** How long the prices of each channel stay fresh, as the server's catalog says; others keep the default. */
  setLifetimes(staleAfterMs: ReadonlyMap<string, number>): void {
    this.#staleAfterMs = staleAfterMs;
    this.refresh();
  }

  /** Nobody follows the channel any more: its price is kept, and called what it is. */
  unfollow(channel: string): void {
    const entry = this.#entries.get(channel);
    if (entry === undefined) return;
    if (entry.tick.freshness !== 'stale') this.#replace(channel, entry, 'stale');
    this.#forget(channel);
  }

  /** Looks at every price again: when the timer fires, and when what can vouch for them has changed. */
  refresh(): void {
    this.#rests = false;
    const vouching = this.vouching;
    let soonestMs = Infinity;
    for (const [channel, entry] of [...this.#entries]) {
      if (this.#unfollowed.has(channel)) {
        if (vouching === 'nothing' && entry.tick.freshness !== 'stale') this.#replace(channel, entry, 'stale');
        continue;
      }
      // A link that is gone vouches for nothing, and neither does the next one before it has.
      if (vouching === 'nothing') entry.confirmed = false;
      const { ageMs, leftMs, freshness } = this.#ageOf(channel, entry, vouching);
      if (leftMs >= 0) soonestMs = Math.min(soonestMs, leftMs);
      if (freshness === entry.tick.freshness || freshness === 'fresh') continue;
      // What was left behind by a lost link stays stale until a price comes.
      if (entry.tick.freshness === 'stale' && freshness === 'unverified') continue;
      const tick = this.#replace(channel, entry, freshness);
      // That the link is gone, the connection says.
      if (leftMs < 0) this.#aged(tick, ageMs);
    }
    this.#watch(soonestMs);
  }

  /** The client is closed: nobody vouches for anything any more, and no timer runs. */
  rest(): void {
    this.refresh();
    this.#timers.stopAll();
    this.#rests = true;
  }

  /** How old a price was when it arrived, by its own time and the server's clock; 0 where that says nothing. */
  #lagOf({ timestamp, receivedAt }: Tick): number {
    const at = timestamp === undefined ? NaN : Date.parse(timestamp);
    return Math.max(0, receivedAt + this.clockOffsetMs - at) || 0;
  }

  #ageOf(
    channel: string,
    { vouchedAt, lagMs, confirmed }: Entry,
    vouching: Vouching,
  ): { ageMs: number; leftMs: number; freshness: Tick['freshness'] } {
    const ageMs = this.#clock.monotonic() - vouchedAt + lagMs;
    const lifetimeMs = this.#lifetimeOf(channel);
    const freshness = freshnessAt(ageMs, lifetimeMs, vouching);
    const isOpen = freshness === 'fresh' && !confirmed;
    return { ageMs, leftMs: lifetimeMs - ageMs, freshness: isOpen ? 'unverified' : freshness };
  }

  /** Looks at one price of a client that rests; nobody is told, for it is found out by asking. */
  #look(channel: string): void {
    const entry = this.#entries.get(channel);
    if (entry?.tick.freshness !== 'unverified' || this.#ageOf(channel, entry, 'nothing').freshness !== 'stale') return;
    entry.tick = { ...entry.tick, freshness: 'stale' };
    this.#all = undefined;
  }

  #lifetimeOf(channel: string): number {
    return this.#staleAfterMs.get(channel) ?? this.#usualMs;
  }

  #watch(delayMs: number): void {
    // One beyond the limit: at the limit a price is still fresh.
    const nextMs = Math.ceil(Math.max(0, delayMs)) + 1;
    if (nextMs < Infinity) this.#timers.start('freshness', nextMs, () => this.refresh());
  }

  #replace(channel: string, entry: Entry, freshness: Tick['freshness']): Tick {
    entry.tick = { ...entry.tick, freshness };
    this.#all = undefined;
    this.#listeners.emit(channel, entry.tick);
    return entry.tick;
  }

  #aged({ channel, freshness }: Tick, ageMs: number): void {
    this.#told.emit('stale', { channel, freshness, ageMs });
  }

  /** Nobody follows it; of those the oldest are forgotten. */
  #forget(channel: string): void {
    this.#unfollowed.add(channel);
    for (const oldest of this.#unfollowed) {
      if (this.#unfollowed.size <= mostUnfollowed) return;
      this.#unfollowed.delete(oldest);
      this.#entries.delete(oldest);
    }
  }
}
