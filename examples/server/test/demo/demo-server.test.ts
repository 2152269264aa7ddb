import { afterEach, describe, expect, it } from 'vitest';
import type { ServerDependencies } from '../../src/index.js';
import { createStandingClock } from '../manual-clock.js';
import { coinTick } from '../manual-source.js';
import { startTestServer, type TestServer } from '../test-server.js';
import type { StreamClient } from '../stream-client.js';

const everything = { DEMO_ACCOUNTS: 'true', DEMO_FAULTS: 'true', JWT_SECRET: 's'.repeat(32) };
const page = '3f1c8a52-2c57-4d0e-9a29-2b54a1f0c001';

let server: TestServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

async function start(
  environment: Record<string, string> = everything,
  dependencies: ServerDependencies = {},
): Promise<TestServer> {
  server = await startTestServer({}, environment, dependencies);
  return server;
}

function post({ base }: TestServer, path: string, body: unknown, headers: Record<string, string> = {}) {
  return fetch(`${base}${path}`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
}

async function greeted(client: StreamClient): Promise<StreamClient> {
  await client.next('hello');
  client.send({ type: 'hello', data: { protocol: 1, client: 'test' } });
  client.send({ type: 'subscribe', id: 's', data: { channels: [{ channel: 'coin:bitcoin' }] } });
  await client.next('ack');
  return client;
}

const connect = (to: TestServer): StreamClient => to.open([], { path: `/ws?page=${page}` });

describe('the demo’s door', () => {
  it('is not there unless it was asked for', async () => {
    const plain = await start({});
    expect((await fetch(`${plain.base}/api/demo`)).status).toBe(404);
    expect((await post(plain, '/api/demo/sign-in', { user: 'asha' })).status).toBe(404);
    expect((await post(plain, '/api/demo/faults', { page, kind: 'drop' })).status).toBe(404);
  });

  it.each([
    [{ DEMO_ACCOUNTS: 'true' }, { accounts: 3, faults: 0, candles: 0 }],
    [{ DEMO_FAULTS: 'true' }, { accounts: 0, faults: 5, candles: 0 }],
    [{ DEMO_HISTORY: 'true' }, { accounts: 0, faults: 0, candles: 3 }],
  ])('says what there is with %o', async (environment, counts) => {
    const { base } = await start(environment);
    const parts = (await (await fetch(`${base}/api/demo`)).json()) as Record<string, unknown[]>;
    expect(Object.fromEntries(Object.entries(parts).map(([name, list]) => [name, list.length]))).toEqual(counts);
  });

  it('signs in with a token that the socket takes, and gives a portfolio of coins that there are', async () => {
    const demo = await start();
    const response = await post(demo, '/api/demo/sign-in', { user: 'asha' });
    expect(response.headers.get('cache-control')).toBe('no-store');
    const { token, user, expiresAt } = (await response.json()) as { token: string; user: object; expiresAt: number };
    expect(user).toEqual({ id: 'asha', name: 'Asha' });
    const client = await greeted(connect(demo));
    client.send({ type: 'authenticate', id: 'a', data: { token } });
    const ack = await client.next('ack', ({ op }) => op === 'authenticate');
    expect(ack.data).toMatchObject({ userId: 'asha', expiresAt });
    demo.source.tell(coinTick('bitcoin', 100));
    const { data } = await client.next('portfolio_update', (frame) => JSON.stringify(frame).includes('42'));
    expect(JSON.stringify(data)).toContain('bitcoin');
    expect(JSON.stringify(data)).not.toContain('ethereum');
  });

  it('gives a portfolio once: what its user makes of it stays', async () => {
    const demo = await start();
    const signIn = async (): Promise<string> =>
      ((await (await post(demo, '/api/demo/sign-in', { user: 'ben' })).json()) as { token: string }).token;
    const Authorization = `Bearer ${await signIn()}`;
    await fetch(`${demo.base}/api/portfolio`, {
      method: 'PUT',
      headers: { 'Content-Type': 'application/json', Authorization },
      body: '{"holdings":[]}',
    });
    await signIn();
    const holdings = await (await fetch(`${demo.base}/api/portfolio`, { headers: { Authorization } })).json();
    expect(holdings).toEqual({ holdings: [] });
  });

  it.each([
    ['/api/demo/sign-in', { user: 'eve' }, 404, 'UNKNOWN_USER'],
    ['/api/demo/sign-in', { user: '__proto__' }, 404, 'UNKNOWN_USER'],
    ['/api/demo/sign-in', { user: 7 }, 400, 'BAD_MESSAGE'],
    ['/api/demo/sign-in', '{', 400, 'BAD_JSON'],
    ['/api/demo/faults', { page, kind: 'drop' }, 404, 'UNKNOWN_PAGE'],
    ['/api/demo/faults', { page: 'x', kind: 'drop' }, 400, 'BAD_MESSAGE'],
    ['/api/demo/faults', { page, kind: 'burn' }, 400, 'BAD_MESSAGE'],
    ['/api/demo/faults', { page, kind: 'slow', forMs: -1 }, 400, 'BAD_MESSAGE'],
  ])('answers %s %j with %d %s', async (path, body, status, code) => {
    const response = await post(await start(), path, body);
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ code });
  });

  it('lets no page of another origin sign in or break anything', async () => {
    const demo = await start();
    const headers = { Origin: 'https://elsewhere.example' };
    expect((await post(demo, '/api/demo/sign-in', { user: 'asha' }, headers)).status).toBe(403);
    expect((await post(demo, '/api/demo/faults', { page, kind: 'drop' }, headers)).status).toBe(403);
  });

  it('takes no form of another page, which needs no leave to be sent, and no long text', async () => {
    const demo = await start();
    const simple = { 'Content-Type': 'text/plain' };
    expect((await post(demo, '/api/demo/sign-in', { user: 'asha' }, simple)).status).toBe(400);
    expect((await post(demo, '/api/demo/faults', { page: 'x'.repeat(2_000), kind: 'drop' })).status).toBe(413);
  });

  it('is asked sixty times at once and no more', async () => {
    const demo = await start(everything, { clock: createStandingClock() });
    for (let count = 0; count < 60; count += 1) await post(demo, '/api/demo/faults', { page, kind: 'drop' });
    const response = await post(demo, '/api/demo/sign-in', { user: 'asha' });
    expect(response.status).toBe(429);
    expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0);
  });
});

