import type { PriceTick } from '@tickwire/client';
import { expect, it } from 'vitest';
import { catalogRows } from '../src/market/catalog-rows.js';
import { titleOf } from '../src/shell/title-words.js';

const [bitcoin, gold] = catalogRows([
  { channel: 'coin:bitcoin', id: 'bitcoin', aliases: ['BTC'], currency: 'USD' },
  { channel: 'metal:gold', id: 'gold', currency: 'INR', unit: 'gram' },
]);
const tick = (price: number) => ({ price }) as PriceTick;

it.each([
  [bitcoin, tick(64_000.5), true, '$64,000.50 BTC'],
  [bitcoin, tick(0.00000123), true, '$0.000001230 BTC'],
  [gold, tick(123_456.5), false, '₹1,23,456.50 Gold (not live)'],
  [bitcoin, undefined, true, 'Tickwire – live prices'],
  [undefined, undefined, true, 'Tickwire – live prices'],
])('the tab says the price of %j', (row, price, live, title) => {
  expect(titleOf(row, price, live)).toBe(title);
});
