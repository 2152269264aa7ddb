/** What a portfolio message says, as the rows and the sum of a table; pure. */
import { decimalToNumber, type PortfolioUpdate } from '@tickwire/protocol';

/** One holding as it is shown. */
export interface PortfolioRow {
  coinId: string | number;
  /** `undefined` where the server does not say it. */
  amount: number | undefined;
  price: number | undefined;
  value: number | undefined;
  profit: number | undefined;
  /** Of the sum, 0 to 1; `undefined` where there is no value, or no sum. */
  share: number | undefined;
  /** What its value rests on, where that is not the price of this moment. */
  caveat: 'old price' | 'no price' | undefined;
}

/** The portfolio in sum. */
export interface PortfolioSum {
  value: number | undefined;
  profit: number | undefined;
  profitPercent: number | undefined;
  /** What the sum rests on, in words, where it is not all of it the prices of this moment. */
  caveat: string | undefined;
}

type Data = PortfolioUpdate['data'];
type Holding = NonNullable<Data['holdings']>[number];

function holdingsOf(data: Data): readonly Holding[] {
  return data.holdings ?? data.portfolio ?? [];
}

function numberOf(value: unknown): number | undefined {
  return decimalToNumber(value);
}

function rowOf(holding: Holding, total: number | undefined): PortfolioRow[] {
  const { coinId } = holding;
  if (coinId === null || coinId === undefined) return [];
  const value = numberOf(holding.value);
  return [
    {
      coinId,
      amount: numberOf(holding.amount),
      price: numberOf(holding['price']),
      value,
      profit: numberOf(holding['profitLoss']),
      share: value === undefined || total === undefined || total <= 0 ? undefined : Math.min(1, value / total),
      caveat: value === undefined ? 'no price' : holding['stale'] === true ? 'old price' : undefined,
    },
  ];
}

/** The holdings, the most valuable first; those without a value come last. A holding of no coin is left out. */
export function portfolioRows(data: Data): PortfolioRow[] {
  const total = numberOf(data.totalValue);
  return holdingsOf(data)
    .flatMap((holding) => rowOf(holding, total))
    .sort((one, other) => (other.value ?? -1) - (one.value ?? -1));
}

function caveatOf(rows: readonly PortfolioRow[]): string | undefined {
  const count = (caveat: PortfolioRow['caveat']): number => rows.filter((row) => row.caveat === caveat).length;
  const [old, unpriced] = [count('old price'), count('no price')];
  const parts = [
    ...(old > 0 ? [`${old} of ${rows.length} rest${old === 1 ? 's' : ''} on an old price`] : []),
    ...(unpriced > 0
      ? [
          `${unpriced} of ${rows.length} ha${unpriced === 1 ? 's' : 've'} no price and count${unpriced === 1 ? 's' : ''} nothing`,
        ]
      : []),
  ];
  return parts.length === 0 ? undefined : parts.join('; ');
}

/** The sum, with what it rests on. */
export function portfolioSum(data: Data): PortfolioSum {
  return {
    value: numberOf(data.totalValue),
    profit: numberOf(data.totalProfitLoss),
    profitPercent: numberOf(data.totalProfitLossPercentage),
    caveat: caveatOf(portfolioRows(data)),
  };
}
