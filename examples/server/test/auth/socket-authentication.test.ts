import { createHash } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import type { Limits } from '../../src/index.js';
import { createManualClock, type ManualClock } from '../manual-clock.js';
import { coinTick } from '../manual-source.js';
import type { StreamClient } from '../stream-client.js';
import { startTestServer, type TestServer } from '../test-server.js';
import { signToken, testSecret } from './test-tokens.js';

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

let server: TestServer;
afterEach(() => server.close());

async function start(limits: Partial<Limits> = {}, environment: Record<string, string> = {}): Promise<void> {
  server = await startTestServer(limits, {
    JWT_SECRET: testSecret,
    API_KEYS: `feed:${sha256('right')}:publish,ops:${sha256('right')}:revoke`,
    ...environment,
  });
}

let ids = 0;
function send(client: StreamClient, data: object): number {
  ids += 1;
  client.send({ type: 'authenticate', id: ids, data });
  return ids;
}

async function authenticated(sub: string): Promise<StreamClient> {
  const client = await server.openTickwire();
  send(client, { token: await signToken({ sub }) });
  await client.next('ack');
  return client;
}

const notice = (message: string) => ({
  type: 'alert_triggered' as const,
  data: {
    alertId: 1,
    alertType: 'price_above',
    coinId: 'bitcoin',
    condition: { targetPrice: 1 },
    triggeredAt: '2026-01-01T00:00:00.000Z',
    message,
  },
});

