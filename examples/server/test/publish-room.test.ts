/** Publishing while the server has no room for another channel. */
import { createHash } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import type { ServerDependencies } from '../src/index.js';
import { createStandingClock } from './manual-clock.js';
import { startTestServer, type TestServer } from './test-server.js';

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const environment = { API_KEYS: `feed:${sha256('s3cret')}:publish,other:${sha256('s3cret')}:publish` };

let server: TestServer;
let lines: string[] = [];
afterEach(async () => {
  await server.close();
  lines = [];
});

async function start(dependencies: ServerDependencies = {}): Promise<void> {
  const logTo = { write: (line: string) => void lines.push(line) };
  server = await startTestServer(
    { maxChannels: 40, publisherSharePercent: 50, userWindowMs: 1_000, refusalLogMs: 3_600_000 },
    { ...environment, LOG_LEVEL: 'error' },
    { logTo, ...dependencies },
  );
}

async function publish(message: object, key = 'feed', headers: Record<string, string> = {}) {
  const response = await fetch(`${server.base}/api/publish`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-api-key': `${key}.s3cret`, ...headers },
    body: JSON.stringify(message),
  });
  const body = (await response.json()) as { code?: string };
  return { status: response.status, code: body.code, retryAfter: response.headers.get('retry-after') };
}
const note = (userId: string) => ({ type: 'wallet_integration_complete', data: { tokens: 1 }, userId });
const price = { type: 'price_update', data: { coinId: 'bitcoin', price: 1 } };
const spike = {
  type: 'social_spike',
  data: {
    coinId: 'bitcoin',
    platform: 'x',
    mentions24h: 1,
    sentimentScore: 0,
    trendingScore: 1,
    change: 1,
    timestamp: '2026-01-01T00:00:00Z',
  },
};

describe('a publisher that tells more users than there is room for', () => {
  it('F35: is told 503 with a code of its own and when to come again, the log hears of it once, and the others are served', async () => {
    // Nothing that was written is outdated while the test runs.
    await start({ clock: createStandingClock() });
    for (let index = 0; index < 20; index += 1) expect((await publish(note(`u${index}`))).status).toBe(202);
    for (const message of [note('u20'), spike, { type: 'portfolio_update', data: { totalValue: 1 }, userId: 'u0' }]) {
      expect(await publish(message)).toEqual({ status: 503, code: 'TOO_MANY_CHANNELS', retryAfter: '60' });
    }
    expect(lines).toEqual([expect.stringContaining('a broadcast was refused')]);
    expect((await publish(note('u3'))).status).toBe(202);
    for (let index = 0; index < 20; index += 1) expect((await publish(note(`o${index}`), 'other')).status).toBe(202);
    expect((await publish(price, 'third')).status).toBe(401);
    await server.app.realtime.broadcastToUser('somebody', { type: 'announcement', data: { message: 'hi' } });
    await server.app.realtime.broadcastToCoin('bitcoin', {
      type: 'price_update',
      data: { coinId: 'bitcoin', price: 1 },
    });
  });

  it('F35: frees its Idempotency-Key, so that the same request succeeds once there is room', async () => {
    const clock = createStandingClock();
    await start({ clock });
    for (let index = 0; index < 20; index += 1) await publish(note(`u${index}`));
    const late = async () => (await publish(note('late'), 'feed', { 'idempotency-key': 'k' })).status;
    expect([await late(), await late()]).toEqual([503, 503]);
    clock.leap(1_001);
    expect([await late(), await late()]).toEqual([202, 200]);
  });
});
