import type { GapEvent } from '@tickwire/client';
import { describe, expect, it } from 'vitest';
import {
  lineOf,
  linesOfHistory,
  missedLine,
  mostLines,
  withEarlier,
  withNewest,
  type FeedLine,
} from '../src/events/feed-lines.js';
import { at, whale, words } from './market-events.js';

const gap = (from: number | null, to: number | null, reason = 'too_old'): GapEvent => ({
  ...{ channel: 'whales', from, to, reason },
});
const missed = (from: number | null, to: number | null): FeedLine =>
  missedLine('whales', gap(from, to), 0, `gap ${from}`);
const build = (...lines: FeedLine[]): readonly FeedLine[] => lines.reduce<readonly FeedLine[]>(withNewest, []);

describe('the lines of a feed', () => {
  it('have the newest on top', () => {
    expect(words(build(lineOf(whale(1), 'a'), lineOf(whale(2), 'b')))).toEqual(['whales 2', 'whales 1']);
  });

  it('are so many and no more', () => {
    const lines = build(...Array.from({ length: mostLines + 5 }, (_, index) => lineOf(whale(index + 1), '')));
    expect(lines).toHaveLength(mostLines);
    expect(words(lines)[0]).toBe(`whales ${mostLines + 5}`);
    expect(words(lines).at(-1)).toBe('whales 6');
  });

  it('have a message once, however it comes, and stay the same list then', () => {
    const lines = withEarlier([], linesOfHistory([whale(1), whale(2)], 'h'));
    expect(withNewest(lines, lineOf(whale(2), 'x'))).toBe(lines);
    const live = build(lineOf(whale(2), 'x'));
    expect(words(withEarlier(live, linesOfHistory([whale(1), whale(2)], 'h')))).toEqual(['whales 2', 'whales 1']);
  });

  it('tell messages of an older dialect apart, which have no place in a channel', () => {
    const { sub: _sub, epoch: _epoch, seq: _seq, ...bare } = whale(1);
    expect(build(lineOf(bare, '1'), lineOf(bare, '2'))).toHaveLength(2);
  });

  it('take the same number of another epoch for another message', () => {
    expect(build(lineOf(whale(1), ''), lineOf({ ...whale(1), epoch: 'later' }, ''))).toHaveLength(2);
  });

  it('have history below what came live, without what is no event, and no more than there is room for', () => {
    const history = Array.from({ length: mostLines }, (_, index) => whale(index + 1));
    const lines = withEarlier(
      build(lineOf(whale(900), '')),
      linesOfHistory([...history, { type: 'announcement' }], 'h'),
    );
    expect(lines).toHaveLength(mostLines);
    expect(words(lines).slice(0, 2)).toEqual(['whales 900', `whales ${mostLines}`]);
    expect(lines.map(({ arrival }) => arrival).slice(0, 2)).toEqual(['live', 'before']);
  });
});

describe('a gap', () => {
  it.each<[string, GapEvent, number | null, boolean]>([
    ['counts both ends', gap(4, 6), 3, true],
    ['is one event where both ends are one', gap(4, 4), 1, true],
    ['has no number after an epoch change', gap(null, null, 'epoch'), null, true],
    ['on a connection that stands is nobody being away', gap(4, 6, 'slow_consumer'), 3, false],
    ['that the server could not fill is nobody being away', gap(4, 6, 'unfilled'), 3, false],
  ])('%s', (_title, given, count, isAway) => {
    expect(missedLine('whales', given, Date.parse(at(7)), 'k')).toEqual({
      ...{ key: 'k', arrival: 'live' },
      event: { type: 'missed', channel: 'whales', count, isAway, timestamp: at(7) },
    });
  });

  it.each<[string, FeedLine[], string[]]>([
    ['adds up with the one before it', [missed(4, 6), missed(8, 8)], ['missed 4']],
    ['has no number where one of two has none', [missed(4, 6), missed(null, null)], ['missed null']],
    [
      'stands alone where an event came between',
      [missed(4, 6), lineOf(whale(7), ''), missed(8, 9)],
      ['missed 2', 'whales 7', 'missed 3'],
    ],
  ])('%s', (_title, lines, expected) => {
    expect(words(build(...lines))).toEqual(expected);
  });
});
