/** The checks of what a dialect makes of frames: recorded ones, and those that should not be. */
import type { Pace, Quote } from '@tickwire/client/core';
import { withStream, type Checked, type CheckedStream } from './checked-stream.js';
import { settle } from './fake-clock.js';
import { mutantsOf } from './frame-mutations.js';
import { replayDialect } from './replay-dialect.js';

/** What a check is told. */
export interface Facts extends Checked {
  readonly refuses?: readonly string[] | undefined;
  readonly mostFrames?: number | undefined;
  readonly pace?: Pace | undefined;
  readonly resumes?: boolean | undefined;
  readonly mutants: number;
  readonly random: () => number;
}

/** What a check has seen. */
export interface Seen {
  readonly ok: boolean;
  readonly note: string;
}

/** Mutants that one stream is given: one that hears nothing else for longer gives its link up. */
const atOnce = 12;
const oddNames = ['', ':', '__proto__', 'constructor', 'coin:', `coin:${'x'.repeat(5_000)}`, 'metal:\u0000', '💰:💰'];
const oddCloses: readonly [code: number, reason: string][] = [
  [1008, ''],
  [4_999, 'x'.repeat(123)],
  [1011, '{'],
];

/** A value in a note. */
export const shown = (value: unknown): string =>
  (typeof value === 'string' ? value : JSON.stringify(value)).slice(0, 200);

export async function readsRecording({ source, channels, frames, answers }: Facts): Promise<Seen> {
  const { prices, events, unknown, invalid, errors } = await replayDialect(source, frames, {
    subscribe: channels,
    answers,
  });
  const note = `${prices.length} prices, ${events.length} events, ${unknown.length} unknown, ${invalid.length} invalid of ${frames.length} frames`;
  const [bad] = [...errors.map(({ message }) => message), ...invalid.map(({ path, reason }) => `${path} ${reason}`)];
  if (bad !== undefined) return { ok: false, note: `${note}; ${bad}` };
  return { ok: prices.length + events.length > 0, note };
}

/** What is wrong with a price; `undefined` for one that is good. */
function faultOf(quote: Quote): string | undefined {
  const { channel, id, price, timestamp } = quote;
  if (typeof channel !== 'string' || typeof id !== 'string') return 'channel and id must be texts';
  if (!Number.isFinite(price)) return 'price must be a finite number';
  if (timestamp !== undefined && typeof timestamp !== 'string') return 'timestamp must be a text, or left out';
  return undefined;
}

/** Plays mutants, a few to each stream. */
async function throughMutants(
  facts: Facts,
  look: (stream: CheckedStream, frame: string | Uint8Array) => string | undefined,
): Promise<string | undefined> {
  const mutants = mutantsOf(facts.frames, facts.mutants, facts.random);
  for (let start = 0; start < mutants.length; start += atOnce) {
    const found = await withStream(facts, async (stream) => {
      stream.want();
      await stream.begin();
      for (const frame of mutants.slice(start, start + atOnce)) {
        await stream.play(frame);
        const seen = look(stream, frame);
        if (seen !== undefined) return `${seen} at ${shown(frame)}`;
      }
      return undefined;
    });
    if (found !== undefined) return found;
  }
  return undefined;
}

/** What a hook of the dialect has thrown or given, where that was nothing to go on with. */
export const failureOf = ({ errors }: CheckedStream): string | undefined =>
  errors.find((error) => error.startsWith('DIALECT_FAILED'));

export async function neverThrows(facts: Facts): Promise<Seen> {
  const failure =
    (await throughMutants(facts, failureOf)) ??
    (await withStream(facts, async (stream) => {
      await stream.begin();
      for (const name of oddNames) stream.want([name]);
      await settle();
      for (const [code, reason] of oddCloses) await stream.reconnect(code, reason);
      return failureOf(stream);
    }));
  return {
    ok: failure === undefined,
    note: failure ?? `${facts.mutants} made-up frames, and names and closes as nobody gives them`,
  };
}

export async function givesPrices(facts: Facts): Promise<Seen> {
  const fault = await throughMutants(facts, ({ quotes }) => {
    const bad = quotes.find((quote) => faultOf(quote) !== undefined);
    quotes.length = 0;
    return bad && `${String(faultOf(bad))}: ${shown({ ...bad, price: String(bad.price) })}`;
  });
  return { ok: fault === undefined, note: fault ?? `${facts.mutants} made-up frames brought none that is not one` };
}
