/** What a portfolio is worth at the last prices. Pure. */
import type { PortfolioUpdate } from '@tickwire/protocol';

/** So much of a coin, as its user says. */
export interface Holding {
  readonly coinId: string;
  readonly amount: number;
  /** What one coin cost; without it there is no profit to tell. */
  readonly averagePrice?: number;
}

/** What is known of a coin's price. */
export interface KnownPrice {
  readonly price: number;
  /** The price is an old one: nothing newer could be had. */
  readonly isStale: boolean;
}

/** Float arithmetic leaves crumbs in the last digits. */
function rounded(value: number): number {
  return Number(value.toPrecision(12));
}

/**
 * The message of a portfolio. A holding without a known price is listed without a value and counts nothing; profit is
 * told of what has both a price and a cost. What rests on an old price is `stale`, and so is a sum that it is in.
 */
export function portfolioMessageOf(
  userId: string,
  holdings: Iterable<Holding>,
  priceOf: (coinId: string) => KnownPrice | undefined,
  timestamp: string,
): PortfolioUpdate {
  let totalValue = 0;
  let cost = 0;
  let profit = 0;
  const items = Array.from(holdings, ({ coinId, amount, averagePrice }) => {
    const known = priceOf(coinId);
    if (known === undefined) return { coinId, amount };
    const { price, isStale } = known;
    const value = amount * price;
    totalValue += value;
    const item = { coinId, amount, price, value: rounded(value), ...(isStale ? { stale: true } : {}) };
    if (averagePrice === undefined) return item;
    cost += amount * averagePrice;
    profit += value - amount * averagePrice;
    return { ...item, profitLoss: rounded(value - amount * averagePrice) };
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
      ...(items.some((item) => 'stale' in item) ? { stale: true } : {}),
    },
    timestamp,
    userId,
  };
}