describe('the demo’s faults', () => {
  const suffer = async (demo: TestServer, kind: string, forMs?: number) =>
    (await (await post(demo, '/api/demo/faults', { page, kind, forMs })).json()) as Record<string, unknown>;

  it('drop: cut the page’s connections without a close, and nobody else’s', async () => {
    const demo = await start();
    const [mine, other] = [await greeted(connect(demo)), await greeted(demo.open())];
    expect(await suffer(demo, 'drop')).toEqual({ page, kind: 'drop', endsAt: 0, connections: 1 });
    expect((await mine.closed).code).toBe(1006);
    await other.settle();
    await greeted(connect(demo));
  });

  it('refuse: answer the page’s upgrades 503 until it is over', async () => {
    const demo = await start();
    const mine = await greeted(connect(demo));
    await suffer(demo, 'refuse', 600_000);
    expect((await mine.closed).code).toBe(1006);
    expect(await connect(demo).refused).toBe(503);
    await greeted(demo.open());
    await suffer(demo, 'none');
    await greeted(connect(demo));
  });

  it('freeze: keep the socket open and mute, then tell all that was held', async () => {
    const demo = await start();
    const mine = await greeted(connect(demo));
    const { endsAt } = await suffer(demo, 'freeze', 600_000);
    expect(Number(endsAt) - Date.now()).toBeLessThanOrEqual(60_000);
    mine.send({ type: 'ping', id: 'held' });
    demo.source.tell(coinTick('bitcoin', 41));
    const other = await greeted(demo.open());
    await other.settle();
    const before = mine.frames.length;
    demo.source.tell(coinTick('bitcoin', 42));
    await other.next('price_update', ({ data }) => data.price === 42);
    expect(mine.frames).toHaveLength(before);
    expect(mine.socket.readyState).toBe(1);
    await suffer(demo, 'none');
    await mine.next('price_update', ({ data }) => data.price === 41);
    await mine.next('price_update', ({ data }) => data.price === 42);
    await mine.next('pong', ({ id }) => id === 'held');
  });

  it('lose: leave holes in what is told live, and answer all that is asked', async () => {
    const demo = await start();
    const mine = await greeted(connect(demo));
    await suffer(demo, 'lose', 600_000);
    for (let price = 1; price <= 60; price += 1) demo.source.tell(coinTick('bitcoin', price));
    await mine.settle();
    const seqs = mine.ofType('price_update').map(({ seq }) => seq ?? 0);
    expect(seqs.length).toBeLessThan(60);
    expect(seqs).toEqual(seqs.toSorted((a, b) => a - b));
  });

  it('slow: bring everything late, in order', async () => {
    const demo = await start();
    const mine = await greeted(connect(demo));
    const began = performance.now();
    await suffer(demo, 'slow', 600_000);
    demo.source.tell(coinTick('bitcoin', 41));
    await mine.settle();
    // A bound from below: however busy the machine is, it can only be later.
    expect(performance.now() - began).toBeGreaterThan(1_400);
    expect(mine.ofType('price_update').at(-1)!.data.price).toBe(41);
  });

  it('end with the server, which closes a frozen connection as well', async () => {
    const demo = await start();
    const mine = await greeted(connect(demo));
    await suffer(demo, 'freeze', 600_000);
    await demo.app.close();
    expect((await mine.closed).code).toBe(1012);
  });
});
