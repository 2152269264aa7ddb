/** Whether work grows faster than the text that it is given. By the process's own CPU time: what else runs does not count. */

/** Texts that made patterns of this world take their time: many starts, many ways to split, and an end that fits none. */
const units = [
  '[',
  '(',
  '{',
  '"',
  '\\',
  '/a',
  '../',
  '%5B',
  '=',
  '&',
  ';',
  ',',
  ', ',
  ' ',
  ' a',
  ':',
  '.',
  'a.',
  '1',
  '-',
  'a',
];
const ends = ['', '\n!=1'];

/** Names of the texts, and how each is made in a length. */
export const worst: readonly (readonly [name: string, make: (length: number) => string])[] = units.flatMap((unit) =>
  ends.map(
    (end) =>
      [
        `${JSON.stringify(unit)} again and again${end === '' ? '' : `, then ${JSON.stringify(end)}`}`,
        (length: number) => unit.repeat(Math.ceil((length - end.length) / unit.length)) + end,
      ] as const,
  ),
);

async function costMs(work: () => unknown): Promise<number> {
  const from = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(from);
  return (user + system) / 1_000;
}

/** Eight times the text may cost 20 times as much and 20 ms more; quadratic would be 64 times. */
const tolerated = (small: number): number => 20 * small + 20;
const tries = 3;

/**
 * The names of the texts on which the work grows faster than linearly between an eighth of the length and all of it.
 * A suspicion is measured again, and the cheapest of its runs counts.
 */
export async function superLinear(work: (text: string) => unknown, length: number): Promise<string[]> {
  const found: string[] = [];
  for (const [name, make] of worst) {
    const [little, all] = [make(length / 8), make(length)];
    let [small, big, isLinear] = [Infinity, Infinity, false];
    for (let attempt = 0; attempt < tries && !isLinear; attempt += 1) {
      small = Math.min(small, await costMs(() => work(little)));
      big = Math.min(big, await costMs(() => work(all)));
      isLinear = big <= tolerated(small);
    }
    if (!isLinear) found.push(`${name}: ${small.toFixed(1)} → ${big.toFixed(1)} ms`);
  }
  return found;
}
