import type { PortfolioUpdate } from '@tickwire/protocol';
import { describe, expect, it } from 'vitest';
import { portfolioRows, portfolioSum } from '../src/portfolio/portfolio-rows.js';

type Data = PortfolioUpdate['data'];
const data: Data = {
  ...{ userId: 'asha', totalValue: 1_000, totalProfitLoss: '-50', totalProfitLossPercentage: -4.76 },
  holdings: [
    { coinId: 'pepe', amount: 5 },
    { coinId: 'solana', amount: 2, price: 100, value: 200, stale: true },
    { coinId: 'bitcoin', amount: '0.01', price: 80_000, value: '800', profitLoss: -50 },
    { coinId: null, amount: 7, value: 9 },
  ],
};

describe('the rows of a portfolio', () => {
  it('are the holdings of coins, the most valuable first, those without a value last', () => {
    expect(portfolioRows(data)).toEqual([
      { coinId: 'bitcoin', amount: 0.01, price: 80_000, value: 800, profit: -50, share: 0.8, caveat: undefined },
      { coinId: 'solana', amount: 2, price: 100, value: 200, profit: undefined, share: 0.2, caveat: 'old price' },
      {
        coinId: 'pepe',
        amount: 5,
        price: undefined,
        value: undefined,
        profit: undefined,
        share: undefined,
        caveat: 'no price',
      },
    ]);
  });

  it('are read from the key of the older backend as well, and are none without either', () => {
    expect(portfolioRows({ totalValue: 1, portfolio: [{ coinId: 'pepe', value: 1 }] })).toHaveLength(1);
    expect(portfolioRows({ totalValue: 1 })).toEqual([]);
  });

  it.each<[string, number | string, number | undefined]>([
    ['of nothing is none', 0, undefined],
    ['of what is no number is none', 'much', undefined],
    ['is never more than all', 400, 1],
  ])('a share %s', (_title, totalValue, share) => {
    expect(portfolioRows({ totalValue, holdings: [{ coinId: 'pepe', value: 800 }] })[0]?.share).toBe(share);
  });
});

describe('the sum of a portfolio', () => {
  it('says its gain, and what it rests on', () => {
    expect(portfolioSum(data)).toEqual({
      ...{ value: 1_000, profit: -50, profitPercent: -4.76 },
      caveat: '1 of 3 rests on an old price; 1 of 3 has no price and counts nothing',
    });
  });

  it.each<[NonNullable<Data['holdings']>, string | undefined]>([
    [[{ coinId: 'a', value: 1 }], undefined],
    [
      [
        { coinId: 'a', value: 1, stale: true },
        { coinId: 'b', value: 1, stale: true },
      ],
      '2 of 2 rest on an old price',
    ],
    [[{ coinId: 'a' }, { coinId: 'b' }], '2 of 2 have no price and count nothing'],
  ])('of %o warns: %s', (holdings, caveat) => {
    expect(portfolioSum({ totalValue: 1, holdings }).caveat).toBe(caveat);
  });
});
