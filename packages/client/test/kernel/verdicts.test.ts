import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  backoffCeilingMs,
  hintMs,
  offlineDelayMs,
  retryDelayMs,
  verdictOf,
  wakeDelayMs,
} from '../../src/kernel/verdicts.js';
import { policy } from './life-bench.js';

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
    expect(retryDelayMs(reconnect, 0, 0, 5_000, 60_000)).toBe(5_000);
    expect(retryDelayMs(reconnect, 0, 0.5, 5_000, 60_000)).toBe(35_000);
    expect(retryDelayMs(reconnect, 0, 0.5, 5_000)).toBe(5_375);
  });

  it('spreads 20 clients that are dropped together over at least 600 ms', () => {
    const delays = Array.from({ length: 20 }, (_, client) => retryDelayMs(reconnect, 0, (client + 0.5) / 20));
    expect(Math.max(...delays) - Math.min(...delays)).toBeGreaterThanOrEqual(600);
  });
});

describe('a try while the machine says that it is offline', () => {
  it.each([
    [0, 0, 30_000],
    [0.5, 0, 45_000],
    [0.999_99, 0, 60_000],
    [0.5, 40_000, 45_000],
    [0.5, 120_000, 120_000],
  ])('at chance %f, with %i ms that the server asked for, comes after %i ms', (chance, leastMs, expected) => {
    expect(offlineDelayMs(reconnect, chance, leastMs)).toBe(expected);
  });
});

describe('a wake-up', () => {
  it.each([
    ['long after the last dial', 10_000, 0, -Infinity, 0],
    ['400 ms after the last dial', 400, 0, -Infinity, 600],
    ['before anything was dialled', 10, -Infinity, -Infinity, 0],
    ['while the server wants to be left alone', 10_000, 0, 12_000, 2_000],
    ['just after the last dial, while the server wants to be left alone', 400, 0, 12_000, 11_600],
  ])('%s', (_title, now, dialledAt, notBefore, expected) => {
    expect(wakeDelayMs(now, dialledAt, notBefore)).toBe(expected);
  });
});

describe('the hint of a server', () => {
  it.each([
    [1_200, 1_200],
    [0, 250],
    [-1, 250],
    [1e12, 300_000],
    [Infinity, undefined],
    [NaN, undefined],
    ['1200', undefined],
    [null, undefined],
    [undefined, undefined],
  ])('of %j is %j ms', (hint, expected) => {
    expect(hintMs(hint)).toBe(expected);
  });
});

describe('a close, as RFC 6455 has it', () => {
  const retry = { action: 'retry' };
  it.each([
    [1000, { action: 'stop' }, 'normal closure'],
    [1001, retry, 'the server is going away'],
    [1002, { ...retry, maxInARow: 5 }, 'framing error'],
    [1003, { ...retry, maxInARow: 5 }, 'binary data is not supported'],
    [1005, retry, 'closed without a code'],
    [1006, retry, 'the connection broke off'],
    [1007, { ...retry, maxInARow: 5 }, 'invalid UTF-8'],
    [1008, retry, 'policy violation'],
    [1009, retry, 'a frame was too big'],
    [1011, retry, 'internal server error'],
    [1012, retry, 'the server restarts'],
    [1013, { ...retry, minDelayMs: 5_000 }, 'the server is overloaded'],
    [1004, retry, 'a reason that this version does not know'],
    [3000, retry, 'a reason that this version does not know'],
    [4403, retry, 'a reason that this version does not know'],
    [4999, retry, 'a reason that this version does not know'],
  ])('with %i is %j: %s', (code, verdict, meaning) => {
    expect(verdictOf(code)).toEqual({ ...verdict, meaning });
  });
});
