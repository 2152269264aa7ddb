/** How all prices stand, in one sentence; pure. */
import type { PriceTick } from '@tickwire/client';
import { trendOf } from '../market/format-price.js';

/** `7 prices are up and 5 down in 24 hours; 2 are old.` The empty text where there are none. */
export function standingWords(ticks: Iterable<PriceTick>): string {
  const counts = { up: 0, down: 0, flat: 0, unknown: 0 };
  let old = 0;
  let all = 0;
  for (const { changePercent, freshness } of ticks) {
    all += 1;
    counts[trendOf(changePercent)] += 1;
    if (freshness !== 'fresh') old += 1;
  }
  if (all === 0) return '';
  const are = (count: number): string => (count === 1 ? 'price is' : 'prices are');
  const late = old === 0 ? '' : `; ${old} of ${all} ${old === 1 ? 'is' : 'are'} old`;
  return `${counts.up} ${are(counts.up)} up and ${counts.down} down${late}.`;
}
