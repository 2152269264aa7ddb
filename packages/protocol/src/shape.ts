/**
 * Reads shapes (schemas that were written as text ahead of time) and says where a value departs from its shape. The generated
 * rooms hold the text; nothing here knows a message, and nothing makes code while it runs.
 *
 * A text is a list of `name:shape`, joined by commas. A shape is
 * - `{key:shape,…}`, an object whose keys are required; `key?` may be absent or null, `key~` absent, `key!` null; `...:name` stands
 *   for the keys of another object;
 * - `[shape,most,least]`, an array, or `[map,key,value,most]`, a map;
 * - a word, or several joined by ` or `: the name of another shape, or `*` anything, `-` nothing, `s64-1` a string of at most 64 and at
 *   least 1 characters, `s/^a$/` one that matches, `d` a decimal, `t` a time, `n0` a number and `i0` an integer of at least 0,
 *   `b` a boolean, `=a=b` one of these texts, where `=true` is no text.
 */
import { below, expected, isJsonObject, itemsFault, type Fault } from './fault.js';
import { isDecimalString, isTime } from './formats.js';

/** What a value is to be: in words, and the first fault of one that is not. */
export interface Shape {
  readonly says: string;
  readonly faultOf: (value: unknown) => Fault | undefined;
}

/** A shape as it is read from its text. */
export type Source = string | readonly Source[] | { readonly [key: string]: Source };

interface Atom {
  readonly says: string;
  readonly takes: (value: unknown) => boolean;
}

function stringOf(most: string, least: string, pattern: string): Atom {
  const bounds = [least && `at least ${least}`, most && `at most ${most}`].filter(Boolean).join(' and ');
  const length = bounds && ` of ${bounds} characters`;
  const form = pattern === '' ? undefined : new RegExp(pattern.slice(1, -1));
  return {
    says: `a string${length}${form === undefined ? '' : ' in the form that the contract gives it'}`,
    takes: (value) =>
      typeof value === 'string' &&
      value.length >= Number(least) &&
      value.length <= Number(most || Infinity) &&
      form?.test(value) !== false,
  };
}

/** A word: its kind, its bounds, and the pattern or the values after them. */
export const wordPattern = /^(.)(\d*)(?:-(\d+))?(\D.*)?$/;

function atomOf(word: string): Atom {
  const [, kind = '', first = '', second = '', rest = ''] = wordPattern.exec(word) ?? [];
  const atLeast = first && ` of at least ${first}`;
  const least = first === '' ? -Infinity : Number(first);
  switch (kind) {
    case '*':
      return { says: 'a value', takes: () => true };
    case 's':
      return stringOf(first, second, rest);
    case 'd':
      return { says: 'a decimal', takes: isDecimalString };
    case 't':
      return { says: 'an ISO 8601 time with Z or an offset', takes: isTime };
    case 'n':
      return {
        says: `a number${atLeast}`,
        takes: (value) => Number.isFinite(value) && (value as number) >= least,
      };
    case 'i':
      return {
        says: `an integer${atLeast}`,
        takes: (value) => Number.isSafeInteger(value) && (value as number) >= least,
      };
    case 'b':
      return { says: 'a boolean', takes: (value) => typeof value === 'boolean' };
    case '=': {
      const values: unknown[] = word
        .slice(1)
        .split('=')
        .map((text) => text === 'true' || text);
      return { says: 'one of the listed values', takes: (value) => values.includes(value) };
    }
    default:
      return { says: 'no such key', takes: () => false };
  }
}

function mapFault(value: unknown, key: Shape, held: Shape, most: number): Fault | undefined {
  if (!isJsonObject(value)) return expected('an object');
  const names = Object.keys(value);
  if (names.length > most) return expected(`at most ${most} keys`);
  for (const name of names) {
    // By hand, as the schemas do: this key is refused whatever its shape.
    const found =
      name === '__proto__' || key.faultOf(name) !== undefined ? expected('another name') : held.faultOf(value[name]);
    if (found !== undefined) return below(name, found);
  }
  return undefined;
}

type Field = readonly [key: string, mark: string, shape: Shape];

function objectFault(value: unknown, fields: readonly Field[]): Fault | undefined {
  if (!isJsonObject(value)) return expected('an object');
  for (const [key, mark, shape] of fields) {
    const held = value[key];
    let found: Fault | undefined;
    if (held === undefined) {
      if (mark === '' || mark === '!') found = expected(shape.says + (mark && ' or null'));
    } else if (held !== null || mark === '' || mark === '~') found = shape.faultOf(held);
    if (found !== undefined) return below(key, found);
  }
  return undefined;
}

function wordShape(word: string): Shape {
  const { says, takes } = word
    .split(' or ')
    .map(atomOf)
    .reduce((one, other) => ({
      says: `${one.says} or ${other.says}`,
      takes: (value) => one.takes(value) || other.takes(value),
    }));
  return { says, faultOf: (value) => (takes(value) ? undefined : expected(says, '', value)) };
}

/** Words are what stands between the signs of JSON; a pattern within them may hold such signs. */
function read(text: string): Readonly<Record<string, Source>> {
  const json = text.replace(/(?:\/[^/]*\/|[^{}[\],:])+/g, (word) => JSON.stringify(word));
  return JSON.parse(`{${json}}`) as Readonly<Record<string, Source>>;
}

/**
 * The shapes of a text by name. The text is read when the first of them is asked for, and each shape is made at its first use,
 * once for all that name it.
 *
 * @returns `undefined` for a name that the text does not have
 */
export function shapesOf(text: string): (name: string) => Shape | undefined {
  let sources: Readonly<Record<string, Source>> | undefined;
  const made = new Map<Source, Shape>();

  const shapeOf = (source: Source): Shape => {
    const shape = made.get(source) ?? make(source);
    made.set(source, shape);
    return shape;
  };
  const fieldsOf = (source: Source): Field[] =>
    Object.entries(source).flatMap(([key, value]: [string, Source]): Field[] => {
      if (key === '...') return fieldsOf(sources?.[value as string] ?? {});
      const [, name = '', mark = ''] = /^(\w+)(\W?)$/.exec(key) ?? [];
      return [[name, mark, shapeOf(value)]];
    });
  const make = (source: Source): Shape => {
    if (typeof source === 'string') {
      const named = sources?.[source];
      return named === undefined ? wordShape(source) : shapeOf(named);
    }
    if (!Array.isArray(source)) {
      const fields = fieldsOf(source);
      return { says: 'an object', faultOf: (value) => objectFault(value, fields) };
    }
    const [first = '', second = '', third = '', fourth] = source as readonly Source[];
    if (first === 'map') {
      const [key, held] = [shapeOf(second), shapeOf(third)];
      return { says: 'an object', faultOf: (value) => mapFault(value, key, held, Number(fourth)) };
    }
    const { faultOf } = shapeOf(first);
    return {
      says: 'an array',
      faultOf: (value) => itemsFault(value, faultOf, Number(second || Infinity), Number(third)),
    };
  };

  return (name) => {
    sources ??= read(text);
    return Object.hasOwn(sources, name) ? shapeOf(name) : undefined;
  };
}
