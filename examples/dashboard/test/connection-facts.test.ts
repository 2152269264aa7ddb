import { PriceStreamError, type ClientStats, type Connection } from '@tickwire/client';
import { describe, expect, it } from 'vitest';
import { causeWords } from '../src/connection/cause-words.js';
import { connectionFacts, connectionState, sizeWords } from '../src/connection/connection-facts.js';
import { faultKinds, knownFaults } from '../src/connection/fault-kinds.js';
import { faultWords } from '../src/connection/faults.js';

const now = 1_700_000_000_000;
const connected = {
  status: 'connected',
  since: now - 65_000,
  transport: 'websocket',
  dialect: 'tickwire',
  authenticated: true,
  rttMs: 12,
  mute: false,
} as const;
const stats = { messages: 12_345, bytes: 4_512_000, gaps: 1, reconnects: 2 } as ClientStats;
const error = new PriceStreamError('CONNECT_FAILED', 'The connection was closed: busy (1013).', { closeCode: 1013 });

describe('the state above the facts', () => {
  it.each<[string, boolean, Connection]>([
    ['Not connected. Nothing has been asked for yet.', true, { status: 'idle' }],
    ['Connecting…. Attempt 3.', false, { status: 'connecting', attempt: 3 }],
    ['Live. for 1 min.', false, connected],
    ['Live, by asking. for 1 min. No WebSocket is to be had.', true, { ...connected, transport: 'polling' }],
    ['Silent. The server answers nothing; about to give up.', false, { ...connected, mute: true }],
    [
      'Reconnecting. The server is overloaded. Attempt 2 in 3 s.',
      true,
      { status: 'reconnecting', attempt: 2, retryAt: now + 2_100, cause: error },
    ],
    ['Reconnecting. Attempt 2 now.', true, { status: 'reconnecting', attempt: 2, retryAt: now - 1, cause: null }],
    ['Offline. This device has no network. It is tried now and then.', true, { status: 'paused', reason: 'offline' }],
    ['Paused. Nobody sees the page. It connects when somebody does.', false, { status: 'paused', reason: 'hidden' }],
    ['Stopped. The connection was closed.', true, { status: 'closed', code: 1000, reason: '' }],
    ['Stopped. Replaced by a newer one.', true, { status: 'closed', code: 4409, reason: 'replaced by a newer one' }],
    [
      'Stopped for good. The server does not accept the sign-in.',
      true,
      { status: 'failed', error: new PriceStreamError('TOKEN_REJECTED', 'No.') },
    ],
  ])('"%s" (try now: %s)', (sentence, canTry, connection) => {
    const said = connectionState(connection, now);
    const words = [`${said.title}.`, said.detail, said.countdown].filter((part) => part !== undefined).join(' ');
    expect(words).toBe(sentence);
    expect(said.canTry).toBe(canTry);
  });
});

describe('the facts', () => {
  const facts = (connection: Connection, measured = { roundTripMs: 23.4 as number | undefined, rate: 12 }) =>
    Object.fromEntries(connectionFacts(connection, stats, measured).map(({ id, words }) => [id, words]));

  it('say what is measured, counted and spoken', () => {
    expect(facts(connected)).toEqual({
      'round-trip': '23 ms',
      rate: '12 a second',
      received: '12,345 messages, 4.5 MB',
      gaps: '1 hole noticed',
      reconnects: '2 times',
      speaks: 'Tickwire',
      user: 'yes',
    });
    expect(facts(connected, { roundTripMs: undefined, rate: 12 })['round-trip']).toBe('measuring…');
  });

  it('say without a connection that nothing comes', () => {
    expect(facts({ status: 'paused', reason: 'offline' })).toMatchObject({
      'round-trip': 'no connection',
      rate: 'none',
    });
    expect(facts({ status: 'paused', reason: 'offline' })).not.toHaveProperty('speaks');
  });

  it.each<[number, string]>([
    [812, '812 B'],
    [12_345, '12.3 kB'],
    [999_499, '999 kB'],
    [4_512_000, '4.5 MB'],
  ])('%s bytes are %s', (bytes, words) => {
    expect(sizeWords(bytes)).toBe(words);
  });
});

it.each<[PriceStreamError | null, string | undefined]>([
  [null, undefined],
  [new PriceStreamError('CONNECT_TIMEOUT', 'x'), 'nobody answered in time'],
  [new PriceStreamError('CONNECT_FAILED', 'x', { closeCode: 1006 }), 'the link broke off'],
  [new PriceStreamError('CONNECT_FAILED', 'Something else (4999).', { closeCode: 4999 }), 'Something else (4999)'],
])('the cause of %o is "%s"', (cause, words) => {
  expect(causeWords(cause)).toBe(words);
});

describe('the faults', () => {
  it('are those that the page knows, in its order', () => {
    expect(knownFaults(['lose', 'melt', 'drop', 7])).toEqual(['drop', 'lose']);
  });

  it.each(faultKinds)('%s says what it does before and after, and ends by itself', (kind) => {
    const { label, help, done, forMs } = faultWords(kind);
    for (const words of [label, help, done]) expect(words).not.toBe('');
    expect(forMs).toBeLessThanOrEqual(60_000);
  });
});
