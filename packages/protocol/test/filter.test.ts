import { describe, expect, it } from 'vitest';
import type { FilterCondition } from '../src/index.js';
import { compileFilter, passesFilter } from '../src/filter.js';

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

  it.each<[string, unknown, boolean]>([
    ['a number', 5, true],
    ['its text', '5.00', true],
    ['another number', 6, false],
    ['a text', 'five', true],
    ['a text that is a number to others', '0x5', false],
    ['an object', {}, false],
    ['an object that is no text', { toString: null }, false],
    ['a list', [5], false],
    ['true', true, true],
  ])('F55: %s is or is not one of the values, and the opposite is not', (_case, value, expected) => {
    const vals = [5, 'five', 'true', '7.0'];
    expect(compileFilter([{ key: 'coinId', cmp: 'in', vals }])({ coinId: value })).toBe(expected);
    expect(compileFilter([{ key: 'coinId', cmp: 'nin', vals }])({ coinId: value })).toBe(!expected);
  });

  it('F55: looks at each of its values once, however many messages it is asked of', () => {
    let read = 0;
    const vals = Array.from({ length: 100 }, (_, index) => index);
    const counted = new Proxy(vals, {
      get(target, key, receiver) {
        if (typeof key === 'string' && /^\d+$/.test(key)) read += 1;
        return Reflect.get(target, key, receiver) as unknown;
      },
    });
    const passes = compileFilter([{ key: 'coinId', cmp: 'in', vals: counted }]);
    const before = read;
    for (let index = 0; index < 1_000; index += 1) passes({ coinId: -1 });
    expect(read).toBe(before);
    expect(before).toBeLessThanOrEqual(vals.length);
  });

  it('is passed by nothing that is no object', () => {
    for (const value of [null, undefined, 'x', 5]) {
      expect(passesFilter([{ key: 'amount', cmp: 'neq', val: 1 }], value)).toBe(false);
    }
  });
});
