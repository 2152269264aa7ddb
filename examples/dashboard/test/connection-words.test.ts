import { PriceStreamError, type Connection } from '@tickwire/client';
import { expect, it } from 'vitest';
import { connectionWords } from '../src/connection/connection-words.js';

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
const refused = new PriceStreamError('FORBIDDEN', 'This origin is not allowed.');

it.each<[string, Connection]>([
  ['Not connected', { status: 'idle' }],
  ['Connecting…', { status: 'connecting', attempt: 1 }],
  ['Connecting… (attempt 3)', { status: 'connecting', attempt: 3 }],
  ['Live', connected],
  ['Live (polling)', { ...connected, transport: 'polling' }],
  ['Connected, but silent', { ...connected, mute: true }],
  ['Reconnecting in 3 s (attempt 2)', { status: 'reconnecting', attempt: 2, retryAt: now + 2_100, cause: null }],
  ['Reconnecting now (attempt 2)', { status: 'reconnecting', attempt: 2, retryAt: now - 10, cause: null }],
  ['Offline', { status: 'paused', reason: 'offline' }],
  ['Paused while hidden', { status: 'paused', reason: 'hidden' }],
  ['Stopped: replaced', { status: 'closed', code: 4409, reason: 'replaced' }],
  ['Stopped', { status: 'closed', code: 1000, reason: '' }],
  ['Stopped: This origin is not allowed.', { status: 'failed', error: refused }],
])('says "%s" of %o', (sentence, connection) => {
  const { words, countdown, detail } = connectionWords(connection, now);
  expect([words, countdown, detail].filter((part) => part !== undefined).join(' ')).toBe(sentence);
});

it('counts down outside of the words that are read aloud', () => {
  const at = (ms: number) =>
    connectionWords({ status: 'reconnecting', attempt: 2, retryAt: now, cause: null }, now - ms);
  expect(at(2_000)).toEqual({ words: 'Reconnecting', countdown: 'in 2 s', detail: '(attempt 2)' });
  expect({ ...at(1_000), countdown: '' }).toEqual({ ...at(2_000), countdown: '' });
});
