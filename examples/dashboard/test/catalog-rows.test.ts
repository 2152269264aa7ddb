import type { CatalogItem } from '@tickwire/protocol';
import { expect, it } from 'vitest';
import { catalogRows } from '../src/market/catalog-rows.js';

it.each<[string, CatalogItem, unknown]>([
  [
    'a coin',
    { channel: 'coin:bitcoin', id: 'bitcoin', aliases: ['BTC', 1], currency: 'USD', staleAfterMs: 60_000 },
    { channel: 'coin:bitcoin', kind: 'coin', name: 'Bitcoin', symbol: 'BTC', currency: 'USD' },
  ],
  [
    'a simulated metal',
    { channel: 'metal:gold', id: 'gold', aliases: ['XAU'], currency: 'INR', unit: 'gram', source: 'simulated' },
    {
      channel: 'metal:gold',
      kind: 'metal',
      name: 'Gold',
      symbol: 'XAU',
      currency: 'INR',
      unit: 'gram',
      origin: 'Simulated',
    },
  ],
  [
    'a replayed trading pair',
    { channel: 'coin:skl-usd', id: 'skl-usd', aliases: ['SKL-USD'], currency: 'USD', source: 'replay' },
    { channel: 'coin:skl-usd', kind: 'coin', name: 'SKL-USD', currency: 'USD', origin: 'Replay' },
  ],
  [
    'a pair quoted in a ticker',
    { channel: 'coin:btc-usdt', id: 'btc-usdt', currency: 'USDT' },
    { channel: 'coin:btc-usdt', kind: 'coin', name: 'BTC-USDT', currency: 'USDT' },
  ],
  [
    'a name of several words',
    { channel: 'coin:shiba-inu', id: 'shiba-inu', aliases: [4, 'SHIB'], currency: null, unit: null },
    { channel: 'coin:shiba-inu', kind: 'coin', name: 'Shiba Inu', symbol: 'SHIB' },
  ],
  [
    'a source of this moment, or of an unknown word',
    { channel: 'coin:pepe', id: 'pepe', source: 'coinbase' },
    { channel: 'coin:pepe', kind: 'coin', name: 'Pepe' },
  ],
])('makes a row of %s', (_, item, row) => {
  expect(catalogRows([item])).toEqual([row]);
});

it('leaves out what carries no prices, and what is there twice', () => {
  const items: CatalogItem[] = [
    { channel: 'whales', id: 'whales' },
    { channel: 'social:bitcoin', id: 'bitcoin' },
    { channel: 'coin:__proto__', id: 'x' },
    { channel: 'tulip:red', id: 'red' },
    { channel: 'coin:bitcoin', id: 'bitcoin' },
    { channel: 'coin:bitcoin', id: 'bitcoin', currency: 'EUR' },
  ];
  expect(catalogRows(items)).toEqual([{ channel: 'coin:bitcoin', kind: 'coin', name: 'Bitcoin' }]);
});
