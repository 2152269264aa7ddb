/** Looks at what users pass, without a compiler: each value is read once, and copied. What is wrong is `CONFIGURATION`, with what to write instead. */
import { PriceStreamError } from '../kernel/errors.js';
import { wrong } from '../kernel/errors.js';
import { nearestName } from './nearest-name.js';

/** Gives a value as it is used from now on; throws for one that is wrong. */
export type Check<Value = unknown> = (name: string, value: unknown) => Value;
/** The checks of an object's values by their names. */
export type Checks = Readonly<Record<string, Check>>;

/** An object that is no list. */
function isRecord(value: unknown): value is Record<string, unknown> {
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

/** A list as it is now; one value stands for itself. */
export function listOf(name: string, value: unknown): readonly unknown[] {
  return readable(name, () => (Array.isArray(value) ? [...(value as unknown[])] : [value]));
}

/**
 * An object with these values or some of them; a name that is none of these is refused with the nearest.
 *
 * @param prefix what stands before the names of its values in an error
 */
export function fields<Given extends object>(
  name: string,
  given: unknown,
  checks: Checks,
  prefix = '',
): Partial<Given> {
  const names = Object.keys(checks);
  const object = given === undefined ? {} : given;
  const { values, unknown } = readable(name, () => ({
    values: isRecord(object) && names.map((key) => [key, object[key]] as const),
    unknown: Object.keys(object ?? {}).find((key) => !names.includes(key)),
  }));
  if (values === false) throw wrong(name, 'an object, or left out');
  if (unknown !== undefined) {
    const near = nearestName(unknown, names);
    const hint = near === undefined ? `There are ${names.join(', ')}.` : `Did you mean '${near}'?`;
    throw new PriceStreamError('CONFIGURATION', `${name} has no '${unknown.slice(0, 40)}'. ${hint}`);
  }
  const there = values.filter(([, value]) => value !== undefined);
  return Object.fromEntries(there.map(([key, value]) => [key, checks[key]?.(prefix + key, value)])) as Partial<Given>;
}

/** Such an object as a value of another. */
export const group =
  (checks: Checks): Check<object> =>
  (name, value) =>
    fields(name, value, checks, `${name}.`);

/** Looked at elsewhere. */
export const asIs: Check = (_name, value) => value;

const check =
  <Value>(needed: string, takes: (value: unknown) => boolean): Check<Value> =>
  (name, value) => {
    if (!takes(value)) throw wrong(name, needed);
    return value as Value;
  };

export const whole = (least: number): Check<number> =>
  check(`a whole number, ${least} or more`, (value) => Number.isSafeInteger(value) && (value as number) >= least);

/** A duration. */
export const ms = (least: number): Check<number> =>
  check(`a number of milliseconds, ${least} or more`, (value) => Number.isFinite(value) && (value as number) >= least);

export const func = /* @__PURE__ */ check<() => void>('a function', (value) => typeof value === 'function');

/** Something of the user's that is called later: it has these methods, its own or inherited. */
export const methods =
  (...names: readonly string[]): Check =>
  (name, value) => {
    const isObject = (typeof value === 'object' && value !== null) || typeof value === 'function';
    const has = readable(
      name,
      () => isObject && names.every((method) => typeof Reflect.get(value, method) === 'function'),
    );
    if (!has) throw wrong(name, `an object with ${names.join('(), ')}(), or left out`);
    return value;
  };

/** One of these words. */
export const oneOf =
  (...words: readonly string[]): Check<string> =>
  (name, value) => {
    if (typeof value === 'string' && words.includes(value)) return value;
    const near = typeof value === 'string' ? nearestName(value, words) : undefined;
    const list = words.map((word) => `'${word}'`).join(', ');
    throw wrong(
      name,
      near === undefined
        ? `one of ${list}`
        : `another word than '${String(value).slice(0, 40)}'. Did you mean '${near}'? There are ${list}`,
    );
  };

export const signal = /* @__PURE__ */ methods('addEventListener', 'removeEventListener');

const subprotocol = /^[\w!#$%&'*+.^`|~-]+$/;

/** Subprotocols: one or several names, each once. A name is a token of RFC 9110 section 5.6.2, as RFC 6455 section 4.1 wants it. */
export const subprotocols: Check<readonly unknown[]> = (name, value) => {
  const names = listOf(name, value);
  if (names.some((each) => typeof each !== 'string' || !subprotocol.test(each)) || new Set(names).size < names.length)
    throw wrong(name, "a subprotocol's name or a list of different ones, for example 'tickwire-v1'");
  return names;
};

/** The headers of the upgrade. What they hold may be secret and is not repeated in the error. */
export const headers: Check<object> = (name, value) => {
  const copy = readable(name, () => (isRecord(value) ? { ...value } : undefined));
  if (copy === undefined || Object.values(copy).some((each) => typeof each !== 'string'))
    throw wrong(name, 'an object of texts');
  return copy;
};
