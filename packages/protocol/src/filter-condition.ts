/** What a filter's condition may look at, how it may compare, and which value it must then have. Asked by the codec, by zod's schemas, and by clients before they send one. */

/** What a filter may look at. */
export const filterKeys = [
  'usdValue',
  'amount',
  'priceChange24h',
  'sentimentScore',
  'trendingScore',
  'mentions24h',
  'platform',
  'coinId',
] as const;

/** How a filter compares. */
export const filterComparisons = ['eq', 'neq', 'in', 'nin', 'gt', 'gte', 'lt', 'lte'] as const;

/** The part of a condition that the rule looks at. */
export interface ConditionValues {
  cmp: string;
  val?: unknown;
  vals?: unknown;
}

/**
 * What JSON Schema cannot say: the key at fault in a condition of a filter: `in` and `nin` take `vals` and no `val`, all others `val` and no `vals`.
 * `undefined` when there is none.
 */
export function wrongConditionKey({ cmp, val, vals }: ConditionValues): 'val' | 'vals' | undefined {
  const takesList = cmp === 'in' || cmp === 'nin';
  if (takesList ? vals === undefined : vals !== undefined) return 'vals';
  return (takesList ? val !== undefined : val === undefined) ? 'val' : undefined;
}
