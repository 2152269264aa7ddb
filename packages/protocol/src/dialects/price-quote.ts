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
}

/** The number that a JSON number or a decimal string stands for; `undefined` for anything else. */
export function decimalToNumber(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined;
  return typeof value === 'string' && isDecimalString(value) ? Number(value) : undefined;
}

/** The entries of `numbers` and `texts` that have a value, ready to be spread into a quote. */
export function presentValues<N extends string, T extends string>(
  numbers: Readonly<Partial<Record<N, unknown>>>,
  texts: Readonly<Partial<Record<T, unknown>>>,
): Partial<Record<N, number> & Record<T, string>> {
  const present = new Map<string, number | string>();
  for (const [key, value] of Object.entries(numbers)) {
    const number = decimalToNumber(value);
    if (number !== undefined) present.set(key, number);
  }
  for (const [key, value] of Object.entries(texts)) {
    if (typeof value === 'string') present.set(key, value);
  }
  return Object.fromEntries(present) as Partial<Record<N, number> & Record<T, string>>;
}
