import { coin } from '@tickwire/protocol';
import { describe, expect, it } from 'vitest';
import { createCatalog } from '../src/catalog.js';
import type { Instrument } from '../src/sources/price-source.js';

const coinCalled = (id: string, ...aliases: (string | number)[]): Instrument => ({
  channel: coin(id),
  kind: 'coin',
  id,
  aliases,
  currency: 'USD',
  source: 'test',
  staleAfterMs: 60_000,
});

describe('the catalog', () => {
  it.each([
    ['bitcoin', 'bitcoin'],
    ['btc', 'bitcoin'],
    ['BTC', 'bitcoin'],
    [1, 'bitcoin'],
    ['2', undefined],
    ['constructor', undefined],
    ['__proto__', undefined],
  ])('finds the coin that %j means', (name, id) => {
    const catalog = createCatalog();
    catalog.add([coinCalled('bitcoin', 'BTC', 1)]);
    expect(catalog.coinIdOf(name)).toBe(id);
  });

  it.each([
    ['before', [coinCalled('btc'), coinCalled('bitcoin', 'BTC')]],
    ['after', [coinCalled('bitcoin', 'BTC'), coinCalled('btc')]],
  ])('takes an id for its own coin, even one that stands %s a coin with that alias', (_case, instruments) => {
    const [first, second] = instruments;
    const [together, apart] = [createCatalog(), createCatalog()];
    together.add(instruments);
    if (first !== undefined) apart.add([first]);
    if (second !== undefined) apart.add([second]);
    for (const catalog of [together, apart]) {
      expect(catalog.coinIdOf('btc')).toBe('btc');
      expect(catalog.coinIdOf('bitcoin')).toBe('bitcoin');
    }
  });

  it('changes its revision with what it has', () => {
    const catalog = createCatalog();
    const empty = catalog.revision;
    catalog.add([coinCalled('bitcoin')]);
    expect(catalog.revision).not.toBe(empty);
    expect(catalog.items).toMatchObject([{ channel: 'coin:bitcoin', currency: 'USD', source: 'test' }]);
  });
});
