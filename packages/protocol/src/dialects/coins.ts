/** The coins dialect: the older backend says everything in a `price_update`; here it is told apart. Section 11 of PROTOCOL.md. */
import type { Channel } from '../channels.js';
import { refusedNames } from '../channels.js';
import type { CoinNoticeMessage, CoinPriceMessage } from '../channel-messages.js';
import { decimalToNumber, fillQuote, type PriceQuote } from './price-quote.js';

/** What a `price_update` really is. */
export type PriceUpdateMeaning = 'liveness' | 'error' | 'price' | 'welcome' | 'ack' | 'auth' | 'notice';

/**
 * Tells what a `price_update` of the coins dialect is, in the order of PROTOCOL.md, section 6: `data.type` ping or pong, `data.error`,
 * a `price`, a `connectionId`, a message that starts with Subscribed or Unsubscribed, an authentication, else a notice.
 */
export function classifyPriceUpdate(message: CoinPriceMessage | CoinNoticeMessage): PriceUpdateMeaning {
  const data: Readonly<Record<string, unknown>> = message.data;
  const { type, error, price, connectionId, message: text, userId } = data;
  if (type === 'ping' || type === 'pong') return 'liveness';
  if (error !== undefined && error !== null) return 'error';
  if (price !== undefined && price !== null) return 'price';
  if (connectionId !== undefined && connectionId !== null) return 'welcome';
  if (typeof text === 'string' && /^(?:Subscribed|Unsubscribed)/.test(text)) return 'ack';
  if (userId !== undefined && userId !== null && text === 'Authentication successful') return 'auth';
  return 'notice';
}

function ownerOf(message: CoinPriceMessage | CoinNoticeMessage, activeCoins: readonly string[]): string | undefined {
  const named = message.data.coinId ?? message.coinId;
  if (named !== undefined && named !== null) return String(named);
  return activeCoins.length === 1 ? activeCoins[0] : undefined;
}

/**
 * The price that a `price_update` carries, as numbers.
 *
 * @param activeCoins ids of the coins that are subscribed: the owner of a price that names none, if there is only one
 * @returns `undefined` for what is no price, or a price whose owner cannot be told
 */
export function coinQuote(
  message: CoinPriceMessage | CoinNoticeMessage,
  activeCoins: readonly string[] = [],
): PriceQuote | undefined {
  if (classifyPriceUpdate(message) !== 'price') return undefined;
  const data: Readonly<Record<string, unknown>> = message.data;
  const price = decimalToNumber(data['price']);
  const id = ownerOf(message, activeCoins);
  if (price === undefined || id === undefined || refusedNames.includes(id)) return undefined;
  const channel: Channel = `coin:${id}`;
  const { marketCap, volume24h, change, priceChange24h, high, low, currency, unit, stale } = data;
  const timestamp = message.data.timestamp ?? message.timestamp ?? undefined;
  const values = { change, changePercent: priceChange24h, high, low, marketCap, volume24h, currency, unit, stale };
  return fillQuote({ channel, id, price, timestamp }, values);
}
