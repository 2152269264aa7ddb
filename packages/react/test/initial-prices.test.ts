import { decodeServerMessage, encodeMessage } from '@tickwire/protocol/codec';
import { coinQuote, metalQuotes } from '@tickwire/protocol';
import { describe, expect, it, vi } from 'vitest';
import { initialTickAt, readInitialPrices, type InitialPrice, type InitialPrices } from '../src/initial-prices.js';

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
  expect(ticks.get('coin:bitcoin')?.unverified).toMatchObject({ ...bitcoin, freshness: 'unverified' });
  for (const { unverified: tick } of ticks.values()) {
    const decoded = decodeServerMessage(encodeMessage(tick.source));
    expect(decoded).toMatchObject({ ok: true, kind: 'known' });
    const quote =
      tick.source.type === 'priceUpdate' ? metalQuotes(tick.source)[0] : coinQuote(tick.source, ['bitcoin']);
    expect(quote?.price).toBe(tick.price);
    expect(quote?.changePercent).toBe(tick.changePercent);
  }
});

it('takes the channels of any dialect', () => {
  const prices = { pair: { ...bitcoin, channel: 'eurusd', id: 'eurusd' } } as unknown as InitialPrices;
  expect(readInitialPrices(prices).get('eurusd')?.unverified.price).toBe(50_000);
});

let cases = 0;

it.each([
  null,
  undefined,
  7,
  'coin:bitcoin',
  [],
  {},
  { ...bitcoin, channel: undefined },
  { ...bitcoin, id: 7 },
  { ...bitcoin, price: null },
  { ...bitcoin, price: '50000' },
  { ...bitcoin, price: NaN },
  { ...bitcoin, receivedAt: undefined },
])('F63: leaves a bad entry (%j) out, keeps the good ones, and says so once', (bad) => {
  const complaints = vi.spyOn(console, 'error').mockImplementation(() => undefined);
  cases += 1;
  const name = `bad ${cases}`;
  const prices = { [name]: bad, 'metal:gold': gold } as InitialPrices;
  expect([...readInitialPrices(prices).keys()]).toEqual(['metal:gold']);
  expect([...readInitialPrices(prices).keys()]).toEqual(['metal:gold']);
  expect(complaints).toHaveBeenCalledTimes(1);
  expect(complaints.mock.calls[0]?.[0]).toContain('is no price and was left out');
  complaints.mockRestore();
});

it.each([null, 7, 'prices', true])('F63: takes %j instead of prices for none', (prices) => {
  expect(readInitialPrices(prices as unknown as InitialPrices).size).toBe(0);
  expect(readInitialPrices(undefined).size).toBe(0);
});

describe('the age of an initial price', () => {
  const at = (rest: Partial<InitialPrice>, now: number) =>
    initialTickAt(readInitialPrices({ price: { ...bitcoin, ...rest } }).get('coin:bitcoin'), now)?.freshness;
  const told = Date.parse('2026-01-01T00:00:00.000Z');

  it.each<[string, Partial<InitialPrice>, number, string]>([
    ['its own time, a moment ago', { receivedAt: told + 5 }, told + 1_000, 'unverified'],
    ['its own time, a minute ago', { receivedAt: told + 50_000 }, told + 60_000, 'stale'],
    ['its arrival, where it has no time', { timestamp: undefined, receivedAt: 1_000 }, 60_999, 'unverified'],
    ['its arrival, where it has no time', { timestamp: undefined, receivedAt: 1_000 }, 61_000, 'stale'],
    ['its arrival, where its time is none', { timestamp: 'yesterday', receivedAt: 1_000 }, 61_000, 'stale'],
    ['its arrival, where its time is ahead of it', { receivedAt: 1_000 }, 61_000, 'stale'],
    ['what it says itself', { freshness: 'stale', receivedAt: told }, told, 'stale'],
  ])('F41: is told by %s, and never fresh', (_what, rest, now, freshness) => {
    expect(at(rest, now)).toBe(freshness);
  });
});
