/** Whether a message passes a filter: all of its conditions must hold. A filter saves work; it is no access rule. */
import type { FilterCondition } from './client-messages.js';
import { decimalToNumber } from './dialects/price-quote.js';

type Test = (value: unknown) => boolean;

/** Whether a value is one of these. Numbers and decimal strings are the same where their numbers are. */
function isOneOf(values: readonly (string | number)[]): Test {
  // Sets, so that the number of values costs once and not for each message.
  const known = new Set<unknown>(values.map((value) => decimalToNumber(value) ?? String(value)));
  return (value) => known.has(decimalToNumber(value) ?? (typeof value === 'boolean' ? String(value) : value));
}

function testOf({ cmp, val, vals = [] }: FilterCondition): Test {
  if (cmp === 'in') return isOneOf(vals);
  if (cmp !== 'nin' && val === undefined) return () => true;
  if (cmp === 'eq') return isOneOf([val ?? '']);
  if (cmp === 'nin' || cmp === 'neq') {
    const isListed = isOneOf(cmp === 'nin' ? vals : [val ?? '']);
    return (value) => !isListed(value);
  }
  const bound = decimalToNumber(val);
  return (value) => {
    const number = decimalToNumber(value);
    if (number === undefined || bound === undefined) return false;
    if (cmp === 'gt') return number > bound;
    if (cmp === 'gte') return number >= bound;
    return cmp === 'lt' ? number < bound : number <= bound;
  };
}

/** A filter that is asked of many messages: says of the `data` of one whether it passes, as `passesFilter` does. */
export function compileFilter(filter: readonly FilterCondition[]): (data: unknown) => boolean {
  const tests = filter.map((condition) => {
    const { key, cmp } = condition;
    const missing = cmp === 'neq' || cmp === 'nin';
    const test = testOf(condition);
    return (data: object): boolean => {
      const value: unknown = Object.hasOwn(data, key) ? (data as Readonly<Record<string, unknown>>)[key] : undefined;
      return value === undefined || value === null ? missing : test(value);
    };
  });
  return (data) => typeof data === 'object' && data !== null && tests.every((test) => test(data));
}

/** Whether the `data` of a message passes; a key that it does not have fails every condition but `neq` and `nin`. */
export function passesFilter(filter: readonly FilterCondition[], data: unknown): boolean {
  return compileFilter(filter)(data);
}
