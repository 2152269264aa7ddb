/** Where a value departs from what was expected: the words of the interpreter and of the straight-line checks alike. */

/** The first fault of a value: where, and what was expected. */
export interface Fault {
  /** Keys and indexes joined by dots, relative to the value that was judged; `""` is the value itself. */
  path: string;
  reason: string;
}

/** A parsed JSON object. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** Whether a value is a plain JSON object: no array, no `null`. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * The fault of a value that is something else.
 *
 * @param what what was expected, in words; never a word of the input
 * @param value looked at for lost digits
 */
export function expected(what: string, path = '', value?: unknown): Fault {
  // What stands in the frame is not what was sent: 2^53 and its neighbour read the same.
  const hasLostDigits = Number.isInteger(value) && !Number.isSafeInteger(value);
  const hint = hasLostDigits ? '; an integer beyond 2^53 loses digits, send it as a string' : '';
  return { path, reason: `expected ${what}${hint}` };
}

/** A fault of a part, seen from the whole. Paths are only built on the way up from a fault: a good value costs none. */
export function below(key: string | number, fault: Fault | undefined): Fault | undefined {
  return fault && { path: fault.path === '' ? String(key) : `${key}.${fault.path}`, reason: fault.reason };
}

/** The first fault of an array whose items are judged one by one. */
export function itemsFault(
  value: unknown,
  faultOf: (item: unknown) => Fault | undefined,
  most = Infinity,
  least = 0,
): Fault | undefined {
  if (!Array.isArray(value)) return expected('an array');
  if (value.length > most) return expected(`at most ${most} items`);
  if (value.length < least) return expected(least === 1 ? 'at least one item' : `at least ${least} items`);
  for (let index = 0; index < value.length; index += 1) {
    const found = faultOf(value[index]);
    if (found !== undefined) return below(index, found);
  }
  return undefined;
}
