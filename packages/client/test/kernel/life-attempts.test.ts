import { describe, expect, it } from 'vitest';
import { PriceStreamError } from '../../src/kernel/errors.js';
import type { Verdict } from '../../src/kernel/verdicts.js';
import { seededRandom } from '../model/operations.js';
import { LifeBench, lifeIn, type Status } from './life-bench.js';

const dead = new PriceStreamError('HEARTBEAT_TIMEOUT', 'The other side stopped answering.', { retryable: true });
const later = (minDelayMs: number, spreadMs = 0): Verdict => ({
  ...{ action: 'retry', meaning: 'rate limited', minDelayMs, spreadMs },
});

describe('the next attempt', () => {
  it('waits as long as the verdict asks, and stays jittered', () => {
    const delays = [0, 0.5, 0.999].map((chance) => {
      const bench = lifeIn('connected');
      bench.chance = chance;
      return bench.closed(4999, { verdict: later(40_000) }).timers.get('reconnect') ?? NaN;
    });
    expect(delays).toEqual([40_000, 40_375, 40_749]);
  });

  it('is spread as far as the verdict asks', () => {
    expect(lifeIn('connected').closed(4999, { verdict: later(1_000, 60_000) }).is).toBe('reconnecting in 31000');
  });

  it('waits longer after each loss, up to the longest delay', () => {
    const bench = lifeIn('connected');
    const delays: (number | undefined)[] = [];
    for (let loss = 0; loss < 7; loss += 1) {
      delays.push(bench.closed(1006).timers.get('reconnect'));
      bench.fire('reconnect');
    }
    expect(delays).toEqual([625, 1_125, 2_125, 4_125, 8_125, 15_125, 15_125]);
  });

  it('F60: starts over after a connection that has lasted, though its timer stood still with the process', () => {
    const bench = lifeIn('connected');
    bench.closed(1006).fire('reconnect').connected();
    bench.monotonic += 9_999;
    expect(bench.closed(1006).timers.get('reconnect')).toBe(1_125);
    bench.fire('reconnect').connected();
    bench.monotonic += 10_000;
    expect(bench.closed(1006).timers.get('reconnect')).toBe(625);
  });

  it('is the last after maxAttempts retries', () => {
    const bench = new LifeBench({ maxAttempts: 2 }).connect();
    bench.closed(1006).fire('reconnect').closed(1006).fire('reconnect').closed(1006);
    expect(bench.life.state).toMatchObject({
      status: 'failed',
      error: { code: 'CONNECT_FAILED', message: 'Gave up after 2 attempts to reconnect.', cause: { closeCode: 1006 } },
    });
    expect(bench.asked).toEqual([
      ...['stop connect', 'drop current (gone)', 'ended CONNECT_FAILED', 'report CONNECT_FAILED'],
    ]);
  });

  it('is no attempt of those where the machine is offline', () => {
    const bench = new LifeBench({ maxAttempts: 1 }).connected().surroundings(false, true);
    for (let slow = 0; slow < 5; slow += 1) {
      expect(bench.closed(1006).is).toBe('paused offline');
      expect(bench.fire('reconnect').status).toBe('connecting');
    }
  });

  it('is paused for at least what the server asked for, where the machine is offline', () => {
    const bench = lifeIn('connected')
      .surroundings(false, true)
      .closed(4999, { verdict: later(90_000) });
    expect(bench.timers.get('reconnect')).toBe(90_000);
  });
});

