/**
 * The store that components read: one subscription per channel while somebody looks, and all that is shown as it was at
 * one moment. A new moment begins when its schedule and React are ready for it; the store itself knows nothing of React.
 */
import type { Connection, PriceStreamError, PriceTick } from '@tickwire/client';
import type { FeedClient } from './feed-client.js';
import { flushSchedule, type Flush, type Schedule } from './flush.js';
import { createGathering } from './gathering.js';
import { initialTickAt, noInitialTicks, whenStale, type InitialTicks } from './initial-prices.js';
import { wrongChannel } from './price-channel.js';
import { sayOnce } from './said.js';
import { createShowing, type Shown } from './showing.js';
import { createSubscriptions, type Subscriptions } from './subscriptions.js';

/** What is known of one channel's price; the same object until a part of it changes. */
export interface PriceState<Tick = PriceTick> {
  /** The last price. */
  readonly tick: Tick | undefined;
  /** Why none comes: the server refuses the channel, or it is none; `null` otherwise. */
  readonly error: PriceStreamError | null;
  /** Whether the first price is still waited for. */
  readonly pending: boolean;
}

/** No channel is selected. */
export const noPrice: PriceState = { tick: undefined, error: null, pending: false };

/** Prices to look at, and to be told of; what it gives stays the same object until the next moment. */
export interface PriceFeed {
  get(channel: string): PriceState;
  /** What a server renders: the initial prices alone. */
  getInitial(channel: string): PriceState;
  connection(): Connection;
  /**
   * Subscribes to the channels while listened to; the listener is called at most once a moment. Never throws: what is
   * refused holds nothing and says why in its state. Returns its undo.
   *
   * @param tells whether the listener shows errors; of those that nobody shows, the console tells
   */
  subscribe(channels: Iterable<string>, listener: () => void, tells?: boolean): () => void;
  /** Calls the listener when the connection is shown anew; subscribes to nothing. */
  follow(listener: () => void): () => void;
  /** While guarded, a new moment waits until `ask` was answered with `reached`. Returns the undo. */
  guard(ask: () => void): () => void;
  /** React has come to what was asked for. */
  reached(): void;
}

/** A feed that shows more than prices: all of it follows the same moments. */
export interface StreamFeed extends PriceFeed {
  /** Subscribes for what is no price; as `open` of {@link Subscriptions}. */
  readonly open: Subscriptions['open'];
  /** Something else has changed: it is shown with the next moment. */
  readonly touch: (shown: Shown) => void;
  /** Nobody looks at it any more. */
  readonly forget: (shown: Shown) => void;
}

/** How a feed shows. */
export interface FeedOptions {
  readonly flush: Flush;
  readonly initial?: InitialTicks;
  /** Listeners ask React for the next moment themselves, and `reached` is called while it renders. @default false */
  readonly inRender?: boolean;
  readonly now?: () => number;
  /** @default the schedules of `flush.ts` */
  readonly scheduleOf?: (flush: Flush) => Schedule;
}

interface Watched extends Shown {
  readonly channel: string;
  shown: PriceState;
  error: PriceStreamError | null;
  /** Listeners that show errors. */
  tellers: number;
  stop: () => void;
}

/** What was looked at without being subscribed to is looked at anew after this time. */
const glimpseMs = 5_000;
const ignore = (): void => undefined;
const waiting: PriceState = { tick: undefined, error: null, pending: true };

