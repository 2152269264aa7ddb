/** Which prices moved by more than a threshold: a pure function over two maps. */
import { decimalToNumber } from './dialects/price-quote.js';

/** A price as either map may hold it: a number, a decimal string, or an object with a `price`. */
export type PriceEntry = number | string | { readonly price?: number | string | null | undefined };

/** One price that moved; stands in `changes` of a `priceUpdate`. */
export interface PriceChange {
  metal: string;
  oldPrice: number;
  newPrice: number;
  /** `(newPrice − oldPrice) / oldPrice × 100`. */
  changePercent: number;
  direction: 'up' | 'down';
}

type PriceMap = Readonly<Record<string, PriceEntry>> | ReadonlyMap<string, PriceEntry>;

const priceOf = (entry: PriceEntry | undefined): number | undefined =>
  decimalToNumber(typeof entry === 'object' ? entry.price : entry);

function entriesOf(prices: PriceMap): ReadonlyMap<string, PriceEntry> {
  return prices instanceof Map
    ? (prices as ReadonlyMap<string, PriceEntry>)
    : new Map(Object.entries(prices as Readonly<Record<string, PriceEntry>>));
}

/**
 * The prices of `newPrices` that differ from those of `oldPrices` by more than `thresholdPercent`.
 *
 * A name that one side lacks, a value that is no number, and an old price of 0 (no percentage exists) yield nothing.
 *
 * @param oldPrices name → price, or name → `{ price }`; an object or a `Map`
 * @param newPrices the same, later
 * @param thresholdPercent strictly more than this, in percent @default 1
 */
export function detectPriceChanges(oldPrices: PriceMap, newPrices: PriceMap, thresholdPercent = 1): PriceChange[] {
  const before = entriesOf(oldPrices);
  const after = entriesOf(newPrices);
  const changes: PriceChange[] = [];
  for (const [metal, entry] of after) {
    const oldPrice = priceOf(before.get(metal));
    const newPrice = priceOf(entry);
    if (oldPrice === undefined || newPrice === undefined || oldPrice === 0) continue;
    const changePercent = ((newPrice - oldPrice) / oldPrice) * 100;
    if (Math.abs(changePercent) > thresholdPercent) {
      changes.push({ metal, oldPrice, newPrice, changePercent, direction: newPrice > oldPrice ? 'up' : 'down' });
    }
  }
  return changes;
}
