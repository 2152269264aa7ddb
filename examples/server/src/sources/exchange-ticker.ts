/** Reads ticker frames of the Coinbase Exchange feed, live or recorded. Pure. Prices stay as they were written, digit for digit. */
import { coin } from '@tickwire/protocol';
import * as z from 'zod';
import type { CoinTick, Instrument } from './price-source.js';
import { upstreamCount, upstreamDecimal, upstreamTime } from './upstream-values.js';

const tickerSchema = z.looseObject({
  type: z.literal('ticker'),
  product_id: z.string().regex(/^[A-Za-z0-9]{1,20}-[A-Za-z0-9]{1,20}$/),
  price: upstreamDecimal,
  time: upstreamTime,
  open_24h: upstreamDecimal.optional(),
  volume_24h: upstreamDecimal.optional(),
  high_24h: upstreamDecimal.optional(),
  low_24h: upstreamDecimal.optional(),
  /** Rises within a product; it counts other feeds too, so a jump says nothing. */
  sequence: upstreamCount,
  /** Consecutive within a product: a jump is a trade that was missed. */
  trade_id: upstreamCount,
});

/** A ticker frame that can be used. */
export type Ticker = z.infer<typeof tickerSchema>;

/** The ticker in a parsed frame; `undefined` when it is none. */
export function readTicker(frame: unknown): Ticker | undefined {
  const ticker = tickerSchema.safeParse(frame);
  return ticker.success ? ticker.data : undefined;
}

/** `JSON.parse` without a throw; `undefined` for what is no JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The change from `open` to `price` in percent, to four digits; absent where no percentage exists. */
function percentChange(open: string | number | undefined, price: string | number): { priceChange24h?: number } {
  const from = Number(open ?? 0);
  const percent = ((Number(price) - from) / Math.abs(from)) * 100;
  return Number.isFinite(percent) ? { priceChange24h: Number(percent.toFixed(4)) } : {};
}

/** The exchange counts coins; told is what they are worth at the price, to twelve digits: more would only look exact. */
function quoteVolume(coins: string | number | undefined, price: string | number): { volume24h?: number } {
  const volume = Number(coins ?? NaN) * Math.abs(Number(price));
  return Number.isFinite(volume) ? { volume24h: Number(volume.toPrecision(12)) } : {};
}

/** What a ticker says of a coin: the currency, of the volume too, is the part of the product after the dash. */
export function tickOfTicker(ticker: Ticker, id: string, source: string): CoinTick {
  const { product_id: product, price, time, open_24h, volume_24h, high_24h, low_24h } = ticker;
  return {
    kind: 'coin',
    id,
    price,
    ...quoteVolume(volume_24h, price),
    ...(high_24h === undefined ? {} : { high: high_24h }),
    ...(low_24h === undefined ? {} : { low: low_24h }),
    ...percentChange(open_24h, price),
    currency: product.slice(product.indexOf('-') + 1).toUpperCase(),
    source,
    timestamp: time,
  };
}

/** A product of the exchange, and what it is called here. */
export interface Product {
  /** `BTC-USD`. */
  readonly productId: string;
  /** `bitcoin`. */
  readonly coinId: string;
}

const wellKnown: ReadonlyMap<string, string> = new Map([
  ['BTC', 'bitcoin'],
  ['ETH', 'ethereum'],
  ['DOGE', 'dogecoin'],
  ['SHIB', 'shiba-inu'],
  ['PEPE', 'pepe'],
  ['SOL', 'solana'],
]);

/** The name of a product here: the coin's own for the well-known ones in US dollars, else the product's in small letters. */
export function productOf(productId: string): Product {
  const [base = '', quote = ''] = productId.toUpperCase().split('-');
  const name = quote === 'USD' ? wellKnown.get(base) : undefined;
  return { productId: productId.toUpperCase(), coinId: name ?? productId.toLowerCase() };
}

/** What a live source has when it is told nothing else: the coins of the simulated one. */
export const defaultProducts: readonly string[] = [...wellKnown.keys()].map((base) => `${base}-USD`);

/** The coins of `defaultProducts`. */
export const defaultCoins: readonly string[] = [...wellKnown.values()];

/** The ticker symbol of a well-known coin: `BTC`. */
export function symbolOf(coinId: string): string | undefined {
  for (const [symbol, id] of wellKnown) if (id === coinId) return symbol;
  return undefined;
}

/** A product as an instrument. */
export function instrumentOfProduct({ productId, coinId }: Product, source: string, staleAfterMs: number): Instrument {
  const symbol = symbolOf(coinId);
  return {
    channel: coin(coinId),
    kind: 'coin',
    id: coinId,
    aliases: symbol === undefined ? [productId] : [symbol, productId],
    currency: productId.slice(productId.indexOf('-') + 1),
    source,
    staleAfterMs,
  };
}