/** Makes a feed. It does nothing until its first listener, and holds nothing after its last. */
export function createPriceFeed(client: FeedClient, options: FeedOptions): StreamFeed {
  const { flush, initial = noInitialTicks, inRender = false, scheduleOf = flushSchedule } = options;
  const { now = () => new Date().getTime() } = options;
  const subscriptions = createSubscriptions(client);
  const watched = new Map<string, Watched>();
  const glimpses = new Map<string, PriceState>();
  const initialStates = new Map<string, PriceState>();
  let glimpsedAt = 0;
  let stopAging = ignore;
  let unfollow = ignore;
  let holders = 0;
  let status: Connection['status'] | undefined;

  const showing = createShowing(inRender, () => glimpses.clear());
  const later = createGathering(scheduleOf(flush), () => showing.show('all'), 'later');
  // A first value is not to wait for seconds; those that come together are gathered for a frame all the same.
  const soon =
    typeof flush === 'number' ? createGathering(scheduleOf('frame'), () => showing.show('urgent'), 'now') : later;

  function changed(entry: Shown, urgent: boolean): void {
    // What nobody is shown yet is no part of the moment.
    if (entry.listeners.size === 0) {
      entry.refresh();
      return;
    }
    showing.mark(entry, urgent);
    (urgent ? soon : later).request();
  }

  const link: Shown & { shown: Connection | undefined } = {
    listeners: new Set(),
    shown: undefined,
    refresh: () => {
      const before = link.shown;
      link.shown = client.connection.get();
      return before !== link.shown;
    },
  };

  function tickOf(channel: string): PriceTick | undefined {
    return client.prices.get(channel) ?? initialTickAt(initial.get(channel), now());
  }

  /** The state of now, or the one before where it is the same. */
  function stateOf(channel: string, before: PriceState | undefined, error: PriceStreamError | null): PriceState {
    const tick = tickOf(channel);
    const pending = tick === undefined && error === null;
    if (before?.tick === tick && before?.error === error && before.pending === pending) return before;
    return { tick, error, pending };
  }

  /** Initial prices age too, while no live one has come. */
  function age(): void {
    for (const [channel, { staleAt, unverified }] of initial) {
      const entry = watched.get(channel);
      if (staleAt <= now() && entry?.shown.tick === unverified) changed(entry, false);
    }
  }

  function connectionChanged(connection: Connection): void {
    const before = status;
    ({ status } = connection);
    changed(link, true);
    if (before === 'connected' && status !== 'connected') subscriptions.askAnew();
  }

  function fail(entry: Watched, error: PriceStreamError | null): void {
    if (watched.get(entry.channel) !== entry || entry.error === error) return;
    entry.error = error;
    changed(entry, true);
    if (error !== null && entry.tellers === 0) sayOnce(`usePrice('${entry.channel}'): ${error.message}`);
  }

  function open(entry: Watched): void {
    const { channel } = entry;
    const wrong = client.alerts && wrongChannel(channel);
    if (wrong !== undefined) {
      fail(entry, wrong);
      return;
    }
    const close = subscriptions.open(channel, ignore, undefined, (error) => fail(entry, error));
    if (entry.error !== null) return;
    const unlisten = client.prices.subscribe(channel, () => {
      // Who sends a price serves the channel.
      entry.error = null;
      changed(entry, entry.shown.tick === undefined || entry.shown.error !== null);
    });
    entry.stop = () => {
      unlisten();
      close();
    };
  }

  function watch(channel: string, tells: boolean): Watched {
    const entry: Watched = {
      channel,
      listeners: new Set(),
      shown: glimpses.get(channel) ?? stateOf(channel, undefined, null),
      error: null,
      tellers: tells ? 1 : 0,
      stop: ignore,
      refresh: () => {
        const before = entry.shown;
        entry.shown = stateOf(channel, before, entry.error);
        return before !== entry.shown;
      },
    };
    watched.set(channel, entry);
    glimpses.delete(channel);
    open(entry);
    entry.refresh();
    return entry;
  }

  function hold(): void {
    holders += 1;
    if (holders > 1) return;
    link.refresh();
    status = link.shown?.status;
    unfollow = client.connection.subscribe(connectionChanged);
    age();
    stopAging = whenStale(initial, now, age);
  }

  function release(): void {
    holders -= 1;
    if (holders > 0) return;
    unfollow();
    later.stop();
    soon.stop();
    stopAging();
    link.shown = undefined;
  }

  function leave(entry: Watched, listener: () => void, tells: boolean): void {
    if (!entry.listeners.delete(listener)) return;
    if (tells) entry.tellers -= 1;
    if (entry.listeners.size > 0) return;
    watched.delete(entry.channel);
    showing.forget(entry);
    entry.stop();
  }

  return {
    get: (channel) => {
      const entry = watched.get(channel);
      if (entry !== undefined) return entry.shown;
      const at = now();
      const known = glimpses.get(channel);
      // A transition that is rendered in slices sees one price from its begin to its end.
      if (known !== undefined && showing.isGuarded && at - glimpsedAt < glimpseMs) return known;
      if (glimpses.size === 0 || at - glimpsedAt >= glimpseMs) {
        glimpses.clear();
        glimpsedAt = at;
      }
      const state = stateOf(channel, known, null);
      glimpses.set(channel, state);
      return state;
    },
    getInitial: (channel) => {
      const tick = initial.get(channel)?.unverified;
      if (tick === undefined) return waiting;
      const state = initialStates.get(channel) ?? { tick, error: null, pending: false };
      initialStates.set(channel, state);
      return state;
    },
    connection: () => link.shown ?? client.connection.get(),
    subscribe: (channels, listener, tells = false) => {
      // Each call counts for itself, even with a listener that is there already.
      const own = (): void => listener();
      hold();
      const entries = [...new Set(channels)].map((channel) => {
        const known = watched.get(channel);
        const entry = known ?? watch(channel, tells);
        if (known !== undefined && tells) known.tellers += 1;
        entry.listeners.add(own);
        return entry;
      });
      let held = true;
      return () => {
        if (!held) return;
        held = false;
        for (const entry of entries) leave(entry, own, tells);
        release();
      };
    },
    follow: (listener) => {
      const own = (): void => listener();
      hold();
      link.listeners.add(own);
      return () => {
        if (link.listeners.delete(own)) release();
      };
    },
    open: (channel, take, options, told) => {
      hold();
      const close = subscriptions.open(channel, take, options, told);
      let held = true;
      return () => {
        if (!held) return;
        held = false;
        close();
        release();
      };
    },
    touch: (shown) => changed(shown, true),
    forget: (shown) => showing.forget(shown),
    guard: (asked) => showing.guard(asked),
    reached: () => showing.reached(),
  };
}
