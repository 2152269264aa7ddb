import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startTestServer, type TestServer } from '../test-server.js';
import { signToken, testSecret } from './test-tokens.js';

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

describe('requests that need a key or a token', () => {
  let server: TestServer;
  beforeEach(async () => {
    server = await startTestServer(
      {},
      { JWT_SECRET: testSecret, API_KEYS: `feed:${sha256('right')}:publish,other:${sha256('right')}:revoke` },
      {},
      (app) => {
        app.post('/publishes', { onRequest: app.requireApiKey('publish') }, ({ identity }) => ({ identity }));
        app.get('/mine', { onRequest: app.requireUser }, ({ identity }) => ({ identity }));
      },
    );
  });
  afterEach(() => server.close());

  const post = (headers: Record<string, string>) => fetch(`${server.base}/publishes`, { method: 'POST', headers });
  const get = (headers: Record<string, string>) => fetch(`${server.base}/mine`, { headers });

  it.each([
    [{ authorization: 'Bearer feed.right' }],
    [{ authorization: 'ApiKey feed.right' }],
    [{ 'x-api-key': 'feed.right' }],
  ])('lets a key with the scope in by %o', async (headers) => {
    const response = await post(headers);
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ identity: { userId: 'key:feed', by: 'api_key', scopes: ['publish'] } });
  });

  it.each([
    ['two dots', 'a.b'],
    ['many dots', 'a.b.c.d'],
    ['dots alone', '..'],
    ['the start of a token', 'eyJhbGciOiJIUzI1NiJ9.e30'],
    ['a space', 'a b'],
    ['signs', '~!@#$%^&*()+={}[]|:;"<>,/?'],
  ])('F67: takes a key whose secret has %s, in every header', async (_case, secret) => {
    const own = await startTestServer({}, { REQUIRE_AUTH: 'true', API_KEYS: `feed:${sha256(secret)}` });
    try {
      const shown = `feed.${secret}`;
      const headers = [
        { authorization: `Bearer ${shown}` },
        { authorization: `ApiKey ${shown}` },
        { 'x-api-key': shown },
      ];
      for (const header of headers) {
        expect((await fetch(`${own.base}/api/prices`, { headers: header })).status).toBe(200);
        await own.open([], { headers: header }).next('hello');
      }
    } finally {
      await own.close();
    }
  });

  it.each([
    ['no key', {}, 401],
    ['a wrong key', { 'x-api-key': 'feed.wrong' }, 401],
    ['another scheme', { authorization: 'Basic feed.right' }, 401],
    ['a key without the scope', { 'x-api-key': 'other.right' }, 403],
  ])('answers %s', async (_case, headers, status) => {
    const response = await post(headers);
    expect(response.status).toBe(status);
    expect(await response.text()).not.toMatch(/right|wrong/);
  });

  it('lets a user in by a token, and no API key as a user', async () => {
    const token = await signToken({ sub: 'alice' });
    expect(await (await get({ authorization: `Bearer ${token}` })).json()).toMatchObject({
      identity: { userId: 'alice' },
    });
    expect((await get({ authorization: 'Bearer feed.right' })).status).toBe(401);
    expect((await get({})).status).toBe(401);
  });

  it('answers 429 after ten failures of an address, even to a right key', async () => {
    for (let index = 0; index < 10; index += 1) expect((await post({ 'x-api-key': 'feed.wrong' })).status).toBe(401);
    const response = await post({ 'x-api-key': 'feed.right' });
    expect(response.status).toBe(429);
    expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0);
  });
});

describe('the last prices', () => {
  const startWith = (environment: Record<string, string>) =>
    startTestServer({}, { JWT_SECRET: testSecret, API_KEYS: `feed:${sha256('right')}:publish`, ...environment });
  const statusFor = async (server: TestServer, headers: Record<string, string>) =>
    (await fetch(`${server.base}/api/prices`, { headers })).status;

  it('are everybody’s', async () => {
    const server = await startWith({});
    expect(await statusFor(server, {})).toBe(200);
    await server.close();
  });

  it('are told to nobody unknown where sockets must authenticate', async () => {
    const server = await startWith({ REQUIRE_AUTH: 'true' });
    const token = await signToken({ sub: 'alice' });
    const asked: readonly (readonly [Record<string, string>, number])[] = [
      [{}, 401],
      [{ authorization: 'Bearer a.b.c' }, 401],
      [{ 'x-api-key': 'feed.wrong' }, 401],
      [{ authorization: `ApiKey ${token}` }, 401],
      [{ authorization: `Bearer ${token}` }, 200],
      [{ authorization: 'ApiKey feed.right' }, 200],
      [{ 'x-api-key': 'feed.right' }, 200],
    ];
    for (const [headers, status] of asked)
      expect([headers, await statusFor(server, headers)]).toEqual([headers, status]);
    await server.close();
  });

  it('F65: answers 503 when no more users can be revoked, and those before stay revoked', async () => {
    const own = await startTestServer(
      { maxRevocations: 2 },
      { JWT_SECRET: testSecret, REQUIRE_AUTH: 'true', API_KEYS: `ops:${sha256('right')}:revoke` },
    );
    try {
      const revoke = (user: string) =>
        fetch(`${own.base}/api/users/${user}/revoke`, { method: 'POST', headers: { 'x-api-key': 'ops.right' } });
      const token = await signToken({ sub: 'alice' });
      expect([(await revoke('alice')).status, (await revoke('bob')).status]).toEqual([204, 204]);
      const full = await revoke('carol');
      expect([full.status, (await revoke('alice')).status]).toEqual([503, 204]);
      expect(await full.json()).toMatchObject({ code: 'SERVER_BUSY' });
      expect(Number(full.headers.get('retry-after'))).toBeGreaterThan(0);
      const prices = await fetch(`${own.base}/api/prices`, { headers: { authorization: `Bearer ${token}` } });
      expect(prices.status).toBe(401);
    } finally {
      await own.close();
    }
  });
});
