/** Writes shapes as the text that `src/shape.ts` reads; what stands in several places is named once. */
import type { Source } from '../src/shape.js';

/** The text without names for parts: equal shapes, equal texts. */
function plain(source: Source): string {
  if (typeof source === 'string') return source;
  if (Array.isArray(source)) return `[${source.map(plain).join(',')}]`;
  return `{${fieldsOf(source)
    .map(([key, value]) => `${key}:${plain(value)}`)
    .join(',')}}`;
}

function fieldsOf(source: Source): [string, Source][] {
  return Object.entries(source as Readonly<Record<string, Source>>);
}

function partsOf(source: Source): readonly Source[] {
  return typeof source === 'string' ? [] : Object.values(source as Readonly<Record<string, Source>>);
}

/** A, B … Z, Aa, Ab …: never a word, as those begin in lower case. */
function* partNames(): Generator<string, never> {
  for (let after = ''; ; after = after === '' ? 'a' : String.fromCharCode(after.charCodeAt(0) + 1)) {
    for (let letter = 65; letter <= 90; letter += 1) yield String.fromCharCode(letter) + after;
  }
}

/** What is shorter costs less where it stands than a name for it would; a bound is no shape. */
const isWorthAName = (text: string): boolean => text.length >= 5 && !/^\d+$/.test(text);

/** One line for each shape, those that others name first. */
export function textOf(shapes: Readonly<Record<string, Source>>): string[] {
  const count = new Map<string, number>();
  const look = (source: Source): void => {
    const text = plain(source);
    const seen = count.get(text) ?? 0;
    count.set(text, seen + 1);
    if (seen === 0) partsOf(source).forEach(look);
  };
  Object.values(shapes).forEach(look);

  const names = partNames();
  const named = new Map<string, string>();
  const lines: string[] = [];
  const write = (source: Source): string => {
    if (typeof source === 'string') return source;
    if (Array.isArray(source)) return `[${source.map(part).join(',')}]`;
    return `{${fieldsOf(source)
      .map(([key, value]) => {
        if (key === '#') throw new Error('A least number of keys has no text yet: teach it to shape.ts first.');
        return `${key}:${key === '...' ? nameOf(value) : part(value)}`;
      })
      .join(',')}}`;
  };
  const nameOf = (source: Source): string => {
    const text = plain(source);
    let name = named.get(text);
    if (name === undefined) {
      const line = write(source);
      name = names.next().value;
      named.set(text, name);
      lines.push(`${name}:${line}`);
    }
    return name;
  };
  const part = (source: Source): string => {
    const text = plain(source);
    return (count.get(text) ?? 0) > 1 && isWorthAName(text) ? nameOf(source) : write(source);
  };
  const wholes = Object.entries(shapes).map(([name, source]) => `${name}:${part(source)}`);
  return [...lines, ...wholes];
}
