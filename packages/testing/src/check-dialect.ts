/** What every dialect has to do, as a list of checks: each says whether it holds, and what was seen. */
import type { DialectSource, NameOf, Pace } from '@tickwire/client/core';
import { dialectChecks } from './dialect-checks.js';
import type { Answers } from './dialect-stage.js';
import { seeded } from './frame-mutations.js';
import { playable, type ReplayFrames } from './replay-frames.js';

/** What `checkDialect` takes. */
export interface CheckOptions<Name extends string = string> {
  /** Channels that the server has, two or more if it has as many. */
  channels: readonly Name[];
  /** Frames of the server for these channels, the greeting first where there is one. */
  frames: ReplayFrames;
  /** What the server says to each frame: acks, refusals, pongs. @default nothing */
  answers?: Answers | undefined;
  /** Names that must be refused, by the dialect or by the `answers`. @default one that nobody has */
  refuses?: readonly string[] | undefined;
  /** How many frames it may take to ask for all channels together. @default as many as it has keys */
  mostFrames?: number | undefined;
  /** What the server lets through. @default what the dialect says */
  pace?: Pace | undefined;
  /** Whether it has to ask, after a reconnect, for what it missed. @default it may or may not, and the note says which */
  resumes?: boolean | undefined;
  /** How many frames are made up for it. @default 500 */
  mutants?: number | undefined;
  /** Chance for these frames, 0 ≤ n < 1. @default the same at each run */
  random?: (() => number) | undefined;
}

/** One check. */
export interface DialectCheck {
  readonly check: string;
  readonly ok: boolean;
  /** What was seen: of a check that fails, what to look at. */
  readonly note: string;
}

/**
 * Puts a dialect through what happens to every stream: broken frames, lost links, budgets, channels that come and go.
 * Nothing is opened and no real time passes.
 *
 * @throws TypeError for options with which nothing can be checked
 * @example
 * const checks = await checkDialect(mine(), { channels: ['coin:btc', 'coin:eth'], frames });
 * expect(checks.filter(({ ok }) => !ok)).toEqual([]);
 */
export async function checkDialect<Channels extends object, Events extends object>(
  dialect: DialectSource<Channels, Events>,
  options: CheckOptions<NameOf<Channels>>,
): Promise<readonly DialectCheck[]> {
  const { channels, random = seeded(1), mutants = 500 } = options;
  if (!Array.isArray(channels) || channels.length === 0)
    throw new TypeError('channels must name at least one channel.');
  const frames = playable(options.frames).map(({ frame }) => frame);
  if (frames.length === 0) throw new TypeError('frames must hold at least one frame of the server.');
  if (!(Number.isInteger(mutants) && mutants >= 0)) throw new TypeError('mutants must be a whole number, 0 or more.');
  const results: DialectCheck[] = [];
  const facts = { ...options, source: dialect as DialectSource, frames, random, mutants };
  for (const [check, run] of dialectChecks) {
    try {
      results.push({ check, ...(await run(facts)) });
    } catch (cause) {
      results.push({ check, ok: false, note: cause instanceof Error ? cause.message : String(cause) });
    }
  }
  return results;
}
