import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PriceStreamError } from '../../src/kernel/errors.js';
import type { LifeTimer } from '../../src/kernel/life-state.js';
import { LifeBench } from './life-bench.js';

const dead = new PriceStreamError('HEARTBEAT_TIMEOUT', 'The other side stopped answering.', { retryable: true });
const later = { action: 'retry', meaning: 'rate limited', minDelayMs: 1_000 } as const;

describe('whatever happens, in whatever order', () => {
  type Step = readonly [name: string, happen: (bench: LifeBench) => unknown];
  const timers: readonly LifeTimer[] = ['connect', 'reconnect', 'stable', 'leave', 'farewell'];
  /** What the doors of a stream let through: news of a socket only while it is there. */
  const steps: readonly Step[] = [
    ['connect', (bench) => bench.connect()],
    ['close', (bench) => bench.on((life) => life.close())],
    ['fail', (bench) => bench.life.socket && bench.on((life) => life.fail(dead))],
    ['open', (bench) => bench.life.socket && bench.on((life) => life.open())],
    ['greeted', (bench) => bench.life.socket && bench.greeted()],
    ['dead', (bench) => bench.life.up && bench.on((life) => life.lost(dead, {}, false))],
    ['moving', (bench) => bench.life.up && bench.on((life) => life.moving(1_000, 5_000))],
    ['let go', (bench) => bench.on((life) => life.letGo())],
    ['leaving closes', (bench) => bench.on((life) => life.letGo(true))],
    ...[1000, 1002, 1006, 1013].map(
      (code): Step => [`closed ${code}`, (bench) => bench.life.socket && bench.closed(code)],
    ),
    ['closed for good', (bench) => bench.life.socket && bench.closed(4999, { word: 'fail' })],
    ['closed for a while', (bench) => bench.life.socket && bench.closed(4999, { verdict: later })],
    ...timers.map((timer): Step => [`timer ${timer}`, (bench) => bench.timers.has(timer) && bench.fire(timer)]),
    // Late ones, of timers that were stopped.
    ...timers.map((timer): Step => [`late timer ${timer}`, (bench) => !bench.timers.has(timer) && bench.fire(timer)]),
    ...[true, false].flatMap((online) =>
      [true, false].flatMap((visible) =>
        [true, false].map(
          (woke): Step => [`${online} ${visible} ${woke}`, (bench) => bench.surroundings(online, visible, woke)],
        ),
      ),
    ),
  ];

  it('never throws and never has more sockets or timers than it should', () => {
    const sequence = fc.array(fc.tuple(fc.constantFrom(...steps), fc.nat({ max: 20_000 })), { maxLength: 60 });
    fc.assert(
      fc.property(sequence, (happened) => {
        const bench = new LifeBench({ maxAttempts: 8 });
        for (const [[, happen], ms] of happened) {
          // Dropping a socket that is not there throws; so does what the life does wrong by itself.
          happen(bench.pass(ms));
          const { life } = bench;
          const isLinked = bench.status === 'connecting' || bench.status === 'connected';
          expect(life.socket).toBe(isLinked);
          // The second one is a move: the first is still heard.
          expect([bench.current !== undefined, bench.leaving !== undefined]).toEqual([life.socket, life.leaving]);
          expect(bench.open.size).toBe((life.socket ? 1 : 0) + (life.leaving ? 1 : 0));
          if (life.isOver) expect(bench.timers.size).toBe(0);
          if (bench.status === 'reconnecting') expect(bench.timers.has('reconnect')).toBe(true);
          if (isLinked) expect(bench.timers.has('reconnect')).toBe(false);
          expect(bench.timers.has('farewell')).toBe(life.leaving);
          // An attempt that is not answered ends by itself.
          if (life.socket && !life.up) expect(bench.timers.has('connect')).toBe(true);
        }
      }),
      { numRuns: 1_000 },
    );
  });
});
