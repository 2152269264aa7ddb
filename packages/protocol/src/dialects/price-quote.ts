/** What both older dialects come down to: one price of one channel, as plain numbers. */
import type { Channel } from '../channels.js';
import { isDecimalString } from '../formats.js';

/** One price, normalised: numbers instead of decimal strings, keys that were absent or `null` left out. */
export interface PriceQuote {
  channel: Channel;
  /** The coin's id or the metal's name, as a string. */
  id: string;
  price: number;
  /** Absolute change, in the price's currency (metals), or whatever the coins backend sends as `change`. */
  change?: number;
  /** Change in percent; of 24 hours for coins. */
  changePercent?: number;
  high?: number;
  low?: number;
  marketCap?: number;
  volume24h?: number;
  /** ISO 4217 or ticker of the quote currency. */
  currency?: string;
  /** What one price is for: `gram`, `ounce`. */
  unit?: string;
  /** The sender's time of the price, ISO 8601; `undefined` when it sent none. */
  timestamp: string | undefined;
  /** There when the sender itself calls the price stale (`stale: true`): its upstream has failed. */
  freshness?: 'stale';
}

/** The number that a JSON number or a decimal string stands for; `undefined` for anything else. */
export function decimalToNumber(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined;
  return isDecimalString(value) ? Number(value) : undefined;
}

/** What a quote may hold besides its price, as it came. */
type QuoteValues = Readonly<
  Partial<Record<Exclude<keyof PriceQuote, 'channel' | 'id' | 'price' | 'timestamp' | 'freshness'> | 'stale', unknown>>
>;

/** Puts those values into the quote that are there, numbers as numbers. */
export function fillQuote(quote: PriceQuote, values: QuoteValues): PriceQuote {
  // Written out, because this runs for every price: a loop over the names costs several times as much.
  const change = decimalToNumber(values.change);
  const changePercent = decimalToNumber(values.changePercent);
  const high = decimalToNumber(values.high);
  const low = decimalToNumber(values.low);
  const marketCap = decimalToNumber(values.marketCap);
  const volume24h = decimalToNumber(values.volume24h);
  if (change !== undefined) quote.change = change;
  if (changePercent !== undefined) quote.changePercent = changePercent;
  if (high !== undefined) quote.high = high;
  if (low !== undefined) quote.low = low;
  if (marketCap !== undefined) quote.marketCap = marketCap;
  if (volume24h !== undefined) quote.volume24h = volume24h;
  if (typeof values.currency === 'string') quote.currency = values.currency;
  if (typeof values.unit === 'string') quote.unit = values.unit;
  if (values.stale === true) quote.freshness = 'stale';
  return quote;
}
