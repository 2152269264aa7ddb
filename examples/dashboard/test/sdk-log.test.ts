import { PriceStreamError, type Connection } from '@tickwire/client';
import { describe, expect, it } from 'vitest';
import {
  changeWords,
  counterWords,
  gapWords,
  logged,
  repairedWords,
  resumedWords,
  slownessWords,
  spanWords,
  type LogLine,
} from '../src/connection/sdk-log.js';

const now = 1_700_000_000_000;
const connected = {
  status: 'connected',
  since: now,
  transport: 'websocket',
  dialect: 'tickwire',
  authenticated: false,
  rttMs: 12,
  mute: false,
} as const;
const broken = new PriceStreamError('CONNECT_FAILED', 'The connection was closed.', { closeCode: 1006 });
const dead = new PriceStreamError('HEARTBEAT_TIMEOUT', 'No answer.', { closeCode: 4000 });
const waiting = (cause: PriceStreamError | null): Connection => ({
  ...{ status: 'reconnecting', attempt: 2, retryAt: now + 1_300, cause },
});
const idle: Connection = { status: 'idle' };

describe('a change of the connection in the log', () => {
  it.each<[string, Connection, Connection, number | undefined, string | undefined]>([
    [
      'the first connection',
      { status: 'connecting', attempt: 1 },
      connected,
      undefined,
      'good: Connected over a WebSocket.',
    ],
    [
      'a loss',
      connected,
      waiting(broken),
      undefined,
      'bad: Lost the connection: the link broke off. The next attempt is in 1.3 s.',
    ],
    [
      'a dead link',
      connected,
      waiting(dead),
      undefined,
      'bad: Lost the connection: the server stopped answering. The next attempt is in 1.3 s.',
    ],
    ['an attempt', waiting(broken), { status: 'connecting', attempt: 2 }, now, undefined],
    ['the first attempt', idle, { status: 'connecting', attempt: 1 }, undefined, undefined],
    [
      'an attempt in vain',
      { status: 'connecting', attempt: 2 },
      waiting(broken),
      now,
      'wait: Attempt 1 was in vain: the link broke off. The next attempt is in 1.3 s.',
    ],
    [
      'a return',
      { status: 'connecting', attempt: 2 },
      connected,
      now - 2_400,
      'good: Connected again after 2.4 s, and asked anew for everything on the page.',
    ],
    [
      'silence',
      connected,
      { ...connected, mute: true },
      undefined,
      'bad: The server did not answer a sign of life in time: the link counts as dead.',
    ],
    [
      'an answer after all',
      { ...connected, mute: true },
      connected,
      undefined,
      'good: The server answers again on the same link.',
    ],
    [
      'a sign-in',
      connected,
      { ...connected, authenticated: true },
      undefined,
      'good: Signed in on the connection that stands.',
    ],
    [
      'a move',
      connected,
      { ...connected, since: now + 1 },
      undefined,
      'good: Moved to another socket before the server went away. Nothing was interrupted.',
    ],
    ['another round trip', connected, { ...connected, rttMs: 90 }, undefined, undefined],
    [
      'polling',
      connected,
      { ...connected, transport: 'polling' },
      undefined,
      'good: Connected by asking over HTTP, for no WebSocket is to be had.',
    ],
    [
      'no network',
      connected,
      { status: 'paused', reason: 'offline' },
      undefined,
      'wait: This device is offline. The SDK waits for the network, with a slow try now and then.',
    ],
    [
      'a hidden page',
      connected,
      { status: 'paused', reason: 'hidden' },
      undefined,
      'wait: Nobody sees the page: the SDK connects again when somebody does.',
    ],
    [
      'an end',
      connected,
      { status: 'closed', code: 1000, reason: '' },
      undefined,
      'wait: The connection is closed. Nothing is tried before somebody connects again.',
    ],
    [
      'a refusal',
      connected,
      { status: 'failed', error: new PriceStreamError('FORBIDDEN', 'Not you.') },
      undefined,
      'bad: Gave up: Not you. "Try now" starts again.',
    ],
  ])('%s', (_title, previous, next, brokenSince, expected) => {
    const said = changeWords(previous, next, brokenSince, now);
    expect(said && `${said.tone}: ${said.words}`).toBe(expected);
  });
});

