import { expect, it } from 'vitest';
import { catalogRows } from '../src/market/catalog-rows.js';
import { found, mostFound } from '../src/watchlist/search.js';

const rows = catalogRows([
  { channel: 'coin:wrapped-bitcoin', id: '', aliases: ['WBTC'] },
  { channel: 'coin:bitcoin', id: '', aliases: ['BTC'] },
  { channel: 'coin:bitcoin-cash', id: '', aliases: ['BCH'] },
  { channel: 'metal:gold', id: '', aliases: ['XAU'] },
]);

it.each([
  ['', ['Wrapped Bitcoin', 'Bitcoin', 'Bitcoin Cash', 'Gold']],
  ['btc', ['Bitcoin', 'Wrapped Bitcoin']],
  [' Bitcoin ', ['Bitcoin', 'Bitcoin Cash', 'Wrapped Bitcoin']],
  ['xa', ['Gold']],
  ['metal:', ['Gold']],
  ['palladium', []],
])('of "%s" it finds %j', (typed, names) => {
  expect(found(rows, typed).map(({ name }) => name)).toEqual(names);
});

it('offers no more than one can look through', () => {
  const many = catalogRows(Array.from({ length: 1_000 }, (_, index) => ({ channel: `coin:c${index}`, id: '' })));
  expect(found(many, '')).toHaveLength(mostFound);
});
