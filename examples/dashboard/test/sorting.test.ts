import type { PriceTick } from '@tickwire/client';
import { describe, expect, it } from 'vitest';
import { catalogRows } from '../src/market/catalog-rows.js';
import { keptSort, nextSort, sortedRows, type Sort } from '../src/watchlist/sorting.js';

const rows = catalogRows(
  ['coin:pepe', 'coin:bitcoin', 'metal:gold', 'coin:atom'].map((channel) => ({ channel, id: '' })),
);
const prices: Partial<Record<string, Partial<PriceTick>>> = {
  'coin:pepe': { price: 0.000001, changePercent: 5 },
  'coin:bitcoin': { price: 60_000, changePercent: -2 },
  'metal:gold': { price: 7_000 },
};
const order = (sort: Sort): string[] =>
  sortedRows(rows, sort, (channel) => prices[channel] as PriceTick | undefined).map(({ name }) => name);

describe('the order of rows', () => {
  it.each<[Sort, string[]]>([
    [undefined, ['Pepe', 'Bitcoin', 'Gold', 'Atom']],
    [{ key: 'name', descending: false }, ['Atom', 'Bitcoin', 'Gold', 'Pepe']],
    [{ key: 'name', descending: true }, ['Pepe', 'Gold', 'Bitcoin', 'Atom']],
    [{ key: 'price', descending: true }, ['Bitcoin', 'Gold', 'Pepe', 'Atom']],
    [{ key: 'price', descending: false }, ['Pepe', 'Gold', 'Bitcoin', 'Atom']],
    [{ key: 'change', descending: true }, ['Pepe', 'Bitcoin', 'Gold', 'Atom']],
    [{ key: 'change', descending: false }, ['Bitcoin', 'Pepe', 'Gold', 'Atom']],
  ])('by %j is %j, what is not known last', (sort, names) => {
    expect(order(sort)).toEqual(names);
  });
});

it('a press on a title goes from its usual direction over the other one to the owner’s order', () => {
  const first = nextSort(undefined, 'change');
  expect(first).toEqual({ key: 'change', descending: true });
  const second = nextSort(first, 'change');
  expect(second).toEqual({ key: 'change', descending: false });
  expect(nextSort(second, 'change')).toBeUndefined();
  expect(nextSort(second, 'name')).toEqual({ key: 'name', descending: false });
});

it.each<[unknown, Sort]>([
  [
    { key: 'price', descending: true },
    { key: 'price', descending: true },
  ],
  [{ key: 'volume', descending: true }, undefined],
  [{ key: 'price', descending: 'yes' }, undefined],
  [null, undefined],
  ['price', undefined],
])('of the kept sort %j it reads %j', (kept, sort) => {
  expect(keptSort(kept)).toEqual(sort);
});