describe('authenticate', () => {
  it('is answered by who the connection is, until when, and where the private channels stand', async () => {
    await start();
    const client = await server.openTickwire();
    const now = Date.now();
    const exp = Math.floor(now / 1_000) + 600;
    send(client, { token: await signToken({ sub: 'alice', exp, scope: 'alerts:write portfolio' }) });
    expect(await client.next('ack')).toMatchObject({
      op: 'authenticate',
      data: {
        userId: 'alice',
        expiresAt: exp * 1_000,
        scopes: ['alerts:write', 'portfolio'],
        subscribed: [
          { channel: 'user', kind: 'event', seq: 0 },
          { channel: 'portfolio', kind: 'state', seq: 0 },
        ],
      },
    });
  });

  it('takes an API key', async () => {
    await start();
    const client = await server.openTickwire();
    send(client, { apiKey: 'feed.right' });
    expect((await client.next('ack')).data).toMatchObject({ userId: 'key:feed', scopes: ['publish'] });
  });

  it('is answered in the typed form to an older coins client', async () => {
    await start();
    const client = server.open();
    await client.next('hello');
    client.send({ type: 'authenticate', data: { token: await signToken({ sub: '1' }) } });
    await client.next('welcome');
    expect((await client.next('authenticated')).data).toMatchObject({ userId: '1' });
    await server.app.realtime.broadcastToUser(1, notice('hello'));
    expect(await client.next('alert_triggered')).toMatchObject({ sub: 'user', data: { message: 'hello' } });
  });

  it.each([
    ['a bad token', { token: 'no.such.token' }],
    ['a bad key', { apiKey: 'feed.wrong' }],
    ['15 KB of garbage', { token: 'x'.repeat(15_000) }],
  ])('answers %s with AUTH_FAILED and goes on', async (_case, data) => {
    await start();
    const client = await server.openTickwire();
    const id = send(client, data);
    expect(await client.next('error')).toMatchObject({ id, op: 'authenticate', data: { code: 'AUTH_FAILED' } });
    client.send({ type: 'subscribe', id: 's', data: { channels: [{ channel: 'coin:bitcoin' }, { channel: 'user' }] } });
    expect((await client.next('ack')).data).toMatchObject({
      subscribed: [{ channel: 'coin:bitcoin' }],
      rejected: [{ channel: 'user', code: 'UNAUTHENTICATED' }],
    });
  });

  it('reaches every device of the user, and nobody else', async () => {
    await start();
    const [phone, desk, other] = [
      await authenticated('alice'),
      await authenticated('alice'),
      await authenticated('bob'),
    ];
    await server.app.realtime.broadcastToUser('alice', notice('for alice'));
    await server.app.realtime.broadcastToUser('bob', notice('for bob'));
    for (const client of [phone, desk]) {
      expect((await client.next('alert_triggered')).data).toMatchObject({ message: 'for alice' });
    }
    expect((await other.next('alert_triggered')).data).toMatchObject({ message: 'for bob' });
    for (const client of [phone, desk, other]) {
      await client.settle();
      expect(client.ofType('alert_triggered')).toHaveLength(1);
    }
  });

  it('opens the history of the user’s own notices and of no other’s', async () => {
    await start();
    const [alice, bob] = [await authenticated('alice'), await authenticated('bob')];
    await server.app.realtime.broadcastToUser('alice', notice('for alice'));
    const ask = { type: 'history', id: 'h', data: { channel: 'user' } };
    alice.send(ask);
    expect((await alice.next('ack')).data).toMatchObject({ messages: [{ data: { message: 'for alice' } }] });
    bob.send(ask);
    expect((await bob.next('ack')).data).toMatchObject({ messages: [] });
  });

  it('again for the same user prolongs the connection and keeps its subscriptions', async () => {
    await start();
    const client = await authenticated('alice');
    client.send({ type: 'subscribe', id: 's', data: { channels: [{ channel: 'coin:bitcoin' }] } });
    await client.next('ack');
    await server.app.realtime.broadcastToUser('alice', notice('one'));
    await client.next('alert_triggered');
    const exp = Math.floor(Date.now() / 1_000) + 3_000;
    send(client, { token: await signToken({ sub: 'alice', exp }) });
    expect((await client.next('ack')).data).toMatchObject({
      expiresAt: exp * 1_000,
      subscribed: [
        { channel: 'user', seq: 1 },
        { channel: 'portfolio', seq: 0 },
      ],
    });
    await server.app.realtime.broadcastToUser('alice', notice('two'));
    server.source.tell(coinTick('bitcoin', 5));
    await client.next('alert_triggered');
    await client.next('price_update');
    expect(client.ofType('alert_triggered')).toHaveLength(2);
  });

  it('as another user is refused and closes with 4403', async () => {
    await start();
    const client = await authenticated('alice');
    send(client, { token: await signToken({ sub: 'bob' }) });
    expect((await client.next('error')).data).toMatchObject({ code: 'AUTH_FAILED' });
    expect(await client.closed).toEqual({ code: 4403, reason: 'other_user' });
    await server.app.realtime.broadcastToUser('bob', notice('for bob'));
    expect(client.ofType('alert_triggered')).toEqual([]);
  });

  it('closes with 4401 at the fourth failure in a row', async () => {
    await start();
    const client = await server.openTickwire();
    for (let index = 0; index < 4; index += 1) send(client, { token: 'no.such.token' });
    expect(await client.closed).toEqual({ code: 4401, reason: 'too_many_attempts' });
    expect(client.ofType('error')).toHaveLength(4);
  });

  it('refuses an address after ten failures in a minute, and only that', async () => {
    await start({ authFailuresPerConnection: 100 });
    const client = await server.openTickwire();
    for (let index = 0; index < 11; index += 1) send(client, { token: 'no.such.token' });
    const { code, reason } = await client.closed;
    expect(code).toBe(1013);
    expect(reason).toMatch(/^auth_rate_limited;ra=\d+$/);
    expect(client.ofType('error').map(({ data }) => data?.code)).toEqual([
      ...Array.from({ length: 10 }, () => 'AUTH_FAILED'),
      'AUTH_RATE_LIMITED',
    ]);
    const other = server.open([], { localAddress: '127.0.0.2' });
    await other.next('hello');
    other.send({ type: 'authenticate', data: { token: await signToken({ sub: 'alice' }) } });
    await other.next('authenticated');
  });

  it('F58: that succeeds locks nobody out, however often', async () => {
    await start({ burst: 1_000 });
    const client = await authenticated('alice');
    for (let index = 0; index < 100; index += 1) {
      send(client, { token: await signToken({ sub: 'alice' }) });
      await client.next('ack');
    }
    await authenticated('alice');
    const token = await signToken({ sub: 'alice' });
    await server.open([], { headers: { authorization: `Bearer ${token}` } }).next('hello');
  });

  it('refuses the user’s sixth connection with 4413 and leaves the five alone', async () => {
    await start();
    const five = await Promise.all(Array.from({ length: 5 }, () => authenticated('alice')));
    const sixth = await server.openTickwire();
    send(sixth, { token: await signToken({ sub: 'alice' }) });
    expect(await sixth.closed).toEqual({ code: 4413, reason: 'user_connections;ra=60000' });
    await Promise.all(five.map((client) => client.settle()));
    await five[0]?.close();
    await expect.poll(() => server.app.connections.size).toBe(4);
    await authenticated('alice');
  });

  it('is not needed by a client that shows its token with the upgrade', async () => {
    await start({}, { REQUIRE_AUTH: 'true' });
    const token = await signToken({ sub: 'alice' });
    const client = server.open([], { headers: { authorization: `Bearer ${token}` } });
    await client.next('hello');
    await client.settle();
    await server.app.realtime.broadcastToUser('alice', notice('hello'));
    await client.next('alert_triggered');
  });

  it('is refused before the upgrade when the header’s token is bad', async () => {
    await start();
    const client = server.open([], { headers: { authorization: 'Bearer no.such.token' } });
    expect(await client.refused).toBe(401);
  });
});

