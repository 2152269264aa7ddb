/** What a portfolio is worth at the last prices. Pure. */
import type { PortfolioUpdate } from '@tickwire/protocol';

/** So much of a coin, as its user says. */
export interface Holding {
  readonly coinId: string;
  readonly amount: number;
  /** What one coin cost; without it there is no profit to tell. */
  readonly averagePrice?: number;
}

/** Float arithmetic leaves crumbs in the last digits. */
function rounded(value: number): number {
  return Number(value.toPrecision(12));
}

/**
 * The message of a portfolio. A holding without a known price is listed without a value and counts nothing; profit is
 * told of what has both a price and a cost.
 */
export function portfolioMessageOf(
  userId: string,
  holdings: Iterable<Holding>,
  priceOf: (coinId: string) => number | undefined,
  timestamp: string,
): PortfolioUpdate {
  let totalValue = 0;
  let cost = 0;
  let profit = 0;
  const items = Array.from(holdings, ({ coinId, amount, averagePrice }) => {
    const price = priceOf(coinId);
    if (price === undefined) return { coinId, amount };
    const value = amount * price;
    totalValue += value;
    if (averagePrice === undefined) return { coinId, amount, price, value: rounded(value) };
    cost += amount * averagePrice;
    profit += value - amount * averagePrice;
    return { coinId, amount, price, value: rounded(value), profitLoss: rounded(value - amount * averagePrice) };
  });
  return {
    type: 'portfolio_update',
    data: {
      userId,
      totalValue: rounded(totalValue),
      ...(cost === 0
        ? {}
        : { totalProfitLoss: rounded(profit), totalProfitLossPercentage: Number(((profit / cost) * 100).toFixed(4)) }),
      holdings: items,
    },
    timestamp,
    userId,
  };
}
