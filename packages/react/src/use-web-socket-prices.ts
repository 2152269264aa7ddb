/** Prices from a URL in one line, without a provider: the hook that the seed's React code calls. */
import type { Connection } from '@tickwire/client';
import { PriceStreamError } from '@tickwire/client/core';
import { parseChannel } from '@tickwire/protocol/rules';
import { useEffect, useMemo, useReducer, useState, useSyncExternalStore } from 'react';
import {
  initialTickAt,
  noInitialTicks,
  readInitialPrices,
  whenStale,
  type InitialPrices,
  type InitialTicks,
} from './initial-prices.js';
import { keyedReader, type KeyedPrices } from './keyed-prices.js';
import type { PriceChannel } from './price-channel.js';
import type { PriceFeed } from './price-feed.js';
import { createSeat, type Place, type Seat } from './seat.js';
import { pageClients } from './shared-client.js';
import type { Token } from './shared-entry.js';
import { idleConnection } from './use-connection.js';

/** The metals that a hook without `metals` and `coins` asks for. */
export type DefaultMetal = 'gold' | 'silver' | 'platinum' | 'palladium';

/** Options of {@link useWebSocketPrices}; all are compared by value, so that inline literals are fine. */
export interface UseWebSocketPricesOptions<Metal extends string = DefaultMetal, Coin extends string = never> {
  /** An empty list asks for none. @default the four metals, or none where `coins` are given */
  metals?: readonly Metal[] | null | undefined;
  /** @default none */
  coins?: readonly Coin[] | null | undefined;
  /**
   * Sent in the first message, never in the URL. Hooks whose credentials are of the same user share a socket; another
   * text authenticates the living connection anew. A function is asked each time a credential is needed; an inline one
   * is asked once more for each component that mounts, to learn whose it is.
   */
  token?: Token | null | undefined;
  /** Whose prices these are, in your own words (a user's id): hooks with the same text share a socket, whatever their tokens. */
  session?: string | null | undefined;
  /** `false` opens nothing and gives the prices from before, as stale ones. @default true */
  enabled?: boolean | undefined;
  /** Shown until the first live price, never as fresh. Read once, for the first URL. */
  initialPrices?: InitialPrices | null | undefined;
}

/** What {@link useWebSocketPrices} gives; the same object until one of its parts changes. */
export interface WebSocketPrices<Id extends string> {
  /** By id: `prices.gold?.price`. A metal goes before a coin of the same name. */
  prices: KeyedPrices<Id>;
  connected: boolean;
  /** Why the connection failed, or is being made again, or why one of the channels is refused; `null` otherwise. */
  error: PriceStreamError | null;
  status: Connection['status'];
  /** Nothing is asked for (an empty watchlist): `prices` stays empty, and nothing is opened. */
  empty: boolean;
  /** Connects at once where the connection has failed or waits for its next attempt; a token function is asked anew. */
  retry: () => void;
}

const fourMetals: readonly DefaultMetal[] = ['gold', 'silver', 'platinum', 'palladium'];

function errorOf(connection: Connection): PriceStreamError | null {
  if (connection.status === 'failed') return connection.error;
  return connection.status === 'reconnecting' ? connection.cause : null;
}

/** What one call of the hook asks for. */
interface Asked<Id extends string> {
  place: Place;
  enabled: boolean;
  channels: ReadonlyMap<Id, PriceChannel>;
  initial: InitialTicks;
}

/** Why nothing is opened: none of the names is one. A wrong name beside good ones is its own error alone. */
function refusalOf({ channels }: Asked<string>): Connection | undefined {
  const [first] = channels.values();
  if (first === undefined || [...channels.values()].some((channel) => parseChannel(channel) !== undefined))
    return undefined;
  const message = `'${first.slice(0, 80)}' is no channel: names are lower case. Write for example 'coin:bitcoin'.`;
  return { status: 'failed', error: new PriceStreamError('CONFIGURATION', message) };
}

