/** Frames as no server should send them, and some do: recorded ones with a part missing, of another type, or from elsewhere. */

/** Chance that depends on the seed alone: mulberry32, values in [0, 1). */
export function seeded(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** What is JSON, or nothing at all, and no message. */
const foreign: readonly (string | Uint8Array)[] = [
  ...['null', 'true', '0', '-1.5', '""', '"text"', '[]', '[null]', '[[]]', '{}', '{"type":null}', '{"type":{}}'],
  ...[
    '{"__proto__":{"price":1}}',
    '{"data":null}',
    '{"data":[]}',
    '',
    ' ',
    '{',
    '<html>',
    '\u0000',
    `"${'x'.repeat(10_000)}"`,
  ],
  new Uint8Array(0),
  new Uint8Array([0x1f, 0x8b, 0xff, 0x00]),
];

/** What a value may turn into, as JSON. */
const others: readonly string[] = [
  ...[
    'null',
    'true',
    'false',
    '0',
    '-1',
    '1e308',
    '0.1',
    '""',
    '"x"',
    '"NaN"',
    '"1e999"',
    '"-5"',
    '"2024-13-45T99:99"',
  ],
  ...['[]', '{}', '[null]', '[[1]]', '{"toString":1}', '{"__proto__":1}', '"constructor"', '"__proto__"'],
  `"${'y'.repeat(5_000)}"`,
  `${'['.repeat(200)}${']'.repeat(200)}`,
];

type Container = Record<string, unknown> | unknown[];

function pick<Item>(list: readonly Item[], random: () => number): Item {
  return list[Math.floor(random() * list.length)] as Item;
}

/** Every place in a message that holds a value. */
function placesOf(value: unknown): { readonly of: Container; readonly key: string }[] {
  if (typeof value !== 'object' || value === null) return [];
  const of = value as Container;
  return Object.entries(of).flatMap(([key, inner]) => [{ of, key }, ...placesOf(inner)]);
}

function parsedOf(frame: string | Uint8Array): unknown {
  try {
    return typeof frame === 'string' ? (JSON.parse(frame) as unknown) : undefined;
  } catch {
    return undefined;
  }
}

function put(of: Container, key: string, value: unknown): void {
  // `__proto__` as a key of its own, as JSON has it.
  Object.defineProperty(of, key, { value, enumerable: true, configurable: true, writable: true });
}

/** One recorded frame, changed in one or two places. */
function mutant(frames: readonly (string | Uint8Array)[], random: () => number): string | Uint8Array {
  const frame = pick(frames, random);
  const message = parsedOf(frame);
  if (typeof message !== 'object' || message === null || random() < 0.05)
    return typeof frame === 'string' ? frame.slice(0, Math.floor(random() * frame.length)) : frame;
  if (random() < 0.05) return JSON.stringify(random() < 0.5 ? [message] : { type: 'data', data: message });
  for (let left = random() < 0.7 ? 1 : 2; left > 0; left -= 1) {
    const places = placesOf(message);
    if (places.length === 0) break;
    const { of, key } = pick(places, random);
    const way = random();
    if (way < 0.25) Reflect.deleteProperty(of, key);
    else if (way < 0.85) put(of, key, JSON.parse(pick(others, random)));
    else {
      const from = pick(placesOf(parsedOf(pick(frames, random))), random) as { of: Container; key: string } | undefined;
      put(of, key, from === undefined ? null : Reflect.get(from.of, from.key));
    }
  }
  return JSON.stringify(message);
}

/** Frames that are none, then `count` that nearly are one. */
export function mutantsOf(
  frames: readonly (string | Uint8Array)[],
  count: number,
  random: () => number,
): (string | Uint8Array)[] {
  return [...foreign, ...Array.from({ length: count }, () => mutant(frames, random))];
}
