import { describe, expect, it } from 'vitest';
import { detectPriceChanges } from '../src/price-changes.js';

describe('detectPriceChanges', () => {
  it('finds what moved by more than the threshold, with sign and direction', () => {
    const before = { gold: { price: 100 }, silver: { price: 100 }, platinum: { price: 100 } };
    const after = { gold: { price: 102 }, silver: { price: 98 }, platinum: { price: 101 } };
    expect(detectPriceChanges(before, after)).toEqual([
      { metal: 'gold', oldPrice: 100, newPrice: 102, changePercent: 2, direction: 'up' },
      { metal: 'silver', oldPrice: 100, newPrice: 98, changePercent: -2, direction: 'down' },
    ]);
    expect(detectPriceChanges(before, after, 0.5)).toHaveLength(3);
    expect(detectPriceChanges(before, after, 5)).toEqual([]);
  });

  it.each([
    ['an old price of 0', { a: 0 }, { a: 5 }],
    ['a metal that was not there', {}, { a: 5 }],
    ['a metal that is gone', { a: 5 }, {}],
    ['a value that is no number', { a: 5 }, { a: 'n/a' }],
    ['a price of null', { a: { price: 5 } }, { a: { price: null } }],
    ['an entry of null', { a: null }, { a: 5 }],
    ['a new entry of null', { a: 5 }, { a: null }],
    ['no map at all yet', undefined, { a: 5 }],
    ['an inherited name', {}, { toString: 5 }],
  ])('says nothing of %s', (_, before, after) => {
    expect(detectPriceChanges(before, after)).toEqual([]);
  });

  it('takes maps, plain numbers and decimal strings', () => {
    expect(detectPriceChanges(new Map([['a', '100']]), new Map([['a', 150]]))).toMatchObject([
      { oldPrice: 100, newPrice: 150, changePercent: 50, direction: 'up' },
    ]);
  });

  it('sees a fall to 0 and the sign of a move below 0', () => {
    expect(detectPriceChanges({ a: 10, b: -10 }, { a: 0, b: -20 })).toMatchObject([
      { metal: 'a', changePercent: -100, direction: 'down' },
      { metal: 'b', changePercent: -100, direction: 'down' },
    ]);
  });
});
