/** Makes damaged frames from good ones, repeatably: one seed, one sequence. */
import { readFileSync } from 'node:fs';

/** mulberry32: a small generator whose sequence depends on the seed alone; values in [0, 1). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** All frames of the vectors that are short enough to be mutated often. */
export function vectorFrames(longest = 4_000): string[] {
  return ['valid-server', 'valid-client', 'invalid-server', 'invalid-client'].flatMap((name) => {
    const file = readFileSync(new URL(`../vectors/${name}.json`, import.meta.url), 'utf8');
    return (JSON.parse(file) as { frame: string }[]).map((vector) => vector.frame).filter((f) => f.length <= longest);
  });
}

const strangeValues: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  1.5,
  1e308,
  2 ** 53,
  '',
  '1e400',
  'x'.repeat(65),
  '\ud800',
  '__proto__',
  [],
  {},
  [[]],
  { type: 'batch', messages: [] },
];
const strangeKeys = ['__proto__', 'constructor', 'toString', 'type', 'data', 'price', 'length', ''];

interface Place {
  holder: Record<string, unknown>;
  key: string;
}

function placesOf(value: unknown, places: Place[] = [], depth = 0): Place[] {
  if (typeof value !== 'object' || value === null || depth > 12) return places;
  const holder = value as Record<string, unknown>;
  for (const key of Object.keys(holder)) {
    places.push({ holder, key });
    placesOf(holder[key], places, depth + 1);
  }
  return places;
}

/** An endless supply of mutated frames: values swapped or replaced, keys removed or added, text cut or flipped. */
export function* mutatedFrames(frames: readonly string[], random: () => number): Generator<string, never> {
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)] as T;
  const set = (holder: Record<string, unknown>, key: string, value: unknown): void => {
    if (Array.isArray(holder) && !(key in holder && key !== 'length')) return;
    Object.defineProperty(holder, key, { value, enumerable: true, configurable: true, writable: true });
  };
  for (;;) {
    const text = pick(frames);
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      value = undefined;
    }
    const places = placesOf(value);
    const kind = random();
    if (places.length === 0 || kind < 0.15) {
      const at = Math.floor(random() * text.length);
      yield kind < 0.05
        ? text.slice(0, at)
        : kind < 0.1
          ? `${text.slice(0, at)}${pick(['"', '{', '}', '[', ',', ':', '0', '\\', '\u0000', '\ufeff', 'é'])}${text.slice(at + 1)}`
          : `${text.slice(0, at)}${pick(frames).slice(at)}`;
      continue;
    }
    for (let rounds = 1 + Math.floor(random() * 2); rounds > 0; rounds -= 1) {
      const { holder, key } = pick(places);
      const change = random();
      if (change < 0.25) Reflect.deleteProperty(holder, key);
      else if (change < 0.6) set(holder, key, structuredClone(pick(strangeValues)));
      else if (change < 0.8) {
        const other = pick(places);
        set(
          holder,
          key,
          other.holder === holder
            ? other.key
            : Object.hasOwn(other.holder, other.key)
              ? structuredClone(other.holder[other.key])
              : null,
        );
      } else set(holder, pick(strangeKeys), structuredClone(pick(strangeValues)));
    }
    yield JSON.stringify(value);
  }
}
