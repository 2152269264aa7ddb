import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createHash } from 'node:crypto';
import { coinTick } from './manual-source.js';
import { signToken, testSecret } from './auth/test-tokens.js';
import { startTestServer, type TestServer } from './test-server.js';

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const environment = {
  JWT_SECRET: testSecret,
  API_KEYS: `feed:${sha256('s3cret')}:publish,reader:${sha256('s3cret')}:read`,
};
const publisher = { 'x-api-key': 'feed.s3cret' };

let server: TestServer;
beforeEach(async () => {
  server = await startTestServer({}, environment);
});
afterEach(() => server.close());

async function call(
  method: string,
  route: string,
  body?: object | string,
  headers: Record<string, string> = {},
): Promise<{ status: number; body: unknown }> {
  const response = await fetch(`${server.base}${route}`, {
    method,
    headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, body: text === '' ? undefined : JSON.parse(text) };
}
const asUser = async (name: string) => ({ authorization: `Bearer ${await signToken({ sub: name })}` });

describe('POST /api/publish', () => {
  const price = (value: unknown) => ({ type: 'price_update', data: { coinId: 'bitcoin', price: value } });
  const whale = {
    type: 'whale_movement',
    data: {
      coinId: 'bitcoin',
      txHash: '0x1',
      fromAddress: 'a',
      toAddress: 'b',
      amount: 1,
      usdValue: 5,
      timestamp: '2026-01-01T00:00:00Z',
    },
  };

  it('tells those who have the channel that the message’s type and coin name', async () => {
    const client = await server.openTickwire();
    const channels = ['coin:bitcoin', 'whales:bitcoin', 'metal:gold'].map((channel) => ({ channel }));
    client.send({ type: 'subscribe', id: 1, data: { channels } });
    await client.next('ack');
    for (const message of [
      price('1.50'),
      whale,
      { type: 'priceUpdate', data: { gold: { price: 7 } } },
      { type: 'announcement', data: { message: 'hi' } },
    ]) {
      expect(await call('POST', '/api/publish', message, publisher)).toEqual({
        status: 202,
        body: { outcome: 'published' },
      });
    }
    expect(await client.next('price_update')).toMatchObject({ sub: 'coin:bitcoin', data: { price: '1.50' } });
    expect(await client.next('whale_movement')).toMatchObject({ sub: 'whales:bitcoin' });
    expect(await client.next('priceUpdate')).toMatchObject({ sub: 'metal:gold' });
    expect(await client.next('announcement')).toMatchObject({ sub: 'global', data: { message: 'hi' } });
  });

  it.each([
    ['portfolio_value_update', { userId: 'alice', coinId: 3, holdingId: 9, currentValue: 12.18, profitLoss: -0.82 }],
    ['wallet_integration_complete', { walletId: 5, tokens: 12 }],
  ])('passes the %s of the published backend through to its user, older clients included', async (type, data) => {
    const older = server.open();
    await older.next('hello');
    older.send({ type: 'authenticate', data: { token: await signToken({ sub: 'alice' }) } });
    await older.next('authenticated');
    const message = { type, data, userId: 'alice' };
    expect((await call('POST', '/api/publish', message, publisher)).status).toBe(202);
    expect(await older.next(type as 'portfolio_value_update')).toMatchObject({ ...message, sub: 'user', seq: 1 });
  });

  it.each<[string, object | string, number, string]>([
    ['no JSON', '{', 400, 'BAD_JSON'],
    ['nothing', '', 400, 'BAD_JSON'],
    ['a type that is not of the contract', { type: 'made_up' }, 400, 'UNKNOWN_TYPE'],
    ['a price that is none', price('NaN'), 400, 'BAD_MESSAGE'],
    [
      'a price beyond all numbers',
      '{"type":"price_update","data":{"coinId":"bitcoin","price":1e400}}',
      400,
      'BAD_MESSAGE',
    ],
    ['half a character', '{"type":"announcement","data":{"message":"\\ud800"}}', 400, 'BAD_MESSAGE'],
    ['a megabyte', { type: 'announcement', data: { message: 'x'.repeat(1_048_576) } }, 413, 'BAD_MESSAGE'],
    ['a price of no coin', { type: 'price_update', data: { price: 1 } }, 400, 'BAD_MESSAGE'],
    ['a coin that is not here', { type: 'price_update', data: { coinId: 'nope', price: 1 } }, 404, 'UNKNOWN_CHANNEL'],
    ['a metal that is not here', { type: 'priceUpdate', data: { tin: { price: 1 } } }, 404, 'UNKNOWN_CHANNEL'],
    ['no metal', { type: 'priceUpdate', data: {} }, 400, 'BAD_MESSAGE'],
    ['a notice for a price', { type: 'price_update', data: { coinId: 'bitcoin', message: 'hi' } }, 400, 'BAD_MESSAGE'],
    ['an alert of nobody', { type: 'portfolio_update', data: { totalValue: 1 } }, 400, 'BAD_MESSAGE'],
    [
      'a message that is the server’s own',
      { type: 'heartbeat', data: { serverTime: 1, heads: {} } },
      400,
      'BAD_MESSAGE',
    ],
    [
      'F56: a price under two names',
      { type: 'price_update', coinId: 'ethereum', data: { coinId: 'bitcoin', price: 1 } },
      400,
      'BAD_MESSAGE',
    ],
    ['F36: an alert of the user ""', { type: 'wallet_integration_complete', data: {}, userId: '' }, 400, 'BAD_MESSAGE'],
    [
      'F36: an alert of the user "alice\\n"',
      { type: 'wallet_integration_complete', data: {}, userId: 'alice\n' },
      400,
      'BAD_MESSAGE',
    ],
    [
      'F36: a portfolio of the user "\\u0000"',
      { type: 'portfolio_update', data: { totalValue: 1 }, userId: '\u0000' },
      400,
      'BAD_MESSAGE',
    ],
    ['a position', { type: 'gap', data: { channel: 'user', from: 1, to: 2, reason: 'x' } }, 400, 'BAD_MESSAGE'],
  ])('refuses %s, and puts nothing on the wire', async (_case, body, status, code) => {
    const client = await server.openTickwire();
    client.send({ type: 'subscribe', id: 1, data: { channels: [{ channel: 'coin:bitcoin' }] } });
    await client.next('ack');
    const answer = await call('POST', '/api/publish', body, publisher);
    expect(answer).toMatchObject({ status, body: { code, error: expect.any(String) as string } });
    await client.settle();
    expect(client.frames.map(({ type }) => type)).toEqual(['hello', 'ack', 'pong']);
  });

  it.each([
    ['nothing', {}, 401],
    ['a wrong secret', { 'x-api-key': 'feed.other' }, 401],
    ['a key that may not publish', { 'x-api-key': 'reader.s3cret' }, 403],
  ])('refuses who shows %s', async (_case, headers, status) => {
    expect((await call('POST', '/api/publish', price(1), headers as Record<string, string>)).status).toBe(status);
  });

  it('refuses a compressed body with 415, whatever it holds', async () => {
    const headers = { ...publisher, 'content-encoding': 'gzip' };
    expect(await call('POST', '/api/publish', price(1), headers)).toMatchObject({ status: 415 });
  });

  it('publishes once under one Idempotency-Key, and refuses the key for another message', async () => {
    const headers = { ...publisher, 'idempotency-key': 'order-7' };
    expect(await call('POST', '/api/publish', whale, headers)).toMatchObject({ status: 202 });
    expect(await call('POST', '/api/publish', whale, headers)).toEqual({ status: 200, body: { outcome: 'duplicate' } });
    expect(await call('POST', '/api/publish', price(1), headers)).toMatchObject({
      status: 409,
      body: { code: 'CONFLICT' },
    });
    const client = await server.openTickwire();
    client.send({ type: 'history', id: 1, data: { channel: 'whales' } });
    expect((await client.next('ack')).data).toMatchObject({ seq: 1 });
    expect((await call('POST', '/api/publish', whale, { ...publisher, 'idempotency-key': 'a b' })).status).toBe(400);
  });
});

describe('/api/alerts', () => {
  const rule = { alertType: 'price_above', coinId: 'BTC', condition: { targetPrice: 5 }, clientRef: 'r' };

  it('creates once, lists and deletes for the user whose token it is', async () => {
    const alice = await asUser('alice');
    const body = { ...rule, coinId: 'bitcoin' };
    expect(await call('POST', '/api/alerts', body, alice)).toEqual({
      status: 201,
      body: { alertId: 1, created: true },
    });
    expect(await call('POST', '/api/alerts', body, alice)).toEqual({
      status: 200,
      body: { alertId: 1, created: false },
    });
    expect(await call('POST', '/api/alerts', { ...body, condition: { targetPrice: 6 } }, alice)).toMatchObject({
      status: 409,
      body: { code: 'CONFLICT' },
    });
    expect(await call('GET', '/api/alerts', undefined, alice)).toMatchObject({
      body: { items: [{ alertId: 1, coinId: 'bitcoin', condition: { targetPrice: 5 } }] },
    });
    const bob = await asUser('bob');
    expect(await call('GET', '/api/alerts', undefined, bob)).toMatchObject({ body: { items: [] } });
    expect((await call('DELETE', '/api/alerts/1', undefined, bob)).status).toBe(404);
    expect((await call('DELETE', '/api/alerts/1', undefined, alice)).status).toBe(204);
    expect((await call('DELETE', '/api/alerts/1', undefined, alice)).status).toBe(404);
  });

  it.each<[string, object | string, number, string]>([
    ['no JSON', '{', 400, 'BAD_JSON'],
    ['another shape', { alertType: 'price_above' }, 400, 'BAD_MESSAGE'],
    ['a type that there is not', { ...rule, alertType: '__proto__' }, 400, 'BAD_MESSAGE'],
    ['a coin that is not here', { ...rule, coinId: 'nope' }, 404, 'UNKNOWN_CHANNEL'],
    ['no threshold', { ...rule, coinId: 'bitcoin', condition: {} }, 400, 'BAD_MESSAGE'],
    ['too much', { ...rule, junk: 'x'.repeat(20_000) }, 413, 'BAD_MESSAGE'],
  ])('refuses %s', async (_case, body, status, code) => {
    expect(await call('POST', '/api/alerts', body, await asUser('alice'))).toMatchObject({ status, body: { code } });
  });

  it('is nobody’s without a token', async () => {
    for (const method of ['GET', 'POST']) expect((await call(method, '/api/alerts')).status).toBe(401);
    expect((await call('GET', '/api/alerts', undefined, publisher)).status).toBe(401);
  });
});

describe('/api/portfolio', () => {
  it('keeps the holdings of a user', async () => {
    const alice = await asUser('alice');
    server.source.tell(coinTick('bitcoin', 100));
    const holdings = [{ coinId: 'bitcoin', amount: 0.5, averagePrice: 10 }];
    expect(await call('PUT', '/api/portfolio', { holdings }, alice)).toEqual({ status: 200, body: { holdings } });
    expect(await call('GET', '/api/portfolio', undefined, alice)).toEqual({ status: 200, body: { holdings } });
    expect(await call('GET', '/api/portfolio', undefined, await asUser('bob'))).toEqual({
      status: 200,
      body: { holdings: [] },
    });
  });

  it.each<[string, object, number]>([
    ['no holdings', {}, 400],
    ['an amount of 0', { holdings: [{ coinId: 'bitcoin', amount: 0 }] }, 400],
    ['an amount that is no number', { holdings: [{ coinId: 'bitcoin', amount: '5' }] }, 400],
    ['a coin that is not here', { holdings: [{ coinId: 'nope', amount: 1 }] }, 404],
    ['too many', { holdings: Array.from({ length: 101 }, () => ({ coinId: 'bitcoin', amount: 1 })) }, 400],
  ])('refuses %s', async (_case, body, status) => {
    expect((await call('PUT', '/api/portfolio', body, await asUser('alice'))).status).toBe(status);
  });

  it('is nobody’s without a token', async () => {
    expect((await call('GET', '/api/portfolio')).status).toBe(401);
  });
});