describe('a token in the URL', () => {
  it.each([
    '/ws?token=abc',
    '/ws?access_token=abc',
    '/ws?x=eyJhbGciOiJIUzI1NiJ9.e30.c2ln',
    '/?API_KEY=a.b',
    '/ws?token[]=abc',
  ])('is refused at %s', async (path) => {
    await start();
    expect(await server.open([], { path }).refused).toBe(400);
    const response = await fetch(`${server.base}${path}`);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ code: 'TOKEN_IN_URL' });
  });

  it('is not seen in harmless queries', async () => {
    await start();
    await server.open([], { path: '/ws?v=1&metals=gold' }).next('hello');
  });
});

describe('the end of a token', () => {
  const tenMinutes = 600_000;
  let clock: ManualClock;
  async function startWithClock(): Promise<void> {
    clock = createManualClock();
    server = await startTestServer({}, { JWT_SECRET: testSecret }, { clock });
  }
  async function openWithToken(): Promise<StreamClient> {
    const client = await server.openTickwire();
    send(client, { token: await signToken({ sub: 'alice' }, { now: clock.now() }) });
    await client.next('ack');
    return client;
  }

  it('is announced 60 s before, once, and closes with 4401 30 s after', async () => {
    await startWithClock();
    const client = await openWithToken();
    clock.leap(tenMinutes - 61_000);
    clock.advance(500);
    await client.settle();
    expect(client.ofType('error')).toEqual([]);
    clock.advance(1_000);
    expect((await client.next('error')).data).toMatchObject({ code: 'TOKEN_EXPIRING' });
    clock.leap(88_000);
    clock.advance(500);
    await client.settle();
    expect(client.ofType('error')).toHaveLength(1);
    clock.advance(3_000);
    expect((await client.next('error')).data).toMatchObject({ code: 'TOKEN_EXPIRED' });
    expect(await client.closed).toEqual({ code: 4401, reason: 'token_expired' });
  });

  it('moves when the client refreshes in time', async () => {
    await startWithClock();
    const client = await openWithToken();
    clock.leap(tenMinutes - 60_000);
    clock.advance(500);
    await client.next('error', ({ data }) => data?.code === 'TOKEN_EXPIRING');
    send(client, { token: await signToken({ sub: 'alice' }, { now: clock.now() }) });
    await client.next('ack');
    clock.leap(120_000);
    clock.advance(500);
    await client.settle();
    expect(client.socket.readyState).toBe(client.socket.OPEN);
  });

  it('F58: is announced once for each end, however often the same token is shown', async () => {
    await startWithClock();
    const client = await server.openTickwire();
    const token = await signToken({ sub: 'alice' }, { now: clock.now() });
    const show = async () => {
      send(client, { token });
      await client.next('ack');
    };
    await show();
    clock.leap(tenMinutes - 60_000);
    for (let index = 0; index < 20; index += 1) {
      clock.advance(250);
      await show();
    }
    expect(client.ofType('error').map(({ data }) => data?.code)).toEqual(['TOKEN_EXPIRING']);
  });

  it('F58: of one that is made for less than the warning takes is announced at half of its life', async () => {
    await startWithClock();
    const client = await server.openTickwire();
    let announced = 0;
    for (let renewal = 0; renewal < 3; renewal += 1) {
      // Tokens count whole seconds.
      const lifeMs = 40_000 - (clock.now() % 1_000);
      send(client, {
        token: await signToken({ sub: 'alice', exp: Math.floor((clock.now() + lifeMs) / 1_000) }, { now: clock.now() }),
      });
      await client.next('ack');
      clock.leap(lifeMs / 2 - 1_000);
      clock.advance(500);
      await client.settle();
      expect(client.ofType('error')).toHaveLength(announced);
      clock.advance(1_000);
      await client.next('error', ({ data }) => data?.code === 'TOKEN_EXPIRING');
      announced += 1;
      clock.advance(2_000);
      await client.settle();
      expect(client.ofType('error')).toHaveLength(announced);
    }
  });
});

