import { afterEach, describe, expect, it } from 'vitest';
import { coinTick } from './manual-source.js';
import { startTestServer, type TestServer } from './test-server.js';

let server: TestServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

const production = { NODE_ENV: 'production', JWT_SECRET: 'x'.repeat(32) };
const listed = { ALLOWED_ORIGINS: 'https://prices.example' };

const rows: readonly (readonly [string, Readonly<Record<string, string>>, string, boolean])[] = [
  ['a page on another port of this machine', {}, 'http://localhost:5173', true],
  ['the same by address', {}, 'http://127.0.0.1:4173', true],
  ['the same in production', production, 'http://localhost:5173', false],
  ['a listed origin', listed, 'https://prices.example', true],
  ['a listed origin in production', { ...production, ...listed }, 'https://prices.example', true],
  ['an origin that is not listed', listed, 'http://localhost:5173', false],
  ['a stranger', {}, 'https://evil.example', false],
  ['a name that begins alike', {}, 'http://localhost.evil.example', false],
  ['a page without an origin of its own', {}, 'null', false],
];

describe('GET /api/prices from a page', () => {
  it.each(rows)('F7: answers by the rule of the socket: %s', async (_who, environment, origin, isAllowed) => {
    server = await startTestServer({}, environment);
    server.source.tell(coinTick('bitcoin', '50000.10'));
    const answer = await fetch(`${server.base}/api/prices`, { headers: { Origin: origin } });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('access-control-allow-origin')).toBe(isAllowed ? origin : null);
    expect(answer.headers.get('vary')).toMatch(/origin/i);
    expect(answer.headers.get('access-control-allow-credentials')).toBeNull();
  });

  it.each(rows)('F7: answers the preflight by the same rule: %s', async (_who, environment, origin, isAllowed) => {
    server = await startTestServer({}, environment);
    const answer = await fetch(`${server.base}/api/prices`, {
      method: 'OPTIONS',
      headers: {
        Origin: origin,
        'Access-Control-Request-Method': 'GET',
        'Access-Control-Request-Headers': 'authorization',
      },
    });
    await answer.text();
    expect(answer.headers.get('access-control-allow-origin')).toBe(isAllowed ? origin : null);
    if (!isAllowed) return;
    expect(answer.status).toBe(204);
    expect(answer.headers.get('access-control-allow-headers')?.toLowerCase()).toContain('authorization');
    expect(answer.headers.get('access-control-allow-methods')).toBe('GET');
  });

  it('F7: lets the page read that it needs a token, and its preflight needs none', async () => {
    server = await startTestServer({}, { REQUIRE_AUTH: 'true', JWT_SECRET: 'x'.repeat(32) });
    const headers = { Origin: 'http://localhost:5173' };
    const answer = await fetch(`${server.base}/api/prices`, { headers });
    await answer.text();
    expect([answer.status, answer.headers.get('access-control-allow-origin')]).toEqual([401, headers.Origin]);
    const preflight = await fetch(`${server.base}/api/prices`, {
      method: 'OPTIONS',
      headers: { ...headers, 'Access-Control-Request-Method': 'GET' },
    });
    expect(preflight.status).toBe(204);
  });

  it('F7: opens no other door to pages, and answers programs without an origin as before', async () => {
    server = await startTestServer();
    for (const where of ['/api/status', '/metrics', '/healthz', '/api/prices/none']) {
      const answer = await fetch(`${server.base}${where}`, { headers: { Origin: 'http://localhost:5173' } });
      await answer.text();
      expect([where, answer.headers.get('access-control-allow-origin')]).toEqual([where, null]);
    }
    const answer = await fetch(`${server.base}/api/prices`);
    await answer.text();
    expect([answer.status, answer.headers.get('access-control-allow-origin')]).toEqual([200, null]);
  });
});
