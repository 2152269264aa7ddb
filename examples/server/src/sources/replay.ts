/** Plays a recording in its own rhythm, again and again; each round is a new epoch, for its times begin anew. */
import type { Clock } from '../clock.js';
import type { PriceSink, PriceSource, SourceTick } from './price-source.js';
import { parseRecording, type Recording } from './recording.js';

/** What the replay source is made of. */
export interface ReplaySourceOptions {
  readonly clock: Clock;
  /** Gives the text of the recording. */
  readonly read: () => Promise<string>;
  /** 1: as recorded; 60: a minute in a second. */
  readonly speed: number;
}

/** Ticks told at once at most: a great speed must not hold up the event loop. */
const ticksPerTurn = 200;
/** The pause between two rounds, before the speed is applied, and the least that is left of it, in ms. */
const pauseMs = 1_000;
const leastPauseMs = 50;

/** Makes the replay source; the recording is read on `start`. */
export function createReplaySource(options: ReplaySourceOptions): PriceSource {
  const { clock, speed } = options;
  let recording: Recording | undefined;
  let cancel: (() => void) | undefined;
  let state: 'idle' | 'running' | 'stopped' = 'idle';
  let told = 0;
  let lastTickAt: number | undefined;
  let loops = 0;

  /** Plays from the tick at `index` on; `startedAt` is when the round began, by the monotonic clock; `seen` the channels that it has told. */
  function play(script: Recording, sink: PriceSink, index: number, startedAt: number, seen: Set<string>): void {
    const now = clock.monotonic();
    const batch: SourceTick[] = [];
    let next = index;
    for (let entry = script.ticks[next]; entry !== undefined; entry = script.ticks[next]) {
      if (batch.length >= ticksPerTurn || startedAt + entry.offsetMs / speed > now) break;
      const isFirst = !seen.has(entry.tick.id);
      seen.add(entry.tick.id);
      batch.push(isFirst && loops > 0 ? { ...entry.tick, startsEpoch: true } : entry.tick);
      next += 1;
    }
    if (batch.length > 0) {
      told += batch.length;
      lastTickAt = clock.now();
      sink.ticks(batch);
    }
    const upcoming = script.ticks[next];
    if (upcoming === undefined) {
      cancel = clock.after(Math.max(leastPauseMs, pauseMs / speed), () => {
        loops += 1;
        play(script, sink, 0, clock.monotonic(), new Set());
      });
      return;
    }
    const waitMs = Math.max(1, startedAt + upcoming.offsetMs / speed - clock.monotonic());
    cancel = clock.after(waitMs, () => play(script, sink, next, startedAt, seen));
  }

  return {
    name: 'replay',
    async start(sink) {
      if (state === 'running') return;
      state = 'running';
      recording = parseRecording(await options.read());
      sink.instruments(recording.instruments);
      // Stopped while the file was being read.
      if (!isRunning()) return;
      play(recording, sink, 0, clock.monotonic(), new Set());
    },
    stop() {
      state = 'stopped';
      cancel?.();
      cancel = undefined;
      return Promise.resolve();
    },
    status: () => ({
      name: 'replay',
      state,
      ticks: told,
      loops,
      ...(lastTickAt === undefined ? {} : { lastTickAt }),
      ...(recording === undefined ? {} : { skippedLines: recording.skippedLines }),
    }),
  };

  function isRunning(): boolean {
    return state === 'running';
  }
}
