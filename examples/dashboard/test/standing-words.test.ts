import type { PriceTick } from '@tickwire/client';
import { expect, it } from 'vitest';
import { standingWords } from '../src/connection/standing-words.js';

const tick = (changePercent: number | undefined, freshness: PriceTick['freshness'] = 'fresh'): PriceTick =>
  ({ changePercent, freshness }) as PriceTick;

it.each<[string, PriceTick[]]>([
  ['', []],
  ['1 price is up and 0 down.', [tick(2)]],
  ['2 prices are up and 1 down.', [tick(2), tick(0.5), tick(-1), tick(0.001), tick(undefined)]],
  ['0 prices are up and 1 down; 1 of 1 is old.', [tick(-3, 'stale')]],
  ['1 price is up and 1 down; 2 of 2 are old.', [tick(-3, 'stale'), tick(3, 'unverified')]],
])('sums up prices as "%s"', (words, ticks) => {
  expect(standingWords(ticks)).toBe(words);
});
