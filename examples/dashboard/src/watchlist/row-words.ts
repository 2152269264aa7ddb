/** What a row says of its price's age, and where the price stands between the day's lowest and highest; pure. */
import type { PriceTick } from '@tickwire/client';
import { valueAgeMs } from '@tickwire/client/format';
import { formatAge } from '../market/format-price.js';

const clockTime = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' });
const dayAndTime = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'short',
  hour: '2-digit',
  minute: '2-digit',
});
const dayMs = 86_400_000;

interface AgeOptions {
  /** Epoch ms; 0 before the clock runs. */
  now: number;
  /** The server's clock minus this one. */
  clockOffsetMs: number;
  /** Whether prices are of this moment. */
  live: boolean;
}

/**
 * The age of a price in words: `now`, `3 s ago`; while nothing is live, `as of 14:03:21`, which does not change; a price
 * that is not known to be current says that first.
 */
export function ageWords(tick: PriceTick | undefined, { now, clockOffsetMs, live }: AgeOptions): string {
  if (tick === undefined) return 'waiting…';
  if (now === 0) return '';
  // Of a value that a server repeats, its own time says more than its arrival.
  const ageMs = valueAgeMs(tick, now, clockOffsetMs);
  if (!live) return `as of ${(ageMs < dayMs ? clockTime : dayAndTime).format(now - ageMs)}`;
  const age = formatAge(ageMs);
  const words = age === undefined ? 'now' : `${age} ago`;
  return tick.freshness === 'fresh' ? words : `${tick.freshness} · ${words}`;
}

/** Where a price stands between the lowest and the highest of its day, in whole percent; `undefined` where that is not known. */
export function rangePercent(tick: Pick<PriceTick, 'price' | 'low' | 'high'>): number | undefined {
  const { price, low, high } = tick;
  if (low === undefined || high === undefined || !(high > low)) return undefined;
  return Math.round((Math.min(Math.max(price, low), high) - low) / ((high - low) / 100));
}
