/** Which prices moved by more than a threshold: a pure function over two maps. */
import { decimalToNumber } from './dialects/price-quote.js';

/** A price as either map may hold it: a number, a decimal string, or an object with a `price`. */
export type PriceEntry = number | string | { readonly price?: number | string | null | undefined };

/** One price that moved; stands in `changes` of a `priceUpdate`. */
export interface PriceChange {
  metal: string;
  oldPrice: number;
  newPrice: number;
  /** `(newPrice − oldPrice) / |oldPrice| × 100`. */
  changePercent: number;
  direction: 'up' | 'down';
}

type PriceMap = Readonly<Record<string, PriceEntry | null>> | ReadonlyMap<string, PriceEntry | null>;

const priceOf = (entry: PriceEntry | null | undefined): number | undefined =>
  decimalToNumber(typeof entry === 'object' ? entry?.price : entry);

function entriesOf(prices: PriceMap | undefined): ReadonlyMap<string, PriceEntry | null> {
  return prices instanceof Map
    ? (prices as ReadonlyMap<string, PriceEntry | null>)
    : new Map(Object.entries((prices ?? {}) as Readonly<Record<string, PriceEntry | null>>));
}

/**
 * The prices of `newPrices` that differ from those of `oldPrices` by more than `thresholdPercent`.
 *
 * A name that one side lacks, a value that is no number, and an old price of 0 (no percentage exists) yield nothing.
 *
 * @param oldPrices name → price, or name → `{ price }`; an object or a `Map`; `undefined` when there is nothing yet
 * @param newPrices the same, later
 * @param thresholdPercent strictly more than this, in percent @default 1
 */
export function detectPriceChanges(
  oldPrices: PriceMap | undefined,
  newPrices: PriceMap | undefined,
  thresholdPercent = 1,
): PriceChange[] {
  const before = entriesOf(oldPrices);
  const after = entriesOf(newPrices);
  const changes: PriceChange[] = [];
  for (const [metal, entry] of after) {
    const oldPrice = priceOf(before.get(metal));
    const newPrice = priceOf(entry);
    if (oldPrice === undefined || newPrice === undefined || oldPrice === 0) continue;
    const changePercent = ((newPrice - oldPrice) / Math.abs(oldPrice)) * 100;
    if (Math.abs(changePercent) > thresholdPercent) {
      changes.push({ metal, oldPrice, newPrice, changePercent, direction: newPrice > oldPrice ? 'up' : 'down' });
    }
  }
  return changes;
}
