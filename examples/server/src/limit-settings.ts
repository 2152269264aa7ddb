/** Every bound of `limits.ts` as a key of the environment: `maxFrameBytes` is `WS_MAX_FRAME_BYTES`. Pure. */
import { longestTimerMs } from './clock.js';
import { defaultLimits, type Limits } from './limits.js';

interface Range {
  readonly least: number;
  readonly most: number;
}

const anyRange: Range = { least: 1, most: longestTimerMs };
/** Bounds that the contract or another bound sets to a bound. */
const ranges: ReadonlyMap<string, Range> = new Map<string, Range>([
  ['maxFrameBytes', { least: 1_024, most: 1_048_576 }],
  ['maxChannelsPerFrame', { least: 1, most: 200 }],
  ['maxSubscriptions', { least: 1, most: 10_000 }],
  ['historyMessages', { least: 1, most: 1_000 }],
  ['maxTokenBytes', { least: 64, most: 16_384 }],
  ['tokenSkewMs', { least: 0, most: 300_000 }],
  ['authFailuresPerConnection', { least: 0, most: 1_000 }],
  ['sweepMs', { least: 10, most: 10_000 }],
  ['fullHeapPercent', { least: 10, most: 100 }],
  ['publisherSharePercent', { least: 1, most: 100 }],
  ['sheddingHeapPercent', { least: 10, most: 100 }],
]);
/** A bound that must not be above another. */
const orders: readonly (readonly [keyof Limits, keyof Limits])[] = [
  ['softBufferBytes', 'hardBufferBytes'],
  ['hardBufferBytes', 'totalUnsentBytes'],
  ['headersTimeoutMs', 'requestTimeoutMs'],
  ['fullHeapPercent', 'sheddingHeapPercent'],
];

const limitNames = Object.keys(defaultLimits) as (keyof Limits)[];

/** The key of a bound. */
export function limitKey(name: string): string {
  return `WS_${name.replaceAll(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`;
}

/** The keys of all bounds. */
export const limitKeys: readonly string[] = limitNames.map(limitKey);

function problemOf(name: string, text: string): string | undefined {
  if (!/^\d{1,10}$/.test(text)) return 'expected a whole number';
  const { least, most } = ranges.get(name) ?? anyRange;
  const value = Number(text);
  if (value < least) return `expected at least ${least}`;
  return value > most ? `expected at most ${most}` : undefined;
}

/**
 * Reads the bounds that the environment sets.
 *
 * @param base what counts where the environment says nothing
 */
export function limitsOf(
  environment: Readonly<Record<string, string | undefined>>,
  base: Limits,
): { limits: Limits; problems: string[] } {
  const limits: Record<string, number> = { ...base };
  const problems: string[] = [];
  for (const name of limitNames) {
    const text = environment[limitKey(name)];
    if (text === undefined) continue;
    const problem = problemOf(name, text);
    if (problem === undefined) limits[name] = Number(text);
    else problems.push(`${limitKey(name)}: ${problem}`);
  }
  const read = limits as unknown as Limits;
  for (const [lower, upper] of orders) {
    if (read[lower] > read[upper]) {
      problems.push(`${limitKey(lower)}: expected at most ${limitKey(upper)}, which is ${read[upper]}`);
    }
  }
  return { limits: read, problems };
}

/** The bounds as `--help` lists them. */
export function limitsHelp(): string {
  const width = Math.max(...limitKeys.map((key) => key.length));
  return limitNames.map((name) => `  ${limitKey(name).padEnd(width)}  ${defaultLimits[name]}`).join('\n');
}