describe('a wake-up', () => {
  it('paused × online or visible → connecting', () => {
    for (const [online, visible] of [
      [false, true],
      [true, false],
    ] as const) {
      const bench = lifeIn('reconnecting').surroundings(online, visible).pass(5_000).surroundings(true, true, true);
      expect(bench.is).toBe('connecting, attempt 2');
    }
  });

  it('paused × online within a second of the last dial → waits for the rest of it', () => {
    const bench = new LifeBench().connected().surroundings(false, true).closed(1006).pass(400);
    expect(bench.surroundings(true, true, true).is).toBe('reconnecting in 600');
    expect(bench.asked).toEqual(['stop reconnect', 'start reconnect 600']);
  });

  it('paused × offline and hidden → only one of them goes → paused for the other', () => {
    const bench = lifeIn('paused').surroundings(false, false);
    expect([bench.is, bench.timers.size]).toEqual(['paused offline', 0]);
    expect(bench.surroundings(true, false, true).is).toBe('paused hidden');
    expect(bench.surroundings(false, true, true).is).toBe('paused offline');
    expect(bench.timers.get('reconnect')).toBe(45_000);
  });

  it('reconnecting × a wake-up skips the back-off', () => {
    const bench = lifeIn('reconnecting').surroundings(true, true, true);
    expect(bench.asked).toEqual(['stop reconnect', 'start connect 10000', 'dial']);
  });

  it('reconnecting × a change that wakes nothing → nothing', () => {
    expect(lifeIn('reconnecting').surroundings(true, true).asked).toEqual([]);
  });

  it('reconnecting × a wake-up does not skip what the server asked for', () => {
    const bench = lifeIn('connected').closed(4999, { verdict: later(40_000) });
    expect(bench.pass(5_000).surroundings(true, true, true).is).toBe('reconnecting in 35000');
  });

  it('reconnecting × offline or hidden → paused', () => {
    const bench = lifeIn('reconnecting').surroundings(true, false);
    expect(bench.asked).toEqual(['stop reconnect']);
    expect(bench.is).toBe('paused hidden');
    expect(lifeIn('reconnecting').surroundings(false, true).asked).toEqual(['stop reconnect', 'start reconnect 45000']);
  });

  it.each([
    ['a wake-up', true, true, true, true],
    ['going offline, which may be wrong', false, true, false, true],
    ['being hidden', true, false, false, false],
    ['a change that is none', true, true, false, false],
  ])('connected × %s keeps the connection, and says whether to probe it', (_title, online, visible, woke, probes) => {
    const bench = lifeIn('connected');
    const { state } = bench.life;
    let answer: boolean | undefined;
    bench.on((life) => (answer = life.surroundings(online, visible, woke)));
    expect(answer).toBe(probes);
    expect(bench.asked).toEqual([]);
    expect(bench.life.state).toBe(state);
  });

  it.each<Status>(['idle', 'connecting', 'closed', 'failed'])('%s × any surroundings → nothing', (from) => {
    const bench = lifeIn(from);
    const { state } = bench.life;
    for (const online of [true, false])
      for (const woke of [true, false]) expect(bench.surroundings(online, !woke, woke).asked).toEqual([]);
    expect(bench.life.state).toBe(state);
  });

  it('a link from before it that turns out to be gone is replaced at once, and only that one', () => {
    const bench = lifeIn('connected').surroundings(true, true, true).pass(3_000);
    expect(bench.on((life) => life.lost(dead, {}, false)).is).toBe('reconnecting in 0');
    expect(bench.fire('reconnect').closed(1006).is).toBe('reconnecting in 1125');
    const late = lifeIn('connected').surroundings(true, true, true).pass(5_000);
    expect(late.on((life) => life.lost(dead, {}, false)).is).toBe('reconnecting in 625');
  });
});

