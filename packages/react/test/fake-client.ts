/** A client without a connection: prices are set by hand, and what was subscribed is written down. */
import type { Connection, PriceTick, PriceWebSocketClient } from '@tickwire/client';
import { parseChannel } from '@tickwire/protocol';
import type { PriceChannel } from '../src/price-channel.js';

export function tickOf(channel: PriceChannel, price: number, rest: Partial<PriceTick> = {}): PriceTick {
  const id = channel.slice(channel.indexOf(':') + 1);
  return {
    channel,
    id,
    price,
    timestamp: undefined,
    receivedAt: 1,
    freshness: 'fresh',
    direction: 'same',
    source: { type: 'price_update', data: { coinId: id, price } },
    ...rest,
  };
}

export interface FakeClient {
  client: PriceWebSocketClient;
  /** `+coin:bitcoin` for each subscribe, `-coin:bitcoin` for each unsubscribe, `close`. */
  log: string[];
  set(channel: PriceChannel, price: number, rest?: Partial<PriceTick>): void;
  /** Refuses a channel to those who wait for it. */
  refuse(channel: PriceChannel, error: Error): void;
  /** Tells the listeners of a channel without another price. */
  touch(channel: PriceChannel): void;
  connect(connection: Connection): void;
  /** Listeners of prices and of the connection that have not been taken away. */
  listenerCount(): number;
}

export function fakeClient(): FakeClient {
  const log: string[] = [];
  const waiting: { channel: string; reject: (error: Error) => void }[] = [];
  const ticks = new Map<string, PriceTick>();
  const priceListeners = new Map<string, Set<() => void>>();
  const connectionListeners = new Set<(connection: Connection) => void>();
  let connection: Connection = { status: 'idle' };
  const listen = <Value>(listeners: Set<(value: Value) => void>, listener: (value: Value) => void): (() => void) => {
    // A wrapper each, as a listener may be there twice.
    const own = (value: Value): void => listener(value);
    listeners.add(own);
    return () => void listeners.delete(own);
  };
  const client = {
    subscribe: (channel: string) => {
      if (parseChannel(channel) === undefined) throw new RangeError('no channel');
      log.push(`+${channel}`);
      return {
        unsubscribe: () => log.push(`-${channel}`),
        ready: () => new Promise((_, reject) => waiting.push({ channel, reject })),
      };
    },
    prices: {
      get: (channel: string) => ticks.get(channel),
      subscribe: (channel: string, listener: () => void) => {
        const listeners = priceListeners.get(channel) ?? new Set();
        priceListeners.set(channel, listeners);
        return listen(listeners, listener);
      },
    },
    connection: {
      get: () => connection,
      subscribe: (listener: (connection: Connection) => void) => listen(connectionListeners, listener),
    },
    connect: () => {
      log.push('connect');
      return Promise.resolve();
    },
    authenticate: (credential: unknown) => {
      log.push(`authenticate ${JSON.stringify(credential)}`);
      return Promise.resolve();
    },
    close: () => {
      log.push('close');
      return Promise.resolve();
    },
  };
  const touch = (channel: PriceChannel): void => {
    for (const listener of [...(priceListeners.get(channel) ?? [])]) listener();
  };
  return {
    client: client as unknown as PriceWebSocketClient,
    log,
    set: (channel, price, rest) => {
      ticks.set(channel, tickOf(channel, price, rest));
      touch(channel);
    },
    refuse: (refused, error) => {
      for (const { channel, reject } of waiting) if (channel === refused) reject(error);
    },
    touch,
    connect: (next) => {
      connection = next;
      for (const listener of [...connectionListeners]) listener(next);
    },
    listenerCount: () =>
      connectionListeners.size + [...priceListeners.values()].reduce((sum, set) => sum + set.size, 0),
  };
}
