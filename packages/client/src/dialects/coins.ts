/** The coins dialect: one coin a frame, answers in order and without ids, silence unless one pings. Section 11 of PROTOCOL.md. */
import type { CoinNoticeMessage, CoinPriceMessage } from '@tickwire/protocol';
import { judgeCoinMessage } from '@tickwire/protocol/codec';
import { classifyPriceUpdate, coinQuote, parseChannel, type PriceQuote } from '@tickwire/protocol/rules';
import type { Ask, Dialect, DialectHost, DialectLink, WireId, Work } from '../kernel/dialect.js';
import { PriceStreamError } from '../kernel/errors.js';
import type { Tick } from '../kernel/prices.js';

/** What the price channels of a coins server deliver. */
export interface CoinChannels {
  [channel: `coin:${string}`]: Tick<`coin:${string}`, CoinPriceMessage>;
}

type PriceUpdate = CoinPriceMessage | CoinNoticeMessage;

/** The frame of a key: the coin's name, or for all that is no coin the channel. */
function frameOf(type: 'subscribe' | 'unsubscribe', key: string): unknown {
  return { type, data: key.startsWith('coin:') ? { coinId: key.slice('coin:'.length) } : { channel: key } };
}

/** The first messages that nobody else sends. */
const ownTypes: ReadonlySet<unknown> = /* @__PURE__ */ new Set([
  ...['price_update', 'welcome', 'subscribed', 'alert_triggered', 'whale_movement', 'social_spike'],
]);

/** How coins are asked for, whoever reads the answers. */
export const coinAsks = {
  // One subscription of a coin brings its price, whales and social spikes; what belongs to the user comes by itself.
  carry(channel: string): string | true | undefined {
    const parsed = parseChannel(channel);
    if (parsed === undefined || parsed.prefix === 'metal') return undefined;
    if (parsed.needsAuth) return true;
    return parsed.id === undefined ? channel : `coin:${parsed.id}`;
  },
  ask({ gone, owed }: Work): Ask | undefined {
    for (const key of gone) return { frame: frameOf('unsubscribe', key), gone: [key] };
    for (const key of owed) return { frame: frameOf('subscribe', key), asked: [key] };
    return undefined;
  },
  isEvents: (channel: string): boolean => parseChannel(channel)?.kind === 'event',
  pace: { count: 60, windowMs: 60_000 },
  ping: () => ({ type: 'ping' }),
  // It drops who has not pinged for 5 min, without closing.
  pingEveryMs: 45_000,
  proves: (message: unknown): boolean => ownTypes.has((message as { type?: unknown } | null)?.type),
} satisfies Partial<Dialect>;

/** An answer without an id: it is of the first request of its kind for that coin. */
export function olderAck(link: DialectLink, isGone: boolean, coinId: WireId, subscription: unknown): void {
  const keys = [
    ...(typeof subscription === 'string' ? [subscription] : []),
    ...(coinId === undefined || coinId === null ? [] : [`coin:${String(coinId)}`]),
  ];
  for (const { id, gone, keys: asked } of link.unanswered) {
    if (gone !== isGone || (keys.length > 0 && !keys.includes(asked[0] ?? ''))) continue;
    link.answered(id);
    if (!gone) for (const key of asked) link.confirmed(key, id);
    return;
  }
}

/** The ids of the coins that the server sends now: the owner of a price that names none, if there is only one. */
function activeCoins(channels: Iterable<string>): string[] {
  const coins = new Set<string>();
  for (const channel of channels) {
    const parsed = parseChannel(channel);
    if (parsed?.id !== undefined && parsed.prefix !== 'metal') coins.add(parsed.id);
  }
  return [...coins];
}

/**
 * The price of an update, with the channel that it belongs to; `undefined` for what is no price, or nobody's.
 *
 * @param wanted what is followed @param stated the channel that the frame names
 */
export function coinPriceOf(update: PriceUpdate, wanted: Iterable<string>, stated?: string): PriceQuote | undefined {
  // Only a price that names no coin needs to know which there are.
  const isNamed = (update.data.coinId ?? update.coinId ?? undefined) !== undefined;
  const quote = coinQuote(update, isNamed ? [] : activeCoins(wanted));
  if (stated === undefined || stated === quote?.channel) return quote;
  // The channel of the frame is the truth where it stands; a database id in the body is not a name.
  const { prefix, id = '', channel } = parseChannel(stated) ?? {};
  if (prefix !== 'coin' || channel === undefined) return quote;
  const owned = quote ?? coinQuote(update, [id]);
  return owned && { ...owned, channel, id };
}

/** What a server says of a fault; its text is for people and shortened. */
export function saidError(
  said: { code?: unknown; message?: unknown; error?: unknown; retryable?: unknown } | null | undefined,
): PriceStreamError {
  const { code, message, error, retryable } = said ?? {};
  const text = message ?? error;
  return new PriceStreamError(
    typeof code === 'string' && code !== '' ? code.slice(0, 64) : 'INTERNAL',
    typeof text === 'string' && text !== '' ? text.slice(0, 256) : 'The server reported an error.',
    { retryable: retryable === true },
  );
}

/**
 * What an update without a price says: an older server says everything in a `price_update`.
 *
 * @param refused takes an error @param accepted is told that the user is known
 */
export function readNotice(
  update: PriceUpdate,
  link: DialectLink,
  refused: (error: PriceStreamError) => void,
  accepted?: () => void,
): void {
  const data = update.data as Readonly<Record<string, unknown>>;
  const meaning = classifyPriceUpdate(update);
  if (meaning === 'liveness' && data['type'] === 'pong') link.pong();
  else if (meaning === 'error') refused(saidError({ message: data['message'], error: data['error'] }));
  else if (meaning === 'auth') accepted?.();
  else if (meaning === 'price') link.unwanted();
  else if (meaning === 'ack')
    olderAck(
      link,
      /^Unsubscribed/.test(String(data['message'])),
      (data['coinId'] as WireId) ?? update.coinId,
      data['subscription'],
    );
}

/** The events of a coins server besides prices. */
export interface CoinEvents {
  price_update: PriceUpdate;
}

/**
 * The dialect of the coin analyzer: prices of coins. What it says of users, whales and social media is read by `PriceWebSocketClient`.
 *
 * @example new PriceStream('wss://coins.example/ws', { dialect: coins() }).subscribe('coin:bitcoin', (tick) => …)
 */
export function coins(): (host: DialectHost) => Dialect<CoinChannels, CoinEvents> {
  return (host) => ({
    name: 'coins',
    ...coinAsks,
    carry: (channel) => (channel.startsWith('coin:') ? channel : undefined),
    isEvents: () => false,
    read(message, link) {
      const { type, data, coinId } = (message ?? {}) as {
        type?: unknown;
        data?: { coinId?: WireId; subscription?: unknown };
        coinId?: WireId;
      };
      if (type === 'pong') link.pong();
      else if (type === 'subscribed' || type === 'unsubscribed')
        olderAck(link, type === 'unsubscribed', data?.coinId ?? coinId, data?.subscription);
      else if (type !== 'price_update') link.unknown(message);
      else {
        const result = judgeCoinMessage(message);
        if (!result.ok) return result;
        const update = result.message as PriceUpdate;
        link.emit('price_update', update);
        const quote = coinPriceOf(update, host.channels);
        if (quote === undefined) readNotice(update, link, (error) => link.report(error));
        else link.price(quote, update);
      }
      return undefined;
    },
  });
}
