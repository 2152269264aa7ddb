/** Messages as servers send them, with what a test does not care about filled in. */

const timestamp = '2026-01-01T00:00:00.000Z';

/** Any message, ready to be sent as JSON. */
export type Message = { type: string; [key: string]: unknown };

/** The greeting of a `tickwire` server. @param serverTime epoch milliseconds */
export function hello(limits: Record<string, number> = {}, serverTime = Date.parse(timestamp)): Message {
  return {
    type: 'hello',
    timestamp: new Date(serverTime).toISOString(),
    data: {
      protocol: 1,
      connectionId: 'c_1',
      serverTime,
      heartbeatMs: 15_000,
      capabilities: ['ack', 'seq', 'snapshot', 'heartbeat', 'batch', 'catalog'],
      limits: {
        maxSubscriptions: 100,
        maxChannelsPerFrame: 50,
        maxFrameBytes: 16_384,
        messagesPerMinute: 300,
        burst: 40,
        authTimeoutMs: 5_000,
        ...limits,
      },
    },
  };
}

/** The greeting of an older coins backend. */
export function coinsWelcome(): Message {
  return { type: 'price_update', data: { message: 'You are connected', connectionId: 'conn-1', timestamp }, timestamp };
}

/** An ack of an older coins backend. */
export function coinsAck(op: 'subscribe' | 'unsubscribe', coinId: string): Message {
  const message = op === 'subscribe' ? 'Subscribed to coin updates' : 'Unsubscribed from coin updates';
  return { type: 'price_update', data: { message, coinId, subscription: `coin:${coinId}` }, timestamp };
}

/** A price of one coin. */
export function coinPrice(coinId: string, price: number | string, more: Record<string, unknown> = {}): Message {
  return { type: 'price_update', data: { coinId, price, timestamp }, timestamp, coinId, ...more };
}

/** Prices of metals; a number stands for a whole quote. */
export function metalPrices(prices: Record<string, number | Record<string, unknown>>): Message {
  const data: Record<string, unknown> = {};
  for (const [metal, price] of Object.entries(prices)) {
    data[metal] = typeof price === 'number' ? { price, timestamp } : price;
  }
  return { type: 'priceUpdate', data, timestamp };
}

/** A movement of a whale. */
export function whale(coinId: string, usdValue: number, more: Record<string, unknown> = {}): Message {
  const data = { coinId, txHash: '0x1', fromAddress: '0xa', toAddress: '0xb', amount: 1, usdValue, timestamp };
  return { type: 'whale_movement', data, timestamp, coinId, ...more };
}

/** The ack of a subscribe by channels: all confirmed, but those that are rejected. */
export function subscribeAck(
  id: unknown,
  channels: readonly string[],
  rejected: readonly Record<string, unknown>[] = [],
): Message {
  const subscribed = channels.map((channel) => ({
    channel,
    kind: /^(?:coin|metal|portfolio)/.test(channel) ? 'state' : 'event',
    epoch: 'e1',
    seq: 1,
    recovered: false,
    reason: 'new',
  }));
  return { type: 'ack', id, op: 'subscribe', data: { subscribed, rejected } };
}

/** A snapshot of messages with their channel and position. */
export function snapshot(items: readonly { channel: string; seq: number; message: Message }[]): Message {
  return { type: 'snapshot', data: { items: items.map((item) => ({ epoch: 'e1', ...item })) } };
}
