import type { FeedChannel } from '../src/events/feed-lines.js';
import { describe, expect, it } from 'vitest';
import {
  awayWords,
  formatCount,
  formatDollars,
  formatJump,
  formatTimeOfDay,
  missedWords,
  platformName,
  shortAddress,
} from '../src/events/format-event.js';

describe('an event in words', () => {
  it.each<[number | string, string]>([
    [100_000, '$100K'],
    [12_400_000, '$12.4M'],
    ['1250000.75', '$1.25M'],
    [999_999, '$1M'],
    [0, '$0'],
    [5e17, '$5E17'],
    ['much', '–'],
  ])('writes %s dollars as %s', (value, text) => {
    expect(formatDollars(value)).toBe(text);
  });

  it.each<[number | string, string]>([
    [812, '812'],
    ['12345', '12.3K'],
    [4_450_000_000_000, '4.45T'],
    [0.001234, '0.00123'],
    [1e300, '1E300'],
    ['', '–'],
  ])('counts %s as %s', (value, text) => {
    expect(formatCount(value)).toBe(text);
  });

  it.each<[number | undefined, string]>([
    [187, '+187%'],
    [-12.5, '-12.5%'],
    [0, '0%'],
    [undefined, '–'],
  ])('writes a jump of %s percent as %s', (percent, text) => {
    expect(formatJump(percent)).toBe(text);
  });

  it('writes the time of day to the second, in 24 hours', () => {
    expect(formatTimeOfDay(new Date(2026, 0, 1, 0, 3, 21).toISOString())).toBe('00:03:21');
    expect(formatTimeOfDay(new Date(2026, 0, 1, 14, 3, 21).toISOString())).toBe('14:03:21');
    expect(formatTimeOfDay('soon')).toBe('–');
  });

  it('cuts what would not fit a line', () => {
    expect(shortAddress('0x3e7f0a2bcc')).toBe('0x3e7f…');
    expect(shortAddress('0x3e7f')).toBe('0x3e7f');
    expect(platformName('twitter')).toBe('Twitter');
    expect(platformName('x'.repeat(5_000))).toHaveLength(40);
  });

  it.each<[number | null, FeedChannel, boolean, string]>([
    [1, 'whales', true, '1 whale missed while you were away'],
    [3, 'social', true, '3 spikes missed while you were away'],
    [3, 'whales', false, '3 whales lost on the way'],
    [null, 'whales', true, 'Some whales may have been missed while you were away'],
  ])('says of %s missed of %s: %s', (count, channel, isAway, text) => {
    expect(missedWords({ type: 'missed', channel, count, isAway, timestamp: '' })).toBe(text);
  });

  it('says how many came while nobody looked', () => {
    expect(awayWords(1, 'social')).toBe('1 spike while you were away');
    expect(awayWords(12, 'whales')).toBe('12 whales while you were away');
  });
});