describe('the log', () => {
  const add = (lines: readonly LogLine[], words: string, at = now): readonly LogLine[] =>
    logged(lines, { tone: 'bad', words }, at);

  it('has the newest on top, each with a key of its own', () => {
    const lines = add(add([], 'one'), 'two');
    expect(lines.map(({ key, words }) => `${key} ${words}`)).toEqual(['2 two', '1 one']);
  });

  it('counts what happens again on end, with the time of the last', () => {
    const lines = add(add(add([], 'one'), 'two'), 'two', now + 5);
    expect(lines[0]).toMatchObject({ words: 'two', times: 2, at: now + 5, key: 2 });
    expect(lines).toHaveLength(2);
    expect(logged(lines, { tone: 'bad', words: 'two', times: 5 }, now)[0]?.times).toBe(7);
    expect(logged(lines, { tone: 'good', words: 'two' }, now)).toHaveLength(3);
  });

  it('keeps forty lines', () => {
    const lines = Array.from({ length: 50 }, (_, index) => String(index)).reduce<readonly LogLine[]>(
      (all, words) => add(all, words),
      [],
    );
    expect(lines).toHaveLength(40);
    expect(lines[0]?.words).toBe('49');
  });
});

it.each<[number, string]>([
  [-5, '0 ms'],
  [312.4, '312 ms'],
  [1_000, '1 s'],
  [1_449, '1.4 s'],
  [9_949, '9.9 s'],
  [9_960, '10 s'],
  [119_000, '119 s'],
  [120_000, '2 min'],
])('%s ms are %s', (ms, words) => {
  expect(spanWords(ms)).toBe(words);
});

describe('what is counted', () => {
  const before = { gaps: 2, duplicates: 1, invalid: 0 };
  it.each<[string, typeof before, string[]]>([
    ['nothing new', before, []],
    ['a hole', { ...before, gaps: 3 }, ['Noticed a hole in what the server numbered. 1']],
    [
      'all at once',
      { gaps: 5, duplicates: 3, invalid: 1 },
      [
        'Noticed a hole in what the server numbered. 3',
        'Dropped a frame that made no sense. 1',
        'Left out a message that had come before. 2',
      ],
    ],
  ])('%s', (_title, after, expected) => {
    expect(counterWords(before, after).map(({ words, times }) => `${words} ${times}`)).toEqual(expected);
  });
});

it('a gap says how much of which channel is lost for good', () => {
  expect(gapWords('whales', 3).words).toBe('3 messages of "whales" can no longer be had.');
  expect(gapWords('user', null).words).toBe(
    'The server begins anew on "user": what was sent meanwhile can no longer be had.',
  );
});

it('a repair says what came of it, if anything', () => {
  expect(repairedWords('whales', 2)?.words).toBe(
    'Asked for what was missing of "whales" and got 2 messages, in order.',
  );
  expect(repairedWords('whales', 0)).toBeUndefined();
});

it('a resume sums up what came late and what is current', () => {
  expect(resumedWords(1, 11, 12)?.words).toBe(
    'Resumed: 1 missed event delivered late, 11 of 12 prices known to be current.',
  );
  expect(resumedWords(0, 1, 1)).toEqual({ tone: 'good', words: 'Resumed: 1 of 1 price known to be current.' });
  expect(resumedWords(2, 0, 3)?.tone).toBe('wait');
  expect(resumedWords(0, 0, 0)).toBeUndefined();
});

it('slowness is told with its end', () => {
  expect(slownessWords(true, 1_520)).toEqual({
    ...{ tone: 'bad', words: 'Prices arrive 1.5 s later than usual. The link answers, so it is kept.' },
  });
  expect(slownessWords(false, 20).tone).toBe('good');
});
