/** Which value a filter's condition must have: what JSON Schema cannot say of it. Asked by the codec and by zod's schemas. */

/** The part of a condition that the rule looks at. */
export interface ConditionValues {
  cmp: string;
  val?: unknown;
  vals?: unknown;
}

/**
 * The key at fault in a condition of a filter: `in` and `nin` take `vals` and no `val`, all others `val` and no `vals`.
 * `undefined` when there is none.
 */
export function wrongConditionKey({ cmp, val, vals }: ConditionValues): 'val' | 'vals' | undefined {
  const takesList = cmp === 'in' || cmp === 'nin';
  if (takesList ? vals === undefined : vals !== undefined) return 'vals';
  return (takesList ? val !== undefined : val === undefined) ? 'val' : undefined;
}
