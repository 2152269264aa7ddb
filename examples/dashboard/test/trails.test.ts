import { beforeEach, describe, expect, it } from 'vitest';
import type { Candle, ChannelCandles } from '../src/market/candles.js';
import { createTrails, type Trails } from '../src/market/trails.js';

const start = 1_000 * 900_000;
const candle = (beforeS: number, close: number): Candle => [start / 1_000 - beforeS, 1, 1, 1, close];
const settle = () =>
  new Promise<void>((resolve) => queueMicrotask(() => queueMicrotask(() => queueMicrotask(resolve))));

describe('the trail of a price', () => {
  let now: number;
  let beat: (() => void) | undefined;
  let asked: string[][];
  let history: Map<string, ChannelCandles>;
  let prices: Map<string, number>;
  let trails: Trails;

  beforeEach(() => {
    now = start;
    beat = undefined;
    asked = [];
    history = new Map();
    prices = new Map();
    trails = createTrails({
      ask: (channels) => {
        asked.push([...channels]);
        return Promise.resolve(history);
      },
      priceOf: (channel) => prices.get(channel),
      now: () => now,
      every: (_ms, call) => {
        beat = call;
        return () => {
          beat = undefined;
        };
      },
    });
  });

  const pass = (ms: number): void => {
    now += ms;
    beat?.();
  };

  it('is the closes of the server’s candles, then what came since', async () => {
    history.set('coin:a', { candles: [candle(1_800, 5), candle(900, 6), candle(0, 7)] });
    prices.set('coin:a', 8);
    trails.subscribe('coin:a', () => undefined);
    await settle();
    pass(5_000);
    expect(trails.get('coin:a')).toEqual([
      [start - 900_000, 5],
      [start, 6],
      [start + 5_000, 8],
    ]);
  });

  it('asks once for all that became visible at once, and again when a candle is over', async () => {
    for (const channel of ['coin:a', 'coin:b', 'metal:gold'] as const) trails.subscribe(channel, () => undefined);
    await settle();
    expect(asked).toEqual([['coin:a', 'coin:b', 'metal:gold']]);
    pass(5_000);
    trails.subscribe('coin:a', () => undefined);
    await settle();
    expect(asked).toHaveLength(1);
    pass(900_000);
    await settle();
    expect(asked).toHaveLength(2);
  });

  it('tells only those whose trail grew', () => {
    const told: string[] = [];
    prices.set('coin:a', 1);
    trails.subscribe('coin:a', () => told.push('a'));
    trails.subscribe('coin:b', () => told.push('b'));
    const before = trails.get('coin:b');
    pass(5_000);
    expect(told).toEqual(['a']);
    expect(trails.get('coin:b')).toBe(before);
  });

  it('is no longer than a day', () => {
    prices.set('coin:a', 1);
    trails.subscribe('coin:a', () => undefined);
    pass(5_000);
    pass(86_400_000);
    expect(trails.get('coin:a')).toHaveLength(1);
  });

  it('takes no samples while nobody looks, and stays for who looks again', () => {
    prices.set('coin:a', 1);
    const undo = trails.subscribe('coin:a', () => undefined);
    pass(5_000);
    undo();
    expect(beat).toBeUndefined();
    expect(trails.get('coin:a')).toHaveLength(1);
  });

  it('is kept of no more channels than a page can show', () => {
    prices.set('coin:c0', 1);
    for (let index = 0; index < 2_100; index += 1) {
      const undo = trails.subscribe(`coin:c${index}`, () => undefined);
      if (index === 0) pass(5_000);
      undo();
    }
    expect(trails.get('coin:c0')).toEqual([]);
  });
});
