/** What is measured of a connection: the rate of messages, and how late they are. */
import type { PriceTick } from '@tickwire/client';
import { describe, expect, it } from 'vitest';
import { isSlow, measuredLag } from '../src/connection/lag.js';
import { rateOf, rateWords, withSample, type CountSample } from '../src/connection/message-rate.js';

const counted = (...samples: [at: number, count: number][]): readonly CountSample[] =>
  samples.reduce<readonly CountSample[]>((all, [at, count]) => withSample(all, { at, count }), []);

describe('messages a second', () => {
  it.each<[string, [number, number][], number | undefined]>([
    ['cannot be told from nothing', [], undefined],
    ['cannot be told from one look', [[0, 5]], undefined],
    [
      'are what came between two looks',
      [
        [0, 5],
        [1_000, 17],
      ],
      12,
    ],
    [
      'are taken over five seconds',
      [
        [0, 0],
        [1_000, 1_000],
        [6_000, 1_010],
        [7_000, 1_012],
      ],
      2,
    ],
    [
      'begin anew with another counter',
      [
        [0, 900],
        [1_000, 3],
        [2_000, 7],
      ],
      4,
    ],
    [
      'begin anew where the clock goes back',
      [
        [9_000, 0],
        [1_000, 3],
        [2_000, 7],
      ],
      4,
    ],
    [
      'take the last of two looks at one time',
      [
        [0, 0],
        [1_000, 4],
        [1_000, 6],
      ],
      6,
    ],
    [
      'are none where nothing comes',
      [
        [0, 7],
        [1_000, 7],
      ],
      0,
    ],
  ])('%s', (_title, samples, rate) => {
    expect(rateOf(counted(...samples))).toBe(rate);
  });

  it('look at a bounded number of samples', () => {
    expect(
      counted(...Array.from({ length: 500 }, (_, index): [number, number] => [index * 1_000, index])),
    ).toHaveLength(6);
  });

  it.each<[number | undefined, string]>([
    [undefined, 'measuring…'],
    [0, 'none'],
    [0.42, '0.4 a second'],
    [12.4, '12 a second'],
  ])('%s in words: %s', (rate, words) => {
    expect(rateWords(rate)).toBe(words);
  });
});

describe('how late prices are', () => {
  const tick = (receivedAt: number, wayMs: number | undefined): PriceTick =>
    ({
      receivedAt,
      timestamp: wayMs === undefined ? undefined : new Date(receivedAt - wayMs).toISOString(),
    }) as PriceTick;

  it('is measured against the shortest way, so that clocks need not agree', () => {
    const first = measuredLag(undefined, [tick(10_000, -4_000), tick(10_001, -3_990), tick(10_002, 900_000)], 9_000);
    expect(first).toEqual({ leastMs: -3_990, lateMs: 0 });
    const second = measuredLag(first, [tick(11_000, -2_500), tick(11_000, -2_490)], 10_500);
    expect(second?.lateMs).toBe(1_500);
    expect(measuredLag(second, [tick(12_000, -4_000)], 11_500)).toEqual({ leastMs: -4_000, lateMs: 0 });
  });

  it('stays what it was where nothing came since, or nothing with a time', () => {
    const lag = { leastMs: 5, lateMs: 700 };
    expect(measuredLag(lag, [tick(10_000, 5)], 10_000)).toBe(lag);
    expect(measuredLag(lag, [tick(10_000, undefined)], 0)).toBe(lag);
    expect(measuredLag(undefined, [], 0)).toBeUndefined();
  });

  it.each<[number, boolean, boolean]>([
    [699, false, false],
    [700, false, true],
    [400, true, true],
    [349, true, false],
  ])('%s ms late, slow before: %s, is slow: %s', (lateMs, wasSlow, slow) => {
    expect(isSlow({ leastMs: 0, lateMs }, wasSlow)).toBe(slow);
  });

  it('is not slow before it is known', () => {
    expect(isSlow(undefined, true)).toBe(false);
  });
});
