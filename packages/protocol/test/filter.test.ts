import { describe, expect, it } from 'vitest';
import type { FilterCondition } from '../src/index.js';
import { passesFilter } from '../src/filter.js';

const data = { usdValue: '600000.50', amount: 12, coinId: 'bitcoin', platform: 'twitter', sentimentScore: null };

describe('a filter', () => {
  it.each<[FilterCondition[], boolean]>([
    [[{ key: 'usdValue', cmp: 'gte', val: 600_000.5 }], true],
    [[{ key: 'usdValue', cmp: 'gt', val: '600000.5' }], false],
    [[{ key: 'usdValue', cmp: 'lt', val: 700_000 }], true],
    [[{ key: 'amount', cmp: 'lte', val: 11 }], false],
    [[{ key: 'amount', cmp: 'eq', val: '12.0' }], true],
    [[{ key: 'coinId', cmp: 'eq', val: 'bitcoin' }], true],
    [[{ key: 'coinId', cmp: 'neq', val: 'bitcoin' }], false],
    [[{ key: 'coinId', cmp: 'in', vals: ['dogecoin', 'bitcoin'] }], true],
    [[{ key: 'coinId', cmp: 'nin', vals: ['dogecoin', 'bitcoin'] }], false],
    [[{ key: 'coinId', cmp: 'gt', val: 5 }], false],
    [[{ key: 'sentimentScore', cmp: 'gt', val: 0 }], false],
    [[{ key: 'mentions24h', cmp: 'neq', val: 1 }], true],
    [
      [
        { key: 'usdValue', cmp: 'gte', val: 5 },
        { key: 'platform', cmp: 'eq', val: 'reddit' },
      ],
      false,
    ],
  ])('%j → %s', (filter, expected) => {
    expect(passesFilter(filter, data)).toBe(expected);
  });

  it('is passed by nothing that is no object', () => {
    for (const value of [null, undefined, 'x', 5]) {
      expect(passesFilter([{ key: 'amount', cmp: 'neq', val: 1 }], value)).toBe(false);
    }
  });
});
