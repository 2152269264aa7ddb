import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createStandingClock, type StandingClock } from './manual-clock.js';
import { coinTick, metalTick } from './manual-source.js';
import type { StreamClient } from './stream-client.js';
import { startTestServer, type TestServer } from './test-server.js';

const onlyForNewClients = ['ack', 'snapshot', 'heartbeat', 'gap', 'batch', 'going_away'];

describe('an older coins client', () => {
  let server: TestServer;
  let client: StreamClient;
  let clock: StandingClock;
  beforeEach(async () => {
    clock = createStandingClock();
    server = await startTestServer({ heartbeatMs: 30 }, {}, { clock });
    server.source.tell(coinTick('bitcoin', 50_000));
    client = server.open();
    await client.next('hello');
  });
  afterEach(async () => {
    const types = client.frames.map(({ type }) => type);
    await server.close();
    expect(types.filter((type) => onlyForNewClients.includes(type))).toEqual([]);
  });

  it('is answered in typed forms: welcome, subscribed, prices, unsubscribed', async () => {
    client.send({ type: 'subscribe', data: { coinId: 'bitcoin' } });
    expect(await client.next()).toMatchObject({
      type: 'welcome',
      data: { connectionId: expect.any(String) as string },
    });
    expect(await client.next()).toMatchObject({
      type: 'subscribed',
      data: { coinId: 'bitcoin', subscription: 'coin:bitcoin' },
    });
    expect(await client.next()).toMatchObject({ type: 'price_update', data: { coinId: 'bitcoin', price: 50_000 } });
    server.source.tell(coinTick('dogecoin', 1), coinTick('bitcoin', 50_001));
    expect(await client.next()).toMatchObject({ type: 'price_update', data: { price: 50_001 }, coinId: 'bitcoin' });
    client.send({ type: 'unsubscribe', data: { coinId: 'bitcoin' } });
    expect(await client.next()).toMatchObject({ type: 'unsubscribed', data: { coinId: 'bitcoin' } });
    server.source.tell(coinTick('bitcoin', 50_002));
    await client.settle();
    expect(client.ofType('price_update')).toHaveLength(2);
    expect(client.ofType('welcome')).toHaveLength(1);
  });

  it('hears of its coin’s whales and social spikes', async () => {
    client.send({ type: 'subscribe', data: { coinId: 'btc' } });
    await client.next('subscribed');
    const timestamp = '2026-01-01T00:00:00.000Z';
    const whale = {
      coinId: 'bitcoin',
      txHash: '0x1',
      fromAddress: 'a',
      toAddress: 'b',
      amount: 1,
      usdValue: 2,
      timestamp,
    };
    const spike = {
      coinId: 'bitcoin',
      platform: 'x',
      mentions24h: 1,
      sentimentScore: 0.5,
      trendingScore: 2,
      change: 3,
      timestamp,
    };
    await server.app.realtime.broadcastToCoin('bitcoin', { type: 'whale_movement', data: whale, coinId: 'bitcoin' });
    await server.app.realtime.broadcastToCoin('bitcoin', { type: 'social_spike', data: spike, coinId: 'bitcoin' });
    expect(await client.next('whale_movement')).toMatchObject({ sub: 'whales:bitcoin', data: whale });
    expect(await client.next('social_spike')).toMatchObject({ sub: 'social:bitcoin', data: spike });
    expect(client.ofType('whale_movement')).toHaveLength(1);
  });

  it('is answered with a bare pong', async () => {
    client.send({ type: 'ping' });
    expect(await client.next()).toEqual({ type: 'pong' });
  });

  it.each([
    ['a subscribe', { type: 'subscribe', data: { coinId: 'bitcoin' } }],
    ['an unsubscribe', { type: 'unsubscribe', data: { coinId: 'bitcoin' } }],
    ['an authenticate', { type: 'authenticate', data: { token: 'jwt' } }],
  ])(
    'that only pings is greeted after a second, and gets metals until %s shows its dialect',
    async (_case, message) => {
      server.source.tell(metalTick('gold', 100));
      client.send({ type: 'ping' });
      await client.next('pong');
      clock.leap(1_000);
      await client.next('priceUpdate');
      await client.next('welcome');
      client.send(message);
      await client.settle();
      const witness = server.open(['swarnaai-v1']);
      await witness.next('hello');
      clock.leap(1_000);
      await witness.next('priceUpdate');
      server.source.tell(metalTick('gold', 101));
      await witness.next('priceUpdate');
      await client.settle();
      expect(client.ofType('priceUpdate')).toHaveLength(1);
      expect(client.ofType('welcome')).toHaveLength(1);
    },
  );

  it.each([
    ['subscribes', { type: 'subscribe', data: { coinId: 'bitcoin' } }],
    ['authenticates', { type: 'authenticate', data: { token: 'jwt' } }],
    ['asks for what only new clients get', { type: 'catalog', id: 'r1' }],
  ])('that %s within a second is never taken for a metals client', async (_case, message) => {
    server.source.tell(metalTick('gold', 100));
    client.send(message);
    await client.settle();
    const witness = server.open(['swarnaai-v1']);
    await witness.next('hello');
    clock.leap(1_000);
    await witness.next('priceUpdate');
    server.source.tell(metalTick('gold', 101));
    await witness.next('priceUpdate');
    await client.settle();
    expect(client.ofType('priceUpdate')).toEqual([]);
    expect(client.ofType('welcome')).toHaveLength(1);
  });

  it('is told once of each coin that is not here, and which it is', async () => {
    client.send({ type: 'subscribe', data: { coinId: 'nope' } });
    client.send({ type: 'subscribe', data: { coinId: 999 } });
    expect(await client.next('error')).toMatchObject({
      op: 'subscribe',
      coinId: 'nope',
      data: {
        code: 'UNKNOWN_CHANNEL',
        channel: 'coin:nope',
        message: 'Unknown channel',
        error: 'Unknown channel',
      },
    });
    expect(await client.next('error')).toMatchObject({ coinId: '999', data: { channel: 'coin:999' } });
    await client.settle();
    expect(client.ofType('error')).toHaveLength(2);
    expect(client.ofType('subscribed')).toEqual([]);
  });

  it('is told which channel by name is not here', async () => {
    client.send({ type: 'subscribe', data: { channel: 'whales:nope' } });
    const error = await client.next('error');
    expect(error).toMatchObject({ op: 'subscribe', data: { code: 'UNKNOWN_CHANNEL', channel: 'whales:nope' } });
    expect(error).not.toHaveProperty('coinId');
  });

  it('may subscribe a channel by name, as at the published backend', async () => {
    client.send({ type: 'subscribe', data: { channel: 'whales' } });
    expect((await client.next('subscribed')).data).toEqual({ subscription: 'whales' });
  });

  it('is told that it cannot authenticate here', async () => {
    client.send({ type: 'authenticate', data: { token: 'jwt' } });
    await client.next('welcome');
    expect((await client.next('error')).data).toMatchObject({ code: 'AUTH_FAILED' });
    expect(server.app.connections.countByDialect()).toMatchObject({ coins: 1 });
  });

  it('gets no ② answers to ② requests', async () => {
    client.send({ type: 'subscribe', id: 'r1', data: { channels: [{ channel: 'coin:bitcoin' }] } });
    expect(await client.next('error')).toMatchObject({ id: 'r1', op: 'subscribe', data: { code: 'BAD_MESSAGE' } });
    client.send({ type: 'catalog', id: 'r2' });
    expect(await client.next('error')).toMatchObject({ id: 'r2', op: 'catalog' });
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(client.ofType('heartbeat')).toEqual([]);
  });

  it('hears announcements', async () => {
    await client.settle();
    await server.app.realtime.broadcastGlobal({ type: 'price_update', data: { message: 'Market update' } });
    expect(await client.next('price_update')).toMatchObject({ data: { message: 'Market update' } });
  });
});
