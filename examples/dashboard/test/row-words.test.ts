import type { Freshness, PriceTick } from '@tickwire/client';
import { describe, expect, it } from 'vitest';
import { ageWords, rangePercent } from '../src/watchlist/row-words.js';

const now = Date.parse('2026-01-01T12:00:00');
const hourMs = 3_600_000;
const tickOf = (agoMs: number, freshness: Freshness = 'fresh', timestamp = new Date(now - agoMs).toISOString()) =>
  ({ price: 1, timestamp, receivedAt: now - 2_000, freshness }) as PriceTick;

describe('the age of a price in words', () => {
  it.each<[string, PriceTick | undefined, boolean]>([
    ['waiting…', undefined, true],
    ['now', tickOf(0), true],
    ['3 s ago', tickOf(3_000), true],
    ['2 h ago', tickOf(2 * hourMs), true],
    ['stale · 45 s ago', tickOf(45_000, 'stale'), true],
    ['unverified · now', tickOf(0, 'unverified'), true],
    ['as of 11:59:15', tickOf(45_000, 'unverified'), false],
    ['as of 30 Dec, 12:00', tickOf(48 * hourMs, 'stale'), false],
  ])('is "%s"', (words, tick, live) => {
    expect(ageWords(tick, { now, live, clockOffsetMs: 0 })).toBe(words);
  });

  it.each<[string, string | undefined, number, string]>([
    ['its own time, where a server repeats what it has', new Date(now - hourMs).toISOString(), 0, '1 h ago'],
    ['its own time and the server’s clock', new Date(now - hourMs).toISOString(), -hourMs / 2, '30 min ago'],
    ['its arrival, where it says no time', undefined, 0, '2 s ago'],
  ])('F52: the page shows the age of a value by %s', (_by, timestamp, clockOffsetMs, words) => {
    expect(ageWords({ ...tickOf(0), timestamp }, { now, live: true, clockOffsetMs })).toBe(words);
  });

  it('is not said before the clock runs', () => {
    expect(ageWords(tickOf(3_000), { now: 0, live: true, clockOffsetMs: 0 })).toBe('');
  });

  it('does not change while nothing is live', () => {
    const tick = tickOf(45_000);
    const later = { now: now + 10 * 60_000, live: false, clockOffsetMs: 0 };
    expect(ageWords(tick, later)).toBe(ageWords(tick, { ...later, now }));
  });
});

describe('the place in the range of the day', () => {
  it.each<[number, number | undefined, number | undefined, number | undefined]>([
    [15, 10, 20, 50],
    [10, 10, 20, 0],
    [20, 10, 20, 100],
    [25, 10, 20, 100],
    [5, 10, 20, 0],
    [0.00000123, 0.000001, 0.000002, 23],
    [15, undefined, 20, undefined],
    [15, 10, undefined, undefined],
    [10, 10, 10, undefined],
    [15, 20, 10, undefined],
  ])('of %d between %d and %d is %d', (price, low, high, percent) => {
    expect(
      rangePercent({ price, ...(low === undefined ? {} : { low }), ...(high === undefined ? {} : { high }) }),
    ).toBe(percent);
  });
});
