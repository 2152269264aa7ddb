/** Writes straight-line code that judges an object as `src/shape.ts` would: the same first fault, in the same words. */
import { shapesOf, wordPattern, type Source } from '../src/shape.js';

/** What the words of the price messages are called in code. */
const names: Readonly<Record<string, string>> = {
  '*': 'value',
  '-': 'absence',
  '=true': 'true',
  i0: 'position',
  i1: 'seq',
  'n or d': 'decimal',
  s: 'text',
  s64: 'text64',
  s128: 'text128',
  's64 or i': 'id',
  's64/^(?!(?:__proto__|constructor|prototype)$)/ or i': 'coinId',
  t: 'time',
};

/** What a word expects, in the interpreter's words. */
const says = (word: string): string => shapesOf(`word:${word}`)('word')?.says ?? '';

/** Boolean expressions over the variable `value`, one of which is to be true. */
function testsOf(words: string): string[] {
  return words.split(' or ').flatMap((word) => (word === '-' ? [] : [`(${testOf(word)})`]));
}

function testOf(word: string): string {
  const [, kind = '', first = '', second = '', rest = ''] = wordPattern.exec(word) ?? [];
  switch (kind) {
    case '*':
      return 'value !== undefined';
    case 'b':
      return `typeof value === 'boolean'`;
    case 'd':
      return 'isDecimalString(value)';
    case 't':
      return 'isTime(value)';
    case 'n':
      // What JSON gives is never NaN; 1e400 is Infinity.
      return `typeof value === 'number' && value - value === 0${first && ` && value >= ${first}`}`;
    case 'i':
      return `Number.isSafeInteger(value)${first && ` && (value as number) >= ${first}`}`;
    case '=':
      return word
        .slice(1)
        .split('=')
        .map((text) => `value === ${text === 'true' ? text : `'${text}'`}`)
        .join(' || ');
    case 's': {
      if (second !== '') break;
      const refused = /^\/\^\(\?!\(\?:([\w|]+)\)\$\)\/$/.exec(rest)?.[1]?.split('|');
      const form = refused?.map((one) => ` && value !== '${one}'`).join('') ?? (rest && ` && ${rest}.test(value)`);
      return `typeof value === 'string'${first && ` && value.length <= ${first}`}${form}`;
    }
  }
  throw new Error(`The word ${word} has no straight-line test yet.`);
}

/** What a key may hold beside what its word says, and how the function for both is called. */
const absences: Readonly<Record<string, { prefix: string; tests: readonly string[] }>> = {
  '': { prefix: '', tests: [] },
  '~': { prefix: 'optional', tests: ['value === undefined'] },
  '?': { prefix: 'nullish', tests: ['value === undefined', 'value === null'] },
};

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

const guarded = "  if (!isJsonObject(value)) return expected('an object');\n";

/** Makes a room of functions; what a function calls stands before it, or in the room that is shared. */
export class StraightLine {
  /** By name, in order. */
  readonly functions = new Map<string, string>();
  readonly #shared: StraightLine;
  readonly #objects = new Map<Source, string>();

  /** @param shared the room of words, and of objects that are used in several rooms; without it this is one */
  constructor(shared?: StraightLine) {
    this.#shared = shared ?? this;
  }

  /** A function for a message, or for keys that stand in it: whoever calls it has seen that it is an object. */
  message(source: Source, base: string): void {
    this.#write(source, base, 'export ', 'JsonObject', '');
  }

  /** A function for any value, exported. */
  value(source: Source, base: string): void {
    this.#write(source, base, 'export ');
  }

  #write(source: Source, base: string, exported = '', type = 'unknown', guard = guarded): string {
    const name = `${base}Fault`;
    const faults = Object.entries(source as Readonly<Record<string, Source>>).map(([key, held]) =>
      this.#field(key, held, base),
    );
    this.functions.set(
      name,
      `${exported}function ${name}(value: ${type}): Fault | undefined {\n${guard}  return (\n    ${faults.join(' ??\n    ')}\n  );\n}`,
    );
    this.#objects.set(source, name);
    return name;
  }

  #object(source: Source, base: string): string {
    return this.#objects.get(source) ?? this.#shared.#objects.get(source) ?? this.#write(source, base);
  }

  /** An expression that gives the fault of one field of `value`. */
  #field(written: string, held: Source, base: string): string {
    if (written === '...') return `${this.#object(held, `${base}Rest`)}(value)`;
    if (written === '#') {
      if (held !== '1') throw new Error('Straight-line code asks for one key at most.');
      // zod drops an own `__proto__` before it counts.
      return `(Object.keys(value).some((key) => key !== '__proto__') ? undefined : expected('at least one key'))`;
    }
    const [, key = '', mark = ''] = /^(\w+)(\W?)$/.exec(written) ?? [];
    const v = `value['${key}']`;
    if (typeof held === 'string') return `${this.#shared.#word(held, mark)}(${v}, '${key}')`;
    const fault = this.#container(held, v, `${base}${capital(key)}`);
    if (mark === '') return `below('${key}', ${fault})`;
    if (mark === '?') return `below('${key}', ${v} === undefined || ${v} === null ? undefined : ${fault})`;
    throw new Error(`A container with ${mark} has no straight-line code yet.`);
  }

  /** The name of a function that gives the fault of a key with this word and mark. */
  #word(word: string, mark: string): string {
    const name = names[word];
    const absence = absences[mark];
    if (name === undefined || absence === undefined) {
      throw new Error(`The word ${word}, or the mark ${mark}, has no straight-line code yet.`);
    }
    const full = `${absence.prefix}${absence.prefix === '' ? name : capital(name)}Fault`;
    const isGood = [...absence.tests, ...testsOf(word)].join(' || ');
    this.functions.set(
      full,
      `export function ${full}(value: unknown, key: string): Fault | undefined {\n` +
        `  return ${isGood}\n    ? undefined\n    : expected('${says(word)}', key, value);\n}`,
    );
    return full;
  }

  #container(held: Source, v: string, base: string): string {
    if (!Array.isArray(held)) return `${this.#object(held, base)}(${v})`;
    const [item, most, least = '0'] = held as readonly Source[];
    if (item === undefined || typeof item === 'string' || typeof most !== 'string' || least !== '0') {
      throw new Error(`No straight-line code for ${JSON.stringify(held)} yet.`);
    }
    return `itemsFault(${v}, ${this.#object(item, `${base}Item`)}, ${most})`;
  }
}
