/** From the server's candles and the prices that come to what a chart draws; pure. */
import { fractionDigits } from '@tickwire/client/format';
import type { Candle } from '../market/candles.js';

/** How prices are drawn. */
export type ChartKind = 'candles' | 'line';

/** The candles with one more price: in the last one, or in the next once that is over. The same length at most, if full. */
export function withPrice(
  candles: readonly Candle[],
  price: number,
  atMs: number,
  interval: number,
): readonly Candle[] {
  const time = Math.floor(atMs / 1_000 / interval) * interval;
  const last = candles.at(-1);
  if (last === undefined || time > last[0]) {
    // A candle begins where the last one ended, unless there is a hole between them.
    const open = last !== undefined && time - last[0] === interval ? last[4] : price;
    return [...candles, [time, open, Math.max(open, price), Math.min(open, price), price]];
  }
  // A price from before the last candle is in it already, or in one that is over.
  if (time < last[0]) return candles;
  const [, open, high, low] = last;
  return [...candles.slice(0, -1), [last[0], open, Math.max(high, price), Math.min(low, price), price]];
}

/** Candles that have been made from prices alone, where the server has none: `points` are the oldest first. */
export function candlesOf(
  points: readonly { readonly at: number; readonly price: number }[],
  interval: number,
): Candle[] {
  const candles: Candle[] = [];
  for (const { at, price } of points) {
    const next = withPrice(candles.slice(-1), price, at, interval);
    candles.splice(-1, 1, ...next);
  }
  return candles;
}

/** The smallest step of a price that a chart's scale shows: 0.01 for 63,000, 0.00000000001 for 0.00000123. */
export function smallestStep(price: number): number {
  return 10 ** -Math.min(fractionDigits(price), 15);
}

/** What a chart shows, for who does not see it. */
export interface ChartSummary {
  open: number;
  close: number;
  high: number;
  low: number;
}

/** The first, the last, the highest and the lowest price of the candles; `undefined` where there are none. */
export function summaryOf(candles: readonly Candle[]): ChartSummary | undefined {
  const [first, last] = [candles[0], candles.at(-1)];
  if (first === undefined || last === undefined) return undefined;
  let [high, low] = [-Infinity, Infinity];
  for (const [, , top, bottom] of candles) {
    high = Math.max(high, top);
    low = Math.min(low, bottom);
  }
  return { open: first[1], close: last[4], high, low };
}