/** One hook's view of its seat: made while rendering, it opens nothing before React subscribes. */
function createStore<Id extends string>(seat: Seat, asked: Asked<Id>, renew: (feed: PriceFeed) => void) {
  const { place, enabled, channels, initial } = asked;
  const empty = channels.size === 0;
  const resting = refusalOf(asked) ?? idleConnection;
  const open = enabled && !empty && resting === idleConnection;
  const now = () => new Date().getTime();
  const initialTick = (channel: string) => initialTickAt(initial.get(channel), now());

  function reader(
    readPrices: () => KeyedPrices<Id>,
    readConnection: () => Connection,
    readError: (channel: string) => PriceStreamError | null,
  ): () => WebSocketPrices<Id> {
    let last: WebSocketPrices<Id> | undefined;
    return () => {
      const prices = readPrices();
      const connection = readConnection();
      const { status } = connection;
      const refused = (): PriceStreamError | undefined =>
        [...channels.values()].map(readError).find((each) => each !== null) ?? undefined;
      const error = errorOf(connection) ?? refused() ?? null;
      // A round trip that was measured anew is no reason to render.
      if (last?.prices !== prices || last.status !== status || last.error !== error) {
        last = { prices, connected: status === 'connected', error, status, empty, retry: seat.retry };
      }
      return last;
    };
  }

  return {
    subscribe: (listener: () => void): (() => void) => {
      // Initial prices age too, while no live one has come.
      const stopAging = whenStale(initial, now, listener);
      const leave = open ? seat.sit(place, { renew, moved: listener }) : undefined;
      return () => {
        stopAging();
        leave?.();
      };
    },
    get: reader(
      keyedReader(channels, (channel) => seat.tick(channel, open) ?? initialTick(channel)),
      () => (open ? seat.connection() : resting),
      (channel) => (open ? seat.error(channel) : null),
    ),
    getInitial: reader(
      keyedReader(channels, (channel) => initial.get(channel)?.unverified),
      () => idleConnection,
      () => null,
    ),
  };
}

/** A render that was asked for: what the feed has gathered becomes what is shown, for all hooks of this pass. */
function renewed(count: number, feed: PriceFeed): number {
  feed.reached();
  return count + 1;
}

/**
 * Live prices from a URL: connects while mounted, shares one socket with all hooks of the same URL and user, and lets
 * it go a linger after the last of them.
 *
 * @param url `ws://` or `wss://`; a wrong one is `status: 'failed'` with its error
 * @example const { prices, connected } = useWebSocketPrices('ws://localhost:3001/ws'); prices.gold?.price
 */
export function useWebSocketPrices<const Metal extends string = DefaultMetal, const Coin extends string = never>(
  url: string,
  options: UseWebSocketPricesOptions<Metal, Coin> = {},
): WebSocketPrices<Metal | Coin> {
  type Id = Metal | Coin;
  const { metals, coins, token, session, enabled = true, initialPrices } = options;
  const [first] = useState(() => ({ url, initial: readInitialPrices(initialPrices) }));
  const [seat] = useState(() => createSeat(pageClients));
  const [, renew] = useReducer(renewed, 0);
  const initial = first.url === url ? first.initial : noInitialTicks;
  const names = JSON.stringify([metals ?? ((coins ?? undefined) === undefined ? fourMetals : []), coins ?? []]);

  const store = useMemo(() => {
    const [metalIds, coinIds] = JSON.parse(names) as [Id[], Id[]];
    const channels = new Map<Id, PriceChannel>([
      ...coinIds.map((id): [Id, PriceChannel] => [id, `coin:${id}`]),
      ...metalIds.map((id): [Id, PriceChannel] => [id, `metal:${id}`]),
    ]);
    const place = { url, session, channels: [...channels.values()] };
    return createStore(seat, { place, enabled, channels, initial }, renew);
  }, [seat, url, session, enabled, names, initial]);

  // Before the store is subscribed to, and after each render: an inline function is another one each time.
  useEffect(() => seat.offer(token));
  return useSyncExternalStore(store.subscribe, store.get, store.getInitial);
}
