/** Looks at options as they come from users without a compiler. Each check throws `CONFIGURATION` with what to write instead. */
import { PriceStreamError } from '../kernel/errors.js';
import { durations, wrong } from '../kernel/options.js';
import { nearestName } from './nearest-name.js';

function isRecord(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Reads what users pass: what throws while it is read is refused. */
export function readable<Read>(name: string, read: () => Read): Read {
  try {
    return read();
  } catch (cause) {
    throw new PriceStreamError('CONFIGURATION', `${name} cannot be read.`, { cause });
  }
}

/** The options themselves, or a group of them, each read once; a name that is none of these is refused with the nearest. */
export function knownOptions<Options extends object>(
  name: string,
  given: unknown,
  names: readonly string[],
): Partial<Options> {
  const options: Record<string, unknown> = {};
  const [isGroup, unknown] = readable(name, () => {
    if (given === undefined) return [true];
    if (!isRecord(given)) return [false];
    for (const key of names) {
      const value: unknown = Reflect.get(given, key);
      if (value !== undefined) options[key] = value;
    }
    return [true, Object.keys(given).find((key) => !names.includes(key))];
  });
  if (!isGroup) throw wrong(name, 'an object, or left out');
  if (unknown !== undefined) {
    const near = nearestName(unknown, names);
    const hint = near === undefined ? `There are ${names.join(', ')}.` : `Did you mean '${near}'?`;
    throw new PriceStreamError('CONFIGURATION', `${name} has no '${unknown.slice(0, 40)}'. ${hint}`);
  }
  return options as Partial<Options>;
}

/** One of these words. */
export function oneOf(name: string, value: unknown, words: readonly string[]): string {
  if (typeof value === 'string' && words.includes(value)) return value;
  const near = typeof value === 'string' ? nearestName(value, words) : undefined;
  const list = words.map((word) => `'${word}'`).join(', ');
  throw wrong(
    name,
    near === undefined
      ? `one of ${list}`
      : `another word than '${String(value).slice(0, 40)}'. Did you mean '${near}'? There are ${list}`,
  );
}

/** A function. */
export function checkedFunction(name: string, value: unknown): void {
  if (value !== undefined && typeof value !== 'function') throw wrong(name, 'a function, or left out');
}

/** Something of the user's that is called later: it has these methods, its own or inherited. */
export function checkedMethods(name: string, value: unknown, methods: readonly string[]): void {
  if (value === undefined) return;
  const isObject = (typeof value === 'object' && value !== null) || typeof value === 'function';
  const has = readable(
    name,
    () => isObject && methods.every((method) => typeof Reflect.get(value, method) === 'function'),
  );
  if (!has) throw wrong(name, `an object with ${methods.join('(), ')}(), or left out`);
}

/** Durations in ms, completed. */
export const checkedDurations = durations;

/** A token of RFC 9110 section 5.6.2, as RFC 6455 section 4.1 wants subprotocols. */
const subprotocol = /^[\w!#$%&'*+.^`|~-]+$/;

/** The subprotocols as a list: one or several names, each once. */
export function subprotocols(value: unknown): string[] | undefined {
  if (value === undefined) return undefined;
  const list: readonly unknown[] = readable('protocols', () =>
    Array.isArray(value) ? [...(value as unknown[])] : [value],
  );
  const names = list.filter((name): name is string => typeof name === 'string' && subprotocol.test(name));
  if (names.length < list.length || new Set(names).size < names.length)
    throw wrong('protocols', "a subprotocol's name or a list of different ones, for example 'tickwire-v1'");
  return names;
}

/** The headers of the upgrade, copied. What they hold may be secret and is not repeated in the error. */
export function upgradeHeaders(value: unknown): Record<string, string> | undefined {
  if (value === undefined) return undefined;
  const headers = readable('headers', () => (isRecord(value) ? { ...(value as Record<string, string>) } : undefined));
  if (headers === undefined || Object.values(headers).some((each: unknown) => typeof each !== 'string'))
    throw wrong('headers', 'an object of texts');
  return headers;
}
