import { PriceStreamError, type Connection } from '@tickwire/client';
import { expect, it } from 'vitest';
import { connectionWords } from '../src/connection-words.js';

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

it.each<[Connection, string, string]>([
  [{ status: 'idle' }, 'Not connected', 'Not connected'],
  [{ status: 'connecting', attempt: 1 }, 'Connecting…', 'Connecting…'],
  [{ status: 'connecting', attempt: 3 }, 'Connecting… (attempt 3)', 'Connecting… (attempt 3)'],
  [connected, 'Live', 'Live'],
  [{ ...connected, transport: 'polling' }, 'Live (polling)', 'Live (polling)'],
  [{ ...connected, mute: true }, 'Connected, but silent', 'Connected, but silent'],
  [
    { status: 'reconnecting', attempt: 2, retryAt: now + 2_100, cause: null },
    'Reconnecting in 3 s (attempt 2)',
    'Reconnecting, attempt 2',
  ],
  [
    { status: 'reconnecting', attempt: 2, retryAt: now - 10, cause: null },
    'Reconnecting now (attempt 2)',
    'Reconnecting, attempt 2',
  ],
  [{ status: 'paused', reason: 'offline' }, 'Offline', 'Offline'],
  [{ status: 'paused', reason: 'hidden' }, 'Paused while hidden', 'Paused while hidden'],
  [{ status: 'closed', code: 4409, reason: 'replaced' }, 'Stopped: replaced', 'Stopped: replaced'],
  [{ status: 'closed', code: 1000, reason: '' }, 'Stopped', 'Stopped'],
  [
    { status: 'failed', error: refused },
    'Stopped: This origin is not allowed.',
    'Stopped: This origin is not allowed.',
  ],
])('says %o as "%s"', (connection, shown, spoken) => {
  expect(connectionWords(connection, now)).toEqual({ shown, spoken });
});