describe('a server that goes away', () => {
  const moving = (): LifeBench => lifeIn('connected').on((life) => life.moving(1_200, 10_000));

  it('is left after its hint, without a back-off, and heard until the next one can take over', () => {
    const bench = moving();
    expect(bench.asked).toEqual(['stop stable', 'start leave 1200']);
    bench.pass(1_200).fire('leave');
    expect(bench.asked).toEqual(['start farewell 8800', 'leave', 'start connect 10000', 'dial']);
    expect([bench.is, bench.open.size]).toEqual(['connected metals', 2]);
    bench.greeted();
    expect(bench.asked).toEqual(['stop connect', 'start stable 10000']);
    bench.on((life) => life.letGo());
    expect(bench.asked).toEqual(['stop farewell', 'drop leaving (1000)']);
    expect([bench.is, bench.open.size]).toEqual(['connected metals', 1]);
  });

  it('is let go when its time is over, whether the next one is there or not', () => {
    const bench = moving().fire('leave').fire('farewell');
    expect(bench.asked).toEqual(['drop leaving (1000)']);
    expect(bench.is).toBe('connecting, attempt 2');
    expect(moving().fire('leave').greeted().fire('farewell').is).toBe('connected metals');
  });

  it('that closes before the next one is there leaves an attempt like any other', () => {
    const bench = moving()
      .fire('leave')
      .on((life) => life.letGo(true));
    expect(bench.asked).toEqual(['stop farewell', 'drop leaving (gone)']);
    expect(bench.is).toBe('connecting, attempt 2');
  });

  it('is heard no longer than its time while the next one is tried again', () => {
    const bench = moving().fire('leave').closed(1006);
    expect([bench.is, bench.open.size]).toEqual(['reconnecting in 625', 1]);
    expect(bench.fire('farewell').asked).toEqual(['drop leaving (1000)']);
    expect([bench.is, bench.open.size]).toEqual(['reconnecting in 625', 0]);
  });

  it('is waited for, offline or hidden', () => {
    for (const [online, visible] of [
      [false, true],
      [true, false],
    ] as const) {
      const bench = moving().surroundings(online, visible).fire('leave');
      expect([bench.asked, bench.is]).toEqual([[], 'connected metals']);
    }
  });

  it('again and again is retried with a back-off: it never becomes stable', () => {
    const bench = lifeIn('connected');
    const delays: (number | undefined)[] = [];
    for (let move = 0; move < 5; move += 1) {
      bench.on((life) => life.moving(1_000, 10_000));
      delays.push(bench.timers.get('leave'));
      bench
        .fire('leave')
        .greeted()
        .on((life) => life.letGo());
    }
    expect(delays).toEqual([1_000, 1_000, 1_125, 2_125, 4_125]);
  });

  it('leaves never more than two sockets', () => {
    const bench = moving().fire('leave').greeted();
    bench.on((life) => life.moving(0, 10_000)).fire('leave');
    expect(bench.asked.slice(0, 2)).toEqual(['stop farewell', 'drop leaving (1000)']);
    expect(bench.open.size).toBe(2);
  });

  it('and is closed meanwhile leaves nothing', () => {
    const bench = moving()
      .fire('leave')
      .on((life) => life.close());
    expect(bench.asked).toEqual([
      ...['stop connect', 'drop current (1000)', 'stop farewell', 'drop leaving (1000)', 'ended'],
    ]);
    expect([bench.open.size, bench.timers.size]).toEqual([0, 0]);
  });
});

describe('an end', () => {
  it.each<[string, (bench: LifeBench) => unknown, string]>([
    ['close', (bench) => bench.on((life) => life.close()), 'closed 1000'],
    ['a close for good', (bench) => bench.closed(4999, { word: 'fail' }), 'failed CONNECT_FAILED'],
  ])('by %s is known before its sockets are let go', (_title, end, to) => {
    const bench = lifeIn('connected')
      .on((life) => life.moving(0, 10_000))
      .fire('leave');
    const seen: string[] = [];
    const { drop } = bench;
    bench.drop = (...given) => {
      seen.push(bench.is);
      drop.apply(bench, given);
    };
    end(bench);
    expect(seen).toEqual([to, to]);
  });
});

/** Attempts that a client makes within 30 s against a server that behaves like this. */
function attemptsWithin30s(chance: () => number, connectionLastsMs: number | undefined): number {
  const bench = new LifeBench();
  bench.chance = chance();
  bench.connect();
  for (let attempts = 1; ; attempts += 1) {
    if (connectionLastsMs !== undefined) bench.greeted().pass(connectionLastsMs);
    bench.chance = chance();
    bench.closed(1006);
    bench.pass(bench.timers.get('reconnect') ?? Infinity);
    if (bench.monotonic >= 30_000) return attempts;
    bench.fire('reconnect');
  }
}

describe('an unreachable or flapping server', () => {
  const median = (connectionLastsMs: number | undefined): number => {
    const runs = Array.from({ length: 51 }, (_, run) => attemptsWithin30s(seededRandom(run + 1), connectionLastsMs));
    return runs.sort((left, right) => left - right)[25] ?? NaN;
  };

  it('is tried at most 8 times in 30 s when it resets every connection', () => {
    expect(median(undefined)).toBeLessThanOrEqual(8);
  });

  it('is tried at most 8 times in 30 s when it greets and drops after 200 ms', () => {
    expect(median(200)).toBeLessThanOrEqual(8);
  });

  it('is not given the first delay again before the connection was stable', () => {
    const bench = new LifeBench().connected().pass(9_999).closed(1006).fire('reconnect').greeted().pass(9_999);
    expect(bench.closed(1006).is).toBe('reconnecting in 1125');
  });
});
