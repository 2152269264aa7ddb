import { describe, expect, it } from 'vitest';
import { decide, dueAt, skippedBefore } from '../src/conflation.js';

const last = { epoch: 'a', seq: 10, sentAt: 1_000 };
const state = { kind: 'state', minIntervalMs: 0, congested: false } as const;

describe('decide', () => {
  it.each([
    ['a new price of a channel that takes all', { epoch: 'a', seq: 11 }, state, 1_000, 'send'],
    ['a price that the connection has', { epoch: 'a', seq: 10 }, state, 2_000, 'drop'],
    ['a price older than what the connection has', { epoch: 'a', seq: 3 }, state, 2_000, 'drop'],
    ['the first price of a new epoch', { epoch: 'b', seq: 1 }, state, 1_000, 'send'],
    ['a price before its time', { epoch: 'a', seq: 11 }, { ...state, minIntervalMs: 250 }, 1_249, 'hold'],
    ['a price at its time', { epoch: 'a', seq: 11 }, { ...state, minIntervalMs: 250 }, 1_250, 'send'],
    ['a new epoch before its time', { epoch: 'b', seq: 1 }, { ...state, minIntervalMs: 250 }, 1_001, 'hold'],
    ['a price for a connection that lags', { epoch: 'a', seq: 11 }, { ...state, congested: true }, 9_000, 'hold'],
    [
      'an event for a connection that lags',
      { epoch: 'a', seq: 11 },
      { kind: 'event', minIntervalMs: 250, congested: true },
      1_001,
      'send',
    ],
    ['an event twice', { epoch: 'a', seq: 10 }, { kind: 'event', minIntervalMs: 0, congested: false }, 1_001, 'drop'],
  ] as const)('%s', (_case, message, pace, now, decision) => {
    expect(decide(message, last, pace, now)).toBe(decision);
  });

  it('sends the first frame of a lane at once', () => {
    const fresh = { epoch: '', seq: 0, sentAt: -Infinity };
    expect(decide({ epoch: 'a', seq: 7 }, fresh, { ...state, minIntervalMs: 60_000 }, 0)).toBe('send');
  });
});

describe('skippedBefore', () => {
  it.each([
    [{ epoch: 'a', seq: 11 }, 0],
    [{ epoch: 'a', seq: 12 }, 1],
    [{ epoch: 'a', seq: 60 }, 49],
    [{ epoch: 'b', seq: 60 }, 0],
  ])('%o after seq 10 of epoch a skips %d', (message, skipped) => {
    expect(skippedBefore(message, last)).toBe(skipped);
  });
});

describe('dueAt', () => {
  it('is the last frame plus the interval', () => {
    expect(dueAt(last, { minIntervalMs: 250 })).toBe(1_250);
  });
});
