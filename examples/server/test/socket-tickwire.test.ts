import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { StreamClient } from './stream-client.js';
import { coinTick, metalTick } from './manual-source.js';
import { startTestServer, type TestServer } from './test-server.js';

describe('a tickwire client', () => {
  let server: TestServer;
  let client: StreamClient;
  beforeEach(async () => {
    server = await startTestServer({ heartbeatMs: 60 });
    server.source.tell(coinTick('bitcoin', '50000.10'), metalTick('gold', 7_000));
    client = await server.openTickwire();
  });
  afterEach(() => server.close());

  const subscribe = (id: string, ...channels: object[]) => client.send({ type: 'subscribe', id, data: { channels } });

  it('is greeted with what the server can do and allows', () => {
    const hello = client.ofType('hello')[0];
    expect(client.frames[0]).toBe(hello);
    expect(hello?.data).toMatchObject({
      protocol: 1,
      connectionId: expect.stringMatching(/^c_/) as string,
      heartbeatMs: 60,
      capabilities: [
        'ack',
        'seq',
        'resume',
        'snapshot',
        'heartbeat',
        'filter',
        'batch',
        'alerts',
        'catalog',
        'history',
        'going_away',
      ],
      limits: {
        maxSubscriptions: 2_000,
        maxChannelsPerFrame: 200,
        maxFrameBytes: 16_384,
        messagesPerMinute: 300,
        burst: 40,
      },
    });
  });

  it('gets ack, then snapshot, then live frames without a hole', async () => {
    subscribe(
      'r1',
      { channel: 'coin:bitcoin' },
      { channel: 'metal:gold' },
      { channel: 'whales' },
      { channel: 'coin:nope' },
    );
    const ack = await client.next('ack');
    const [bitcoin, gold] = (ack.data as { subscribed: { epoch: string }[] }).subscribed;
    expect(ack).toMatchObject({
      id: 'r1',
      op: 'subscribe',
      data: {
        subscribed: [
          { channel: 'coin:bitcoin', kind: 'state', seq: 1, recovered: false, reason: 'new' },
          { channel: 'metal:gold', kind: 'state', seq: 1, recovered: false, reason: 'new' },
          { channel: 'whales', kind: 'event', seq: 0, recovered: false, reason: 'new' },
        ],
        rejected: [{ channel: 'coin:nope', code: 'UNKNOWN_CHANNEL', retryable: false }],
      },
    });
    const snapshot = await client.next();
    expect(snapshot).toMatchObject({
      type: 'snapshot',
      data: {
        items: [
          { channel: 'coin:bitcoin', seq: 1, epoch: bitcoin?.epoch, message: { data: { price: '50000.10' } } },
          { channel: 'metal:gold', seq: 1, epoch: gold?.epoch, message: { data: { gold: { price: 7_000 } } } },
        ],
      },
    });
    server.source.tell(coinTick('bitcoin', '50001'), metalTick('gold', 7_100));
    expect(await client.next('price_update')).toMatchObject({
      data: { coinId: 'bitcoin', price: '50001', currency: 'USD' },
      coinId: 'bitcoin',
      sub: 'coin:bitcoin',
      seq: 2,
      epoch: bitcoin?.epoch,
    });
    const metals = await client.next('priceUpdate');
    expect(metals).toMatchObject({ sub: 'metal:gold', seq: 2, epoch: gold?.epoch });
    expect(metals.data).toEqual({
      gold: expect.objectContaining({ price: 7_100, currency: 'INR', unit: 'gram', high: 7_100, low: 7_100 }) as object,
    });
    expect(metals.changes).toMatchObject([{ metal: 'gold', oldPrice: 7_000, newPrice: 7_100, direction: 'up' }]);
  });

  it('gets only what it asked for, and nothing more after an unsubscribe', async () => {
    subscribe('r1', { channel: 'coin:bitcoin' });
    await client.next('snapshot');
    server.source.tell(coinTick('dogecoin', 1), metalTick('gold', 7_100), coinTick('bitcoin', 2));
    expect((await client.next('price_update')).coinId).toBe('bitcoin');
    client.send({ type: 'unsubscribe', id: 'r2', data: { channels: ['coin:bitcoin', 'coin:dogecoin', 'global'] } });
    expect(await client.next('ack')).toMatchObject({
      id: 'r2',
      op: 'unsubscribe',
      data: { unsubscribed: ['coin:bitcoin', 'coin:dogecoin'] },
    });
    server.source.tell(coinTick('bitcoin', 3));
    await client.settle();
    expect(client.ofType('price_update')).toHaveLength(1);
    expect(client.ofType('priceUpdate')).toEqual([]);
  });

  it('gets announcements without asking', async () => {
    await client.settle();
    await server.app.realtime.broadcastGlobal({ type: 'announcement', data: { message: 'hello all' } });
    expect(await client.next('announcement')).toMatchObject({ sub: 'global', seq: 1, data: { message: 'hello all' } });
  });

  it('hears in heartbeats what was sent to it, and nothing of other channels', async () => {
    subscribe('r1', { channel: 'coin:bitcoin' });
    await client.next('ack');
    server.source.tell(coinTick('bitcoin', 2), coinTick('bitcoin', 3), coinTick('dogecoin', 1));
    const { data } = await client.next('heartbeat', ({ data: { heads } }) => heads['coin:bitcoin'] === 3);
    expect(data.heads).toEqual({ global: 0, 'coin:bitcoin': 3 });
    expect(data.serverTime).toBeGreaterThan(1_700_000_000_000);
  });

  it('is spared prices that come too fast, and told how many', async () => {
    subscribe('r1', { channel: 'coin:bitcoin', minIntervalMs: 150 });
    await client.next('snapshot');
    for (let price = 1; price <= 20; price += 1) server.source.tell(coinTick('bitcoin', price));
    const frame = await client.next('price_update');
    expect(frame).toMatchObject({ seq: 21, skip: 19, data: { price: 20 } });
    const beat = await client.next('heartbeat');
    expect(beat.data.heads['coin:bitcoin']).toBe(21);
  });

  it('does not count what is held back as sent', async () => {
    subscribe('r1', { channel: 'coin:bitcoin', minIntervalMs: 60_000 });
    await client.next('snapshot');
    server.source.tell(coinTick('bitcoin', 2));
    await client.next('heartbeat');
    const { data } = await client.next('heartbeat');
    expect(data.heads['coin:bitcoin']).toBe(1);
  });

  it('reads the catalog', async () => {
    client.send({ type: 'catalog', id: 'r8' });
    const { data } = await client.next('ack');
    expect(data).toMatchObject({
      revision: '1',
      items: [
        {
          channel: 'coin:bitcoin',
          id: 'bitcoin',
          aliases: ['BTC', 1],
          currency: 'USD',
          staleAfterMs: 60_000,
          source: 'manual',
        },
        { channel: 'coin:dogecoin' },
        { channel: 'metal:gold', currency: 'INR', unit: 'gram' },
        { channel: 'metal:silver' },
      ],
    });
  });

  it('gets its clock back with the server time', async () => {
    client.send({ type: 'ping', id: 'p9', ts: 1_700_000_000_000 });
    const pong = await client.next('pong');
    expect(pong).toMatchObject({ id: 'p9', echo: 1_700_000_000_000 });
    expect(Math.abs((pong.ts ?? 0) - Date.now())).toBeLessThan(5_000);
  });

  it('is told what needs an account, and keeps its connection', async () => {
    subscribe('r1', { channel: 'user' }, { channel: 'portfolio' });
    expect((await client.next('ack')).data).toMatchObject({
      subscribed: [],
      rejected: [
        { channel: 'user', code: 'UNAUTHENTICATED' },
        { channel: 'portfolio', code: 'UNAUTHENTICATED' },
      ],
    });
    client.send({ type: 'alert_list', id: 'a1' });
    expect(await client.next('error')).toMatchObject({ id: 'a1', op: 'alert_list', data: { code: 'UNAUTHENTICATED' } });
    client.send({ type: 'authenticate', id: 'a2', data: { token: 'secret-token' } });
    const refusal = await client.next('error');
    expect(refusal).toMatchObject({ id: 'a2', op: 'authenticate', data: { code: 'AUTH_FAILED', retryable: false } });
    expect(JSON.stringify(refusal)).not.toContain('secret-token');
  });

  it('may use the older forms, and is acknowledged where it gives an id', async () => {
    client.send({ type: 'subscribe', id: 'c1', data: { coinId: 'bitcoin' } });
    expect((await client.next('ack')).data).toMatchObject({
      subscribed: [{ channel: 'coin:bitcoin' }, { channel: 'whales:bitcoin' }, { channel: 'social:bitcoin' }],
    });
    client.send({ type: 'subscribe', id: 'm1', metals: ['gold'] });
    expect((await client.next('ack')).data).toMatchObject({ subscribed: [{ channel: 'metal:gold' }] });
    server.source.tell(metalTick('gold', 7_001));
    expect(await client.next('priceUpdate')).toMatchObject({ sub: 'metal:gold', seq: 2 });
    expect(client.ofType('welcome')).toEqual([]);
  });

  it('cannot have more subscriptions than the limit', async () => {
    const small = await startTestServer({ maxSubscriptions: 2 });
    try {
      const other = await small.openTickwire();
      other.send({
        type: 'subscribe',
        id: 1,
        data: { channels: [{ channel: 'coin:bitcoin' }, { channel: 'whales' }] },
      });
      expect((await other.next('ack')).data).toMatchObject({
        subscribed: [{ channel: 'coin:bitcoin' }],
        rejected: [{ channel: 'whales', code: 'TOO_MANY_SUBSCRIPTIONS' }],
      });
    } finally {
      await small.close();
    }
  });

  it('leaves nothing behind when it goes', async () => {
    subscribe('r1', { channel: 'coin:bitcoin' }, { channel: 'metal:gold', minIntervalMs: 60_000 });
    await client.next('ack');
    const status = async () => (await (await fetch(`${server.base}/api/status`)).json()) as Record<string, unknown>;
    expect(await status()).toMatchObject({ connections: { open: 1 }, subscriptions: { channels: 3, lanes: 3 } });
    await client.close();
    await expect.poll(status).toMatchObject({ connections: { open: 0 }, subscriptions: { channels: 0, lanes: 0 } });
  });
});

describe('a client of another protocol version', () => {
  it('is told so, and closed with 4406', async () => {
    const server = await startTestServer();
    try {
      const client = server.open();
      await client.next('hello');
      client.send({ type: 'hello', data: { protocol: 2 } });
      expect((await client.next('error')).data).toMatchObject({ code: 'UNSUPPORTED_VERSION' });
      expect(await client.closed).toEqual({ code: 4406, reason: 'unsupported_version' });
    } finally {
      await server.close();
    }
  });
});
