/**
 * A small interpreter over schemas that were turned into arrays ahead of time: it says where a value departs from its
 * shape. The generated rooms hold the shapes; nothing here knows a message, and nothing makes code while it runs.
 */
import { isDecimalString, isTime } from './formats.js';

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

/** A schema as data; the first number says what kind it is. Made by scripts/generate-shapes.ts from the zod schemas. */
export type Shape =
  /** Anything. */
  | readonly [0]
  /** Nothing: the key must be absent. */
  | readonly [1]
  /** A string of `min` to `max` UTF-16 units that matches a pattern. */
  | readonly [2, max?: number | undefined, min?: number | undefined, pattern?: RegExp]
  /** A decimal string. */
  | readonly [3]
  /** A time. */
  | readonly [4]
  /** A finite number of at least `min`. */
  | readonly [5, min?: number]
  /** A safe integer of at least `min`. */
  | readonly [6, min?: number]
  | readonly [7]
  /** One of these values. */
  | readonly [8, ...values: unknown[]]
  /** This, or `null`. */
  | readonly [9, Shape]
  /** One of these; none is an object or an array. */
  | readonly [10, ...Shape[]]
  /** An array of at most `max` and at least `min` items. */
  | readonly [11, item: Shape, max?: number | undefined, min?: number]
  /** A map with at most `max` keys. */
  | readonly [12, key: Shape, value: Shape, max: number]
  /** An object: the shapes of its keys in order, the first `required` of which must be there; at least `min` keys. */
  | readonly [13, required: number, keys: string, shapes: readonly Shape[], min?: number];

const names = [
  ...[
    'a value',
    'no such key',
    'a string',
    'a decimal',
    'an ISO 8601 time with Z or an offset',
    'a number',
    'an integer',
  ],
  ...['a boolean', 'one of the listed values', 'null', '', 'an array', 'an object', 'an object'],
];

/** What a shape expects, in words; never a word of the input. */
function expectation(shape: Shape): string {
  switch (shape[0]) {
    case 2: {
      const [, max, min, pattern] = shape;
      const length = [
        ...(min === undefined ? [] : [`at least ${min}`]),
        ...(max === undefined ? [] : [`at most ${max}`]),
      ];
      const bounds = length.length === 0 ? '' : ` of ${length.join(' and ')} characters`;
      return `a string${bounds}${pattern === undefined ? '' : ' in the form that the contract gives it'}`;
    }
    case 5:
    case 6:
      return `${names[shape[0]] ?? ''}${shape[1] === undefined ? '' : ` of at least ${shape[1]}`}`;
    case 9:
      return `${expectation(shape[1])} or null`;
    case 10:
      return (shape.slice(1) as Shape[]).map(expectation).join(' or ');
    default:
      return names[shape[0]] ?? '';
  }
}

function fault(shape: Shape, value?: unknown): Fault {
  // What stands in the frame is not what was sent: 2^53 and its neighbour read the same.
  const hasLostDigits = Number.isInteger(value) && !Number.isSafeInteger(value);
  const hint = hasLostDigits ? '; an integer beyond 2^53 loses digits, send it as a string' : '';
  return { path: '', reason: `expected ${expectation(shape)}${hint}` };
}

/** A fault of a part, seen from the whole. Paths are only built on the way up from a fault: a good value costs none. */
function below(key: string | number, found: Fault): Fault {
  return { path: found.path === '' ? String(key) : `${key}.${found.path}`, reason: found.reason };
}

function arrayFault(shape: Shape & readonly [11, ...unknown[]], value: unknown): Fault | undefined {
  const [, item, max = Infinity, min = 0] = shape;
  if (!Array.isArray(value)) return fault(shape);
  if (value.length > max) return { path: '', reason: `expected at most ${max} items` };
  if (value.length < min)
    return { path: '', reason: min === 1 ? 'expected at least one item' : `expected at least ${min} items` };
  for (let index = 0; index < value.length; index += 1) {
    const found = faultOf(item, value[index]);
    if (found !== undefined) return below(index, found);
  }
  return undefined;
}

function mapFault(shape: Shape & readonly [12, ...unknown[]], value: unknown): Fault | undefined {
  if (!isJsonObject(value)) return fault(shape);
  const [, keyShape, valueShape, max] = shape;
  const keys = Object.keys(value);
  if (keys.length > max) return { path: '', reason: `expected at most ${max} keys` };
  for (const key of keys) {
    // By hand, as the schemas do: this key is refused whatever its shape.
    const found =
      key === '__proto__' || !matches(keyShape, key)
        ? { path: '', reason: 'expected another name' }
        : faultOf(valueShape, value[key]);
    if (found !== undefined) return below(key, found);
  }
  return undefined;
}

function objectFault(shape: Shape & readonly [13, ...unknown[]], value: unknown): Fault | undefined {
  if (!isJsonObject(value)) return fault(shape);
  const [, required, keys, shapes, min = 0] = shape;
  // zod drops an own `__proto__` before it counts.
  if (min > 0 && Object.keys(value).filter((key) => key !== '__proto__').length < min) {
    return { path: '', reason: min === 1 ? 'expected at least one key' : `expected at least ${min} keys` };
  }
  let index = 0;
  for (const key of keys.split(' ')) {
    const part = shapes[index] as Shape;
    const held = value[key];
    const found = held === undefined ? (index < required ? fault(part) : undefined) : faultOf(part, held);
    if (found !== undefined) return below(key, found);
    index += 1;
  }
  return undefined;
}

/** The first fault of a value, or `undefined` when it has the shape. */
export function faultOf(shape: Shape, value: unknown): Fault | undefined {
  switch (shape[0]) {
    case 9:
      return value === null ? undefined : faultOf(shape[1], value);
    case 11:
      return arrayFault(shape, value);
    case 12:
      return mapFault(shape, value);
    case 13:
      return objectFault(shape, value);
    default:
      return matches(shape, value) ? undefined : fault(shape, value);
  }
}

/** Whether a value has a shape that is no container. */
function matches(shape: Shape, value: unknown): boolean {
  switch (shape[0]) {
    case 0:
      return true;
    case 2: {
      if (typeof value !== 'string') return false;
      const [, max = Infinity, min = 0, pattern] = shape;
      return value.length <= max && value.length >= min && (pattern === undefined || pattern.test(value));
    }
    case 3:
      return typeof value === 'string' && isDecimalString(value);
    case 4:
      return typeof value === 'string' && isTime(value);
    case 5:
      return Number.isFinite(value) && (value as number) >= (shape[1] ?? -Infinity);
    case 6:
      return Number.isSafeInteger(value) && (value as number) >= (shape[1] ?? -Infinity);
    case 7:
      return typeof value === 'boolean';
    case 8:
      return shape.includes(value, 1);
    case 10: {
      for (let index = 1; index < shape.length; index += 1) if (matches(shape[index] as Shape, value)) return true;
      return false;
    }
    default:
      return false;
  }
}
