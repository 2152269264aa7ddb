/** Whether a message passes a filter: all of its conditions must hold. A filter saves work; it is no access rule. */
import type { FilterCondition } from './client-messages.js';
import { decimalToNumber } from './dialects/price-quote.js';

type Value = string | number;

function isSame(left: unknown, right: Value): boolean {
  const number = decimalToNumber(left);
  const other = decimalToNumber(right);
  return number !== undefined && other !== undefined ? number === other : String(left) === String(right);
}

function holds(condition: FilterCondition, value: unknown): boolean {
  const { cmp, val, vals } = condition;
  if (cmp === 'in') return (vals ?? []).some((each) => isSame(value, each));
  if (cmp === 'nin') return !(vals ?? []).some((each) => isSame(value, each));
  if (val === undefined) return true;
  if (cmp === 'eq') return isSame(value, val);
  if (cmp === 'neq') return !isSame(value, val);
  const number = decimalToNumber(value);
  const bound = decimalToNumber(val);
  if (number === undefined || bound === undefined) return false;
  if (cmp === 'gt') return number > bound;
  if (cmp === 'gte') return number >= bound;
  return cmp === 'lt' ? number < bound : number <= bound;
}

/** Whether the `data` of a message passes; a key that it does not have fails every condition but `neq` and `nin`. */
export function passesFilter(filter: readonly FilterCondition[], data: unknown): boolean {
  if (typeof data !== 'object' || data === null) return false;
  const values: Readonly<Record<string, unknown>> = { ...data };
  return filter.every((condition) => {
    const value = values[condition.key];
    if (value === undefined || value === null) return condition.cmp === 'neq' || condition.cmp === 'nin';
    return holds(condition, value);
  });
}
