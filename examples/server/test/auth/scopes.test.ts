import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startTestServer, type TestServer } from '../test-server.js';
import { signToken, testSecret } from './test-tokens.js';

const alert = { alertType: 'price_above', coinId: 'bitcoin', condition: { targetPrice: 5 } };
const key = createHash('sha256').update('right').digest('hex');

let server: TestServer;
beforeEach(async () => {
  server = await startTestServer(
    {},
    { JWT_SECRET: testSecret, API_KEYS: `feed:${key}:publish,alarm:${key}:alerts:write,all:${key}` },
  );
});
afterEach(() => server.close());

async function statusOf(method: string, route: string, scope?: string, body?: object): Promise<number> {
  const authorization = `Bearer ${await signToken({ sub: 'alice', ...(scope === undefined ? {} : { scope }) })}`;
  const response = await fetch(`${server.base}${route}`, {
    method,
    headers: { authorization, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  await response.text();
  return response.status;
}

async function answerOf(credentials: object, message: object): Promise<object | undefined> {
  const client = await server.openTickwire();
  client.send({ type: 'authenticate', id: 1, data: credentials });
  await client.next('ack');
  client.send({ id: 2, ...message });
  await client.settle();
  return [...client.ofType('ack'), ...client.ofType('error')].find(({ id }) => id === 2);
}

describe('the scope of a token', () => {
  it.each([
    [undefined, 201, 200],
    ['alerts:write', 201, 403],
    ['portfolio:write', 403, 200],
    ['alerts:write portfolio:write', 201, 200],
    ['openid', 403, 403],
    ['', 403, 403],
    ['*', 403, 403],
  ])('%s decides over changes to alerts (%i) and holdings (%i)', async (scope, alerts, holdings) => {
    expect(await statusOf('POST', '/api/alerts', scope, alert)).toBe(alerts);
    expect(await statusOf('DELETE', '/api/alerts/1', scope)).toBe(alerts === 201 ? 204 : 403);
    expect(await statusOf('PUT', '/api/portfolio', scope, { holdings: [] })).toBe(holdings);
  });

  it('does not keep users from reading what is theirs', async () => {
    expect(await statusOf('GET', '/api/alerts', 'openid')).toBe(200);
    expect(await statusOf('GET', '/api/portfolio', 'openid')).toBe(200);
    const list = await answerOf({ token: await signToken({ sub: 'alice', scope: 'openid' }) }, { type: 'alert_list' });
    expect(list).toMatchObject({ type: 'ack', data: { items: [] } });
  });

  it.each([
    ['alert_create', alert],
    ['alert_delete', { alertId: 1 }],
  ])('decides over %s on the socket', async (type, data) => {
    const narrow = await answerOf({ token: await signToken({ sub: 'alice', scope: 'openid' }) }, { type, data });
    expect(narrow).toMatchObject({ type: 'error', id: 2, op: type, data: { code: 'FORBIDDEN_CHANNEL' } });
  });

  it.each([
    ['feed', 'error'],
    ['alarm', 'ack'],
    ['all', 'ack'],
  ])('of the API key %s decides as well: %s', async (kid, type) => {
    expect(await answerOf({ apiKey: `${kid}.right` }, { type: 'alert_create', data: alert })).toMatchObject({ type });
  });
});
