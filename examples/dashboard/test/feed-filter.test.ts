import { describe, expect, it } from 'vitest';
import { filteredFeed, passes, platformsOf, type FeedFilter } from '../src/events/feed-filter.js';
import { lineOf, missedLine, type Arrival, type FeedLine } from '../src/events/feed-lines.js';
import { spike, whale } from './market-events.js';

const big = (seq: number, usdValue: number | string, arrival: Arrival = 'live'): FeedLine =>
  lineOf(whale(seq, { usdValue }), '', arrival);
const gap = missedLine('whales', { channel: 'whales', from: 1, to: 3, reason: 'too_old' }, 0, 'gap');

/** What a list shows, a word a row. */
const shown = (lines: readonly FeedLine[], filter: FeedFilter = {}): string[] =>
  filteredFeed(lines, filter).rows.map((row) => {
    if (row.kind === 'away') return `${row.count} away`;
    const { event } = row.line;
    return event.type === 'missed' ? 'missed' : String(event.seq);
  });

describe('a filter', () => {
  it.each<[string, boolean, FeedLine, FeedFilter]>([
    ['shows all without being asked for anything', true, big(1, 1), {}],
    ['shows a whale of just that size', true, big(1, 1_000_000), { minUsd: 1_000_000 }],
    ['leaves out a smaller one', false, big(1, 999_999), { minUsd: 1_000_000 }],
    ['reads amounts that are texts', true, big(1, '2000000'), { minUsd: 1_000_000 }],
    ['leaves out an amount that is none', false, big(1, 'much'), { minUsd: 1_000_000 }],
    ['shows spikes of its platform', true, lineOf(spike(1), ''), { platform: 'twitter' }],
    ['leaves out those of another', false, lineOf(spike(1), ''), { platform: 'reddit' }],
    ['shows what is about its coin', true, big(1, 1), { coinId: 'bitcoin' }],
    ['leaves out what is about another', false, big(1, 1), { coinId: 'pepe' }],
    ['always says what was missed', true, gap, { minUsd: 1e9, platform: 'reddit', coinId: 'pepe' }],
  ])('%s', (_title, isShown, line, filter) => {
    expect(passes(line, filter)).toBe(isShown);
  });
});

describe('the rows of a feed', () => {
  it('say above a run of late lines how many there are, each run for itself', () => {
    const lines = [big(9, 1), big(8, 1, 'late'), big(7, 1, 'late'), big(6, 1), big(5, 1, 'late'), big(4, 1, 'before')];
    expect(shown(lines)).toEqual(['9', '2 away', '8', '7', '6', '1 away', '5', '4']);
  });

  it('count of the late ones those that are shown, and say how many are not', () => {
    const lines = [big(3, 5e6, 'late'), big(2, 1e3, 'late'), big(1, 1e3)];
    expect(shown(lines, { minUsd: 1e6 })).toEqual(['1 away', '3']);
    expect(filteredFeed(lines, { minUsd: 1e6 }).hidden).toBe(2);
    expect(filteredFeed(lines, {}).hidden).toBe(0);
  });

  it('keep what was missed in its place', () => {
    expect(shown([big(9, 1e7), gap, big(1, 1e3)], { minUsd: 1e6 })).toEqual(['9', 'missed']);
  });

  it('are sixty at most', () => {
    expect(shown(Array.from({ length: 90 }, (_, index) => big(index + 1, 1)))).toHaveLength(60);
  });

  it('have keys of their own', () => {
    const lines = [big(3, 1), big(2, 1, 'late'), gap, big(1, 1, 'late')];
    const keys = filteredFeed(lines, {}).rows.map(({ key }) => key);
    expect(new Set(keys).size).toBe(keys.length);
  });
});

it('the platforms are those that were seen, and the one that is asked for', () => {
  const lines = ['twitter', 'reddit', 'twitter'].map((platform, index) => lineOf(spike(index, { platform }), ''));
  expect(platformsOf(lines, undefined)).toEqual(['reddit', 'twitter']);
  expect(platformsOf(lines, 'telegram')).toEqual(['reddit', 'telegram', 'twitter']);
});
