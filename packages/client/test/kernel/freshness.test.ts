import { describe, expect, it } from 'vitest';
import { freshnessAt } from '../../src/kernel/prices.js';

describe('freshness', () => {
  it.each([
    [0, 'heads', 'fresh'],
    [60_000, 'heads', 'fresh'],
    [60_001, 'heads', 'stale'],
    [60_001, 'link', 'unverified'],
    [60_001, 'nothing', 'stale'],
    [60_000, 'nothing', 'fresh'],
  ] as const)('a price of %i ms with %s to vouch for it is %s', (ageMs, vouching, expected) => {
    expect(freshnessAt(ageMs, 60_000, vouching)).toBe(expected);
  });
});