describe('revocation', () => {
  it('closes the user’s sockets within a second and refuses the tokens from before', async () => {
    await start();
    const token = await signToken({ sub: 'alice' });
    const [phone, desk, other] = [
      await authenticated('alice'),
      await authenticated('alice'),
      await authenticated('bob'),
    ];
    await server.app.realtime.revokeUser('alice');
    for (const client of [phone, desk]) {
      expect(await client.closed).toEqual({ code: 4401, reason: 'revoked' });
      expect(client.ofType('error')).toMatchObject([{ data: { code: 'TOKEN_REVOKED' } }]);
    }
    await other.settle();
    const again = await server.openTickwire();
    send(again, { token });
    expect((await again.next('error')).data).toMatchObject({ code: 'TOKEN_REVOKED' });
    send(again, { token: await signToken({ sub: 'alice', iat: Math.floor(Date.now() / 1_000) + 2 }) });
    await again.next('ack');
  });

  it('is there for who has the API key', async () => {
    await start();
    const client = await authenticated('auth0|alice');
    const url = `${server.base}/api/users/${encodeURIComponent('auth0|alice')}/revoke`;
    const revoke = (key: string, target = url) => fetch(target, { method: 'POST', headers: { 'x-api-key': key } });
    expect((await revoke('feed.right')).status).toBe(403);
    expect((await revoke('ops.wrong')).status).toBe(401);
    expect((await revoke('ops.right', `${server.base}/api/users/%0a/revoke`)).status).toBe(400);
    await client.settle();
    expect((await revoke('ops.right')).status).toBe(204);
    expect((await client.closed).code).toBe(4401);
  });
});

describe('with REQUIRE_AUTH', () => {
  it('a connection that does not authenticate in time is closed with 4408', async () => {
    await start({ authTimeoutMs: 200 }, { REQUIRE_AUTH: 'true' });
    const silent = server.open();
    const user = await authenticated('alice');
    expect(await silent.closed).toEqual({ code: 4408, reason: 'auth_timeout' });
    await user.settle();
  });

  it('nothing but hello, ping and authenticate is answered before', async () => {
    await start({}, { REQUIRE_AUTH: 'true' });
    const client = await server.openTickwire();
    await server.app.realtime.broadcastGlobal({ type: 'announcement', data: { message: 'for users' } });
    client.send({ type: 'subscribe', id: 1, data: { channels: [{ channel: 'coin:bitcoin' }] } });
    expect(await client.next('error')).toMatchObject({ id: 1, op: 'subscribe', data: { code: 'UNAUTHENTICATED' } });
    client.send({ type: 'catalog', id: 2 });
    expect(await client.next('error')).toMatchObject({ id: 2, data: { code: 'UNAUTHENTICATED' } });
    send(client, { token: await signToken({ sub: 'alice' }) });
    await client.next('ack');
    expect(client.ofType('announcement')).toEqual([]);
    await server.app.realtime.broadcastGlobal({ type: 'announcement', data: { message: 'for users' } });
    await client.next('announcement');
  });

  it('a silent older client gets no prices', async () => {
    await start({ silenceMs: 50 }, { REQUIRE_AUTH: 'true' });
    const client = server.open();
    await client.next('welcome');
    await client.settle();
    expect(client.ofType('priceUpdate')).toEqual([]);
  });

  it.each([
    ['the sixth message', Array.from({ length: 6 }, () => '{"type":"ping"}')],
    ['more than 8 KB', [JSON.stringify({ type: 'ping', pad: 'x'.repeat(8_192) })]],
  ])('%s before closes with 4401', async (_case, messages) => {
    await start({}, { REQUIRE_AUTH: 'true' });
    const client = server.open();
    await client.next('hello');
    for (const message of messages) client.send(message);
    expect(await client.closed).toEqual({ code: 4401, reason: 'authenticate_first' });
  });
});

describe('an idle connection', () => {
  it('without a subscription is closed with 4408, one with a subscription or a user stays', async () => {
    await start({ idleMs: 300 });
    const idle = await server.openTickwire();
    const user = await authenticated('alice');
    const reader = await server.openTickwire();
    reader.send({ type: 'subscribe', id: 's', data: { channels: [{ channel: 'coin:bitcoin' }] } });
    await reader.next('ack');
    expect(await idle.closed).toEqual({ code: 4408, reason: 'idle' });
    await user.settle();
    await reader.settle();
  });
});
