import type { GapEvent } from '@tickwire/client';
import { describe, expect, it } from 'vitest';
import {
  lineOf,
  linesOfHistory,
  missedLine,
  mostLines,
  withEarlier,
  withNewest,
  type EventLine,
} from '../src/events/event-lines.js';
import { at, spike, whale, words } from './market-events.js';

const gap = (from: number | null, to: number | null, channel = 'whales'): GapEvent => ({
  channel,
  from,
  to,
  reason: 'too_old',
});
const missed = (from: number | null, to: number | null, channel = 'whales'): EventLine => {
  const line = missedLine(gap(from, to, channel), 0, `${channel} ${from}`);
  if (line === undefined) throw new Error(`${channel} is not followed`);
  return line;
};
const build = (...lines: EventLine[]): readonly EventLine[] => lines.reduce<readonly EventLine[]>(withNewest, []);

describe('the list of events', () => {
  it('has the newest on top', () => {
    expect(words(build(lineOf(whale(1), 'a'), lineOf(spike(1), 'b'), lineOf(whale(2), 'c')))).toEqual([
      'whales 2',
      'social 1',
      'whales 1',
    ]);
  });

  it('keeps so many and no more', () => {
    const all = Array.from({ length: mostLines + 5 }, (_, index) => lineOf(whale(index + 1), ''));
    const lines = build(...all);
    expect(lines).toHaveLength(mostLines);
    expect(words(lines)[0]).toBe(`whales ${mostLines + 5}`);
    expect(words(lines).at(-1)).toBe('whales 6');
  });

  it('takes a message once, however it comes, and stays the same list then', () => {
    const lines = withEarlier([], linesOfHistory([whale(1), whale(2)], 'h'));
    expect(withNewest(lines, lineOf(whale(2), 'x'))).toBe(lines);
    expect(words(withEarlier(build(lineOf(whale(2), 'x')), linesOfHistory([whale(1), whale(2)], 'h')))).toEqual([
      'whales 2',
      'whales 1',
    ]);
  });

  it('tells messages of an older dialect apart, which have no place in a channel', () => {
    const { sub: _sub, epoch: _epoch, seq: _seq, ...bare } = whale(1);
    expect(build(lineOf(bare, '1'), lineOf(bare, '2'))).toHaveLength(2);
  });

  it('takes the same number of another channel or epoch for another message', () => {
    expect(build(lineOf(whale(1), ''), lineOf({ ...whale(1), epoch: 'later' }, ''), lineOf(spike(1), ''))).toHaveLength(
      3,
    );
  });

  it('puts history below what came live, two channels by time, and leaves out what is no event', () => {
    const live = build(lineOf(whale(30), ''));
    const spikes = linesOfHistory([spike(10), spike(25), { type: 'announcement' }], 'h');
    const whales = linesOfHistory([whale(5), whale(20)], 'i');
    const all = ['whales 30', 'social 25', 'whales 20', 'social 10', 'whales 5'];
    expect(words(withEarlier(withEarlier(live, spikes), whales))).toEqual(all);
    expect(words(withEarlier(withEarlier(live, whales), spikes))).toEqual(all);
  });

  it('keeps the order of a channel where times are equal', () => {
    const same = { timestamp: at(0) };
    expect(words(withEarlier([], linesOfHistory([whale(1, same), whale(2, same), whale(3, same)], 'h')))).toEqual([
      'whales 3',
      'whales 2',
      'whales 1',
    ]);
  });

  it('keeps no more history than there is room for', () => {
    const history = Array.from({ length: 30 }, (_, index) => whale(index + 1));
    const lines = withEarlier(build(lineOf(spike(40), '')), linesOfHistory(history, 'h'));
    expect(lines).toHaveLength(mostLines);
    expect(words(lines).slice(0, 2)).toEqual(['social 40', 'whales 30']);
  });
});

describe('a gap', () => {
  it.each<[string, GapEvent, number | null]>([
    ['counts both ends', gap(4, 6), 3],
    ['is one event where both ends are one', gap(4, 4), 1],
    ['has no number after an epoch change', gap(null, null), null],
  ])('%s', (_title, given, count) => {
    expect(missedLine(given, Date.parse(at(7)), 'k')).toEqual({
      key: 'k',
      isNews: true,
      event: { type: 'missed', channel: 'whales', count, timestamp: at(7) },
    });
  });

  it('of a channel that the list does not show is no line', () => {
    expect(missedLine(gap(1, 2, 'global'), 0, 'k')).toBeUndefined();
    expect(missedLine(gap(1, 2, 'whales:bitcoin'), 0, 'k')).toBeUndefined();
  });

  it.each<[string, EventLine[], string[]]>([
    ['adds up with the one before it', [missed(4, 6), missed(8, 8)], ['missed 4']],
    ['has no number where one of two has none', [missed(4, 6), missed(null, null)], ['missed null']],
    ['stands alone beside one of another channel', [missed(4, 6), missed(1, 1, 'social')], ['missed 1', 'missed 3']],
    [
      'stands alone where an event came between',
      [missed(4, 6), lineOf(whale(7), ''), missed(8, 9)],
      ['missed 2', 'whales 7', 'missed 3'],
    ],
  ])('%s', (_title, lines, expected) => {
    expect(words(build(...lines))).toEqual(expected);
  });
});
