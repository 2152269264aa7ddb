import { decodeServerMessage, encodeMessage } from '@tickwire/protocol/codec';
import { coinQuote, metalQuotes } from '@tickwire/protocol';
import { expect, it } from 'vitest';
import { readInitialPrices, type InitialPrice, type InitialPrices } from '../src/initial-prices.js';

const bitcoin: InitialPrice = {
  channel: 'coin:bitcoin',
  id: 'bitcoin',
  price: 50_000,
  changePercent: 5.2,
  marketCap: 1e12,
  timestamp: '2026-01-01T00:00:00.000Z',
  receivedAt: 1,
  freshness: 'fresh',
  direction: 'same',
};
const gold: InitialPrice = {
  channel: 'metal:gold',
  id: 'gold',
  price: 5_420.5,
  change: 25.3,
  changePercent: 0.47,
  currency: 'INR',
  unit: 'gram',
  timestamp: undefined,
  receivedAt: 1,
  freshness: 'fresh',
  direction: 'up',
};

it('makes ticks of a page’s prices, with the message that would have brought them', () => {
  const ticks = readInitialPrices(JSON.parse(JSON.stringify({ 'coin:bitcoin': bitcoin, gold })) as InitialPrices);
  expect([...ticks.keys()]).toEqual(['coin:bitcoin', 'metal:gold']);
  expect(ticks.get('coin:bitcoin')).toMatchObject(bitcoin);
  for (const tick of ticks.values()) {
    const decoded = decodeServerMessage(encodeMessage(tick.source));
    expect(decoded).toMatchObject({ ok: true, kind: 'known' });
    const quote =
      tick.source.type === 'priceUpdate' ? metalQuotes(tick.source)[0] : coinQuote(tick.source, ['bitcoin']);
    expect(quote?.price).toBe(tick.price);
    expect(quote?.changePercent).toBe(tick.changePercent);
  }
});

it('leaves out what carries no prices', () => {
  const whales = { ...bitcoin, channel: 'whales' as const };
  const refused = { ...bitcoin, channel: 'coin:constructor' as const };
  expect(readInitialPrices({ whales, refused }).size).toBe(0);
  expect(readInitialPrices(undefined).size).toBe(0);
});
