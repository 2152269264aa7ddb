import type { PortfolioUpdate } from '@tickwire/protocol';
import { describe, expect, it } from 'vitest';
import { portfolioMessageOf, type Holding } from '../../src/portfolio/portfolio-value.js';
import { FairTurns } from '../../src/services/fair-turns.js';
import { Portfolios } from '../../src/portfolio/portfolios.js';
import { createManualClock } from '../manual-clock.js';

const at = '2026-01-01T00:00:00.000Z';
const prices = new Map([
  ['bitcoin', { price: 50_000, isStale: false }],
  ['pepe', { price: 0.1, isStale: false }],
  ['solana', { price: 150, isStale: true }],
]);
const worth = (...holdings: Holding[]) => portfolioMessageOf('u', holdings, (id) => prices.get(id), at).data;

describe('what a portfolio is worth', () => {
  it('is amount times price, with profit where the cost is known', () => {
    expect(worth({ coinId: 'bitcoin', amount: 0.5, averagePrice: 40_000 }, { coinId: 'pepe', amount: 3 })).toEqual({
      userId: 'u',
      totalValue: 25_000.3,
      totalProfitLoss: 5_000,
      totalProfitLossPercentage: 25,
      holdings: [
        { coinId: 'bitcoin', amount: 0.5, price: 50_000, value: 25_000, profitLoss: 5_000 },
        { coinId: 'pepe', amount: 3, price: 0.1, value: 0.3 },
      ],
    });
  });

  it.each<[string, Holding[], object]>([
    ['nothing', [], { totalValue: 0, holdings: [] }],
    [
      'a coin without a price',
      [{ coinId: 'new', amount: 2, averagePrice: 1 }],
      { totalValue: 0, holdings: [{ amount: 2 }] },
    ],
    ['a loss', [{ coinId: 'bitcoin', amount: 1, averagePrice: 100_000 }], { totalProfitLossPercentage: -50 }],
  ])('of %s', (_case, holdings, expected) => {
    expect(worth(...holdings)).toMatchObject(expected);
  });

  it('is stale where it rests on an old price, and in sum', () => {
    expect(worth({ coinId: 'bitcoin', amount: 1 }, { coinId: 'solana', amount: 2, averagePrice: 100 })).toEqual({
      userId: 'u',
      totalValue: 50_300,
      totalProfitLoss: 100,
      totalProfitLossPercentage: 50,
      holdings: [
        { coinId: 'bitcoin', amount: 1, price: 50_000, value: 50_000 },
        { coinId: 'solana', amount: 2, price: 150, value: 300, profitLoss: 100, stale: true },
      ],
      stale: true,
    });
  });

  it('claims no percentage over a cost of 0', () => {
    expect(worth({ coinId: 'bitcoin', amount: 1, averagePrice: 0 })).not.toHaveProperty('totalProfitLossPercentage');
  });
});

describe('the portfolios', () => {
  function setUp(maxPortfolios = 10) {
    const clock = createManualClock();
    const told: [string, unknown, boolean][] = [];
    const portfolios = new Portfolios({
      turns: new FairTurns({ steps: 1_000 }),
      clock,
      limits: { maxPortfolios, portfolioEveryMs: 1_000 },
      tell: (userId, message: PortfolioUpdate) => {
        told.push([userId, message.data.totalValue, message.data['stale'] === true]);
        return Promise.resolve();
      },
    });
    const price = (coinId: string, value: number | string) =>
      portfolios.take(coinId, { type: 'price_update', data: { coinId, price: value } });
    return { clock, told, portfolios, price };
  }

  it('tell a worth at once when the holdings change, and once a beat when prices do', () => {
    const { clock, told, portfolios, price } = setUp();
    price('bitcoin', '100');
    portfolios.replace('u', [{ coinId: 'bitcoin', amount: 2 }]);
    portfolios.replace('v', [{ coinId: 'pepe', amount: 2 }]);
    for (let value = 101; value <= 110; value += 1) price('bitcoin', value);
    expect(told).toEqual([
      ['u', 200, false],
      ['v', 0, false],
    ]);
    clock.advance(1_000);
    expect(told.slice(2)).toEqual([['u', 220, false]]);
    clock.advance(10_000);
    price('bitcoin', 110);
    expect(clock.waiting).toBe(0);
  });

  it('are told anew when a price that did not move becomes old, and when it is confirmed', () => {
    const { clock, portfolios, told } = setUp();
    const quote = (more: object) =>
      portfolios.take('bitcoin', { type: 'price_update', data: { coinId: 'bitcoin', price: 5, ...more } });
    quote({});
    portfolios.replace('u', [{ coinId: 'bitcoin', amount: 2 }]);
    for (const more of [{ stale: true }, { stale: true }, {}]) {
      quote(more);
      clock.advance(1_000);
    }
    expect(told.map(([, , isStale]) => isStale)).toEqual([false, true, false]);
  });

  it('tell nobody about coins that nobody holds any more', () => {
    const { clock, told, portfolios, price } = setUp();
    portfolios.replace('u', [{ coinId: 'bitcoin', amount: 2 }]);
    portfolios.replace('u', []);
    price('bitcoin', 5);
    clock.advance(1_000);
    expect(told).toEqual([
      ['u', 0, false],
      ['u', 0, false],
    ]);
    expect(portfolios.size).toBe(0);
  });

  it('are bounded', () => {
    const { portfolios } = setUp(1);
    const holdings = [{ coinId: 'bitcoin', amount: 2 }];
    expect(portfolios.replace('u', holdings)).toBe(true);
    expect(portfolios.replace('v', holdings)).toBe(false);
    expect(portfolios.replace('u', holdings)).toBe(true);
  });

  it('leave no timer behind when they stop', () => {
    const { clock, portfolios, price } = setUp();
    portfolios.replace('u', [{ coinId: 'bitcoin', amount: 2 }]);
    price('bitcoin', 5);
    portfolios.stop();
    expect(clock.waiting).toBe(0);
  });
});
