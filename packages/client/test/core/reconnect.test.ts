import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { backoffCeilingMs, retryDelayMs, wakeDelayMs } from '../../src/core/reconnect.js';
import { policy, Machine } from './machine.js';

const { reconnect } = policy;
const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

describe('the delay of a retry', () => {
  it('lies between the floor and the ceiling, whatever the chance and the attempt', () => {
    fc.assert(
      fc.property(fc.nat({ max: 10_000 }), random, (n, chance) => {
        const delay = retryDelayMs(reconnect, n, chance);
        expect(delay).toBeGreaterThanOrEqual(250);
        expect(delay).toBeLessThanOrEqual(Math.min(30_000, 1_000 * 2 ** n));
      }),
      { numRuns: 2_000 },
    );
  });

  it.each([
    [0, 0, 250],
    [0, 0.5, 625],
    [0, 0.999_999, 1_000],
    [1, 0.5, 1_125],
    [4, 0.5, 8_125],
    [5, 0.5, 15_125],
    [10, 0.5, 15_125],
  ])('retry %i at chance %f is %i ms', (n, chance, expected) => {
    expect(retryDelayMs(reconnect, n, chance)).toBe(expected);
  });

  it('stays jittered at the cap: the deviation is at least a fifth of it', () => {
    const delays = Array.from({ length: 1_000 }, (_, index) => retryDelayMs(reconnect, 12, index / 1_000));
    const mean = delays.reduce((sum, each) => sum + each, 0) / delays.length;
    const deviation = Math.sqrt(delays.reduce((sum, each) => sum + (each - mean) ** 2, 0) / delays.length);
    expect(deviation).toBeGreaterThanOrEqual(0.2 * 30_000);
  });

  it('does not overflow for an attempt beyond all exponents', () => {
    expect(backoffCeilingMs(reconnect, 1e9)).toBe(30_000);
    expect(backoffCeilingMs({ ...reconnect, maxDelayMs: 10 ** 12 }, 1e9)).toBeLessThanOrEqual(10 ** 12);
  });

  it('takes the floor and the spread of the server, and stays jittered', () => {
    const server = { minDelayMs: 5_000, spreadMs: 60_000 };
    expect(retryDelayMs(reconnect, 0, 0, server)).toBe(5_000);
    expect(retryDelayMs(reconnect, 0, 0.5, server)).toBe(35_000);
    expect(retryDelayMs(reconnect, 0, 0.5, { minDelayMs: 5_000, spreadMs: 0 })).toBe(5_375);
  });
});

describe('a wake-up', () => {
  it.each([
    ['long after the last dial', 10_000, 0, -Infinity, 0],
    ['400 ms after the last dial', 400, 0, -Infinity, 600],
    ['before anything was dialled', 10, null, -Infinity, 0],
    ['while the server wants to be left alone', 10_000, 0, 12_000, 2_000],
  ])('%s', (_title, now, dialledAt, notBefore, expected) => {
    expect(wakeDelayMs(now, dialledAt, notBefore)).toBe(expected);
  });
});

/** Attempts that a client makes within 30 s against a server that behaves like this. */
function attemptsWithin30s(chance: () => number, connectionLastsMs: number | undefined): number {
  const machine = new Machine();
  let attempts = 0;
  machine.random = chance();
  machine.take({ type: 'connect' });
  for (;;) {
    attempts += 1;
    if (connectionLastsMs !== undefined) machine.opened().receive({ type: 'welcome' }).pass(connectionLastsMs);
    machine.random = chance();
    machine.closed(1006);
    machine.pass(machine.delayOf('reconnect') ?? Infinity);
    if (machine.now >= 30_000) return attempts;
    machine.fire('reconnect');
  }
}

function median(values: number[]): number {
  return values.sort((left, right) => left - right)[Math.floor(values.length / 2)] ?? NaN;
}

describe('an unreachable or flapping server', () => {
  const runs = (connectionLastsMs: number | undefined): number[] =>
    Array.from({ length: 51 }, (_, run) => {
      let state = run + 1;
      // A small generator with a seed: the same numbers on every machine.
      const chance = (): number => (state = (state * 16_807) % 2_147_483_647) / 2_147_483_647;
      return attemptsWithin30s(chance, connectionLastsMs);
    });

  it('is tried at most 8 times in 30 s when it resets every connection', () => {
    expect(median(runs(undefined))).toBeLessThanOrEqual(8);
  });

  it('is tried at most 8 times in 30 s when it greets and drops after 200 ms', () => {
    expect(median(runs(200))).toBeLessThanOrEqual(8);
  });

  it('is not given the first delay again before the connection was stable', () => {
    const machine = new Machine().connected().pass(9_999).closed(1006).fire('reconnect').opened();
    machine.receive({ type: 'welcome' }).pass(9_999).closed(1006);
    expect(machine.session.retries).toBe(2);
  });

  it('spreads 20 clients that are dropped together over at least 600 ms', () => {
    const delays = Array.from({ length: 20 }, (_, client) => retryDelayMs(reconnect, 0, (client + 0.5) / 20));
    expect(Math.max(...delays) - Math.min(...delays)).toBeGreaterThanOrEqual(600);
  });
});
