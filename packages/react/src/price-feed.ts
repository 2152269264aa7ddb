/**
 * The store that components read: one subscription per channel while somebody looks, and the prices as they were last
 * shown. It gathers changes until its schedule says so; it knows nothing of React.
 */
import type { PriceStreamError, PriceTick, PriceWebSocketClient } from '@tickwire/client';
import type { Channel } from '@tickwire/protocol';
import type { Schedule } from './flush.js';

/** A channel that carries prices: `coin:<id>` or `metal:<name>`. */
export type PriceChannel = Extract<Channel, `coin:${string}` | `metal:${string}`>;

/** Prices to look at, and to be told of; `get` gives the same object until a flush brings another. */
export interface PriceFeed {
  get(channel: PriceChannel): PriceTick | undefined;
  /** Why the server does not serve a channel that is listened to; `undefined` while it does, or has not answered. */
  refusal(channel: PriceChannel): PriceStreamError | undefined;
  /** Subscribes to the channels while listened to; the listener is called at most once a flush. Returns its undo. */
  subscribe(channels: Iterable<PriceChannel>, listener: () => void): () => void;
}

/** What a feed needs of a client. */
export type FeedClient = Pick<PriceWebSocketClient, 'subscribe' | 'prices' | 'connection'>;

interface Watched {
  channel: PriceChannel;
  listeners: Set<() => void>;
  shown: PriceTick | undefined;
  refused: PriceStreamError | undefined;
  /** Asks whether the server serves the channel. */
  ask: () => void;
  stop: () => void;
}

const ignore = (): void => undefined;

/** Makes a feed. It does nothing until its first listener, and holds nothing after its last. */
export function createPriceFeed(client: FeedClient, schedule: Schedule): PriceFeed {
  const watched = new Map<PriceChannel, Watched>();
  const changed = new Set<Watched>();
  let waiting = false;
  let cancel = ignore;
  let unfollow = ignore;

  function flush(): void {
    waiting = false;
    const listeners = new Map<() => void, Watched>();
    for (const entry of changed) {
      const tick = client.prices.get(entry.channel);
      if (tick === entry.shown) continue;
      entry.shown = tick;
      for (const listener of entry.listeners) listeners.set(listener, entry);
    }
    changed.clear();
    for (const [listener, entry] of listeners) {
      // A listener before this one may have taken it away: nothing is delivered after that.
      if (entry.listeners.has(listener)) listener();
    }
  }

  function mark(entry: Watched): void {
    changed.add(entry);
    if (waiting) return;
    waiting = true;
    cancel = schedule(flush);
  }

  /** Each connection answers anew. */
  function followConnection(): () => void {
    let { status } = client.connection.get();
    return client.connection.subscribe((connection) => {
      const before = status;
      ({ status } = connection);
      if (before === 'connected' && status !== 'connected') for (const entry of watched.values()) entry.ask();
    });
  }

  /** @throws what the client throws of a channel that is none; nothing is left behind then. */
  function watch(channel: PriceChannel): Watched {
    const subscription = client.subscribe(channel, ignore);
    const unlisten = client.prices.subscribe(channel, () => mark(entry));
    let round = 0;
    const ask = (): void => {
      round += 1;
      const asked = round;
      const answered = (refused?: PriceStreamError): void => {
        if (watched.get(channel) !== entry || asked !== round || entry.refused === refused) return;
        entry.refused = refused;
        for (const listener of [...entry.listeners]) listener();
      };
      subscription.ready().then(() => answered(), answered);
    };
    const entry: Watched = {
      channel,
      listeners: new Set(),
      shown: client.prices.get(channel),
      refused: undefined,
      ask,
      stop: () => {
        unlisten();
        subscription.unsubscribe();
      },
    };
    if (watched.size === 0) unfollow = followConnection();
    watched.set(channel, entry);
    ask();
    return entry;
  }

  function leave(entry: Watched, listener: () => void): void {
    if (!entry.listeners.delete(listener) || entry.listeners.size > 0) return;
    watched.delete(entry.channel);
    if (watched.size === 0) unfollow();
    changed.delete(entry);
    entry.stop();
    if (changed.size === 0) {
      cancel();
      waiting = false;
    }
  }

  return {
    get: (channel) => {
      const entry = watched.get(channel);
      return entry === undefined ? client.prices.get(channel) : entry.shown;
    },
    refusal: (channel) => watched.get(channel)?.refused,
    subscribe: (channels, listener) => {
      // Each call counts for itself, even with a listener that is there already.
      const own = (): void => listener();
      const entries: Watched[] = [];
      const stop = (): void => {
        for (const entry of entries) leave(entry, own);
      };
      try {
        for (const channel of new Set(channels)) {
          const entry = watched.get(channel) ?? watch(channel);
          entry.listeners.add(own);
          entries.push(entry);
        }
      } catch (error) {
        stop();
        throw error;
      }
      return stop;
    },
  };
}
