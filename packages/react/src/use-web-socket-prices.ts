/** Prices from a URL in one line, without a provider: the hook that the seed's React code calls. */
import { PriceStreamError, type Connection, type PriceTick } from '@tickwire/client';
import { parseChannel } from '@tickwire/protocol';
import { useEffect, useMemo, useState, useSyncExternalStore } from 'react';
import { readInitialPrices, type InitialPrices } from './initial-prices.js';
import { keyedReader, type KeyedPrices } from './keyed-prices.js';
import type { PriceChannel } from './price-feed.js';
import { createSharedClients, type SharedStream, type Token } from './shared-client.js';
import { idleConnection } from './use-connection.js';

/** The metals that a hook without `metals` and `coins` asks for. */
export type DefaultMetal = 'gold' | 'silver' | 'platinum' | 'palladium';

/** Options of {@link useWebSocketPrices}; all are compared by value, so that inline literals are fine. */
export interface UseWebSocketPricesOptions<Metal extends string = DefaultMetal, Coin extends string = never> {
  /** @default the four metals, or none where `coins` are given */
  metals?: readonly Metal[] | undefined;
  /** @default none */
  coins?: readonly Coin[] | undefined;
  /** Sent in the first message, never in the URL. An inline function is asked anew, and opens no second socket. */
  token?: Token | undefined;
  /** `false` opens nothing and gives the initial prices. @default true */
  enabled?: boolean | undefined;
  /** Shown until the first live price. Read once. */
  initialPrices?: InitialPrices | undefined;
}

/** What {@link useWebSocketPrices} gives; the same object until one of its parts changes. */
export interface WebSocketPrices<Id extends string> {
  /** By id: `prices.gold?.price`. A metal goes before a coin of the same name. */
  prices: KeyedPrices<Id>;
  connected: boolean;
  /** Why the connection failed, or is being made again, or why the server refused one of the channels; `null` otherwise. */
  error: PriceStreamError | null;
  status: Connection['status'];
}

const fourMetals: readonly DefaultMetal[] = ['gold', 'silver', 'platinum', 'palladium'];
const sharedClients = createSharedClients();

function errorOf(connection: Connection): PriceStreamError | null {
  if (connection.status === 'failed') return connection.error;
  return connection.status === 'reconnecting' ? connection.cause : null;
}

/** Puts prices and connection together; the same object until one of them changes. */
function resultReader<Id extends string>(
  readPrices: () => KeyedPrices<Id>,
  readConnection: () => Connection,
  readRefusal: () => PriceStreamError | undefined = () => undefined,
): () => WebSocketPrices<Id> {
  let last: WebSocketPrices<Id> | undefined;
  return () => {
    const prices = readPrices();
    const connection = readConnection();
    const { status } = connection;
    const error = errorOf(connection) ?? readRefusal() ?? null;
    // A round trip that was measured anew is no reason to render.
    if (last?.prices !== prices || last.status !== status || last.error !== error) {
      last = { prices, connected: status === 'connected', error, status };
    }
    return last;
  };
}

/** A name that is none is a wrong option: shown as a connection that failed, and nothing is opened. */
function wrongName(channels: Iterable<PriceChannel>): Connection | undefined {
  for (const channel of channels) {
    if (parseChannel(channel) !== undefined) continue;
    const message = `${JSON.stringify(channel)} is no channel. Names are lower case, for example metals: ['gold'].`;
    return { status: 'failed', error: new PriceStreamError('CONFIGURATION', message) };
  }
  return undefined;
}

interface StoreInput<Id extends string> {
  key: string;
  url: string;
  token: Token | undefined;
  enabled: boolean;
  channels: ReadonlyMap<Id, PriceChannel>;
  initial: ReadonlyMap<PriceChannel, PriceTick>;
}

/** One hook's view of its shared client: made while rendering, it opens nothing before React subscribes. */
function createStore<Id extends string>({ key, url, token, enabled, channels, initial }: StoreInput<Id>) {
  const wrong = wrongName(channels.values());
  const open = enabled && wrong === undefined;
  const resting = wrong ?? idleConnection;
  const current = (): SharedStream | undefined => (open ? sharedClients.peek(key) : undefined);
  return {
    subscribe: (listener: () => void): (() => void) => {
      if (!open) return () => undefined;
      const lease = sharedClients.lease(key, url, token);
      const stopConnection = lease.connection.subscribe(listener);
      const stopPrices = lease.feed.subscribe(channels.values(), listener);
      return () => {
        stopPrices();
        stopConnection();
        lease.release();
      };
    },
    get: resultReader(
      keyedReader(channels, (channel) => current()?.feed.get(channel) ?? initial.get(channel)),
      () => current()?.connection.get() ?? resting,
      () => {
        const feed = current()?.feed;
        for (const channel of channels.values()) {
          const refused = feed?.refusal(channel);
          if (refused !== undefined) return refused;
        }
        return undefined;
      },
    ),
    getInitial: resultReader(
      keyedReader(channels, (channel) => initial.get(channel)),
      () => idleConnection,
    ),
  };
}

/**
 * A token that keeps its identity for the hook's lifetime where it is a function: an inline one is another function
 * at each render, and still the same wish.
 */
function useTokenIdentity(token: Token | undefined): Token | undefined {
  const [first, keep] = useState(() => token);
  if (typeof token !== 'function') return token;
  if (typeof first === 'function') return first;
  keep(() => token);
  return token;
}

/**
 * Live prices from a URL: connects while mounted, shares one socket with all hooks of the same URL and token, and lets
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
  const { metals, coins, token, enabled = true, initialPrices } = options;
  const [initial] = useState(() => readInitialPrices(initialPrices));
  const identity = useTokenIdentity(token);
  const key = sharedClients.keyOf(url, identity);
  const names = JSON.stringify([metals ?? (coins === undefined ? fourMetals : []), coins ?? []]);

  const store = useMemo(() => {
    const [metalIds, coinIds] = JSON.parse(names) as [Id[], Id[]];
    const channels = new Map<Id, PriceChannel>([
      ...coinIds.map((id): [Id, PriceChannel] => [id, `coin:${id}`]),
      ...metalIds.map((id): [Id, PriceChannel] => [id, `metal:${id}`]),
    ]);
    return createStore({ key, url, token: identity, enabled, channels, initial });
  }, [key, url, identity, enabled, names, initial]);

  const result = useSyncExternalStore(store.subscribe, store.get, store.getInitial);
  useEffect(() => {
    sharedClients.renewToken(key, token);
  }, [key, token]);
  return result;
}
