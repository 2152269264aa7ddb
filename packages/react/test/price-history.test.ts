import type { HistoryPage } from '@tickwire/client';
import { describe, expect, it } from 'vitest';
import type { PriceState } from '../src/price-feed.js';
import { createPriceHistory, pointsOf, thinned } from '../src/price-history.js';

const second = (seconds: number): string => new Date(seconds * 1_000).toISOString();
const page = (...messages: object[]): HistoryPage =>
  ({ channel: 'c', epoch: 'e', seq: 1, complete: true, messages }) as unknown as HistoryPage;
const state = (price: number, receivedAt: number): PriceState =>
  ({ tick: { price, receivedAt, timestamp: undefined }, error: null, pending: false }) as unknown as PriceState;

describe('what a page of history says of one price', () => {
  it.each<[string, object, [number, number][]]>([
    ['a coin', { type: 'price_update', data: { price: '5', timestamp: second(1) } }, [[1_000, 5]]],
    [
      'a coin with the time of its message',
      { type: 'price_update', timestamp: second(2), data: { price: 5 } },
      [[2_000, 5]],
    ],
    ['a metal', { type: 'priceUpdate', data: { gold: { price: 7, timestamp: second(3) } } }, [[3_000, 7]]],
    [
      'metals in a list',
      { type: 'priceUpdate', timestamp: second(4), data: [{ silver: { price: 1 } }, { gold: { price: 8 } }] },
      [[4_000, 8]],
    ],
    ['another metal', { type: 'priceUpdate', timestamp: second(4), data: { silver: { price: 1 } } }, []],
    ['a notice', { type: 'price_update', timestamp: second(4), data: { message: 'Subscribed' } }, []],
    ['no price', { type: 'price_update', timestamp: second(4), data: { price: null } }, []],
    ['no time', { type: 'price_update', data: { price: 5 } }, []],
    ['no data', { type: 'announcement', data: null }, []],
  ])('of %s', (_what, message, expected) => {
    expect(pointsOf(page(message), 'gold')).toEqual(expected.map(([at, price]) => ({ at, price })));
  });
});

it.each<[string, number[], number[]]>([
  ['nothing', [], []],
  ['what is far enough apart', [0, 10, 20], [0, 10, 20]],
  ['of what is too close the last', [0, 4, 8, 20, 21], [8, 21]],
])('keeps %s', (_what, times, expected) => {
  expect(
    thinned(
      times.map((at) => ({ at, price: 1 })),
      10,
    ).map(({ at }) => at),
  ).toEqual(expected);
});

describe('a history', () => {
  it('keeps the newest points, and the last price of each span', () => {
    const history = createPriceHistory({ points: 2, everyMs: 10 });
    expect(history.derive(state(1, 0), 0)).toEqual({ value: [{ at: 0, price: 1 }], until: Infinity });
    expect(history.derive(state(2, 4), 4)).toMatchObject({ value: [{ price: 1 }], until: 10 });
    expect(history.derive(state(3, 6), 6)).toMatchObject({ value: [{ price: 1 }], until: 10 });
    expect(history.derive(state(3, 6), 10).value.map(({ price }) => price)).toEqual([1, 3]);
    expect(history.derive(state(4, 30), 30).value.map(({ price }) => price)).toEqual([3, 4]);
  });

  it('puts what the server remembers before what has come, and none of it twice', () => {
    const history = createPriceHistory({ points: 10, everyMs: 0 });
    history.derive(state(3, 3_000), 3_000);
    history.put([2, 1, 3, 4].map((at) => ({ at: at * 1_000, price: at })));
    expect(history.derive(state(3, 3_000), 3_001).value.map(({ price }) => price)).toEqual([1, 2, 3]);
  });
});
