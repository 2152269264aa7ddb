import { describe, expect, it } from 'vitest';
import { candlesOf, smallestStep, summaryOf, withPrice } from '../src/detail/chart-data.js';
import type { Candle } from '../src/market/candles.js';
import { keptChoice } from '../src/detail/use-chart-choice.js';

const first: Candle = [120, 10, 12, 9, 11];

describe('one more price', () => {
  it.each<[string, number, number, readonly Candle[]]>([
    ['goes into the last candle', 130, 11.5, [[120, 10, 12, 9, 11.5]]],
    ['raises its top', 130, 13, [[120, 10, 13, 9, 13]]],
    ['lowers its bottom', 179, 8, [[120, 10, 12, 8, 8]]],
    ['begins the next where the last one ended', 180, 12, [first, [180, 11, 12, 11, 12]]],
    ['begins with itself after a hole', 300, 12, [first, [300, 12, 12, 12, 12]]],
    ['from before changes nothing', 119, 1, [first]],
  ])('%s', (_does, atS, price, candles) => {
    expect(withPrice([first], price, atS * 1_000, 60)).toEqual(candles);
  });

  it('makes the first candle', () => {
    expect(withPrice([], 5, 125_000, 60)).toEqual([[120, 5, 5, 5, 5]]);
  });
});

it('candles are made of prices where the server has none', () => {
  const points = [
    { at: 1_000, price: 5 },
    { at: 2_000, price: 7 },
    { at: 5_500, price: 6 },
    { at: 20_000, price: 4 },
  ];
  expect(candlesOf(points, 5)).toEqual([
    [0, 5, 7, 5, 7],
    [5, 7, 7, 6, 6],
    [20, 4, 4, 4, 4],
  ]);
  expect(candlesOf([], 5)).toEqual([]);
});

it.each([
  [63_000, 0.01],
  [5, 0.0001],
  [0.00000123, 1e-9],
  [1e-30, 1e-15],
])('the scale of a price like %d goes in steps of %d', (price, step) => {
  expect(smallestStep(price)).toBeCloseTo(step, 16);
});

it('a chart is summed up by its first, last, highest and lowest price', () => {
  expect(summaryOf([first, [180, 11, 15, 8, 14]])).toEqual({ open: 10, close: 14, high: 15, low: 8 });
  expect(summaryOf([])).toBeUndefined();
});

it.each([
  [
    { interval: 60, kind: 'line' },
    { interval: 60, kind: 'line' },
  ],
  [{ interval: 61, kind: 'line' }, undefined],
  [{ interval: 60, kind: 'pie' }, undefined],
  [null, undefined],
  ['line', undefined],
])('of the kept choice %j it reads %j', (kept, choice) => {
  expect(keptChoice(kept)).toEqual(choice);
});
