import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { signToken, testSecret } from '../auth/test-tokens.js';
import { coinTick } from '../manual-source.js';
import type { StreamClient } from '../stream-client.js';
import { startTestServer, type TestServer } from '../test-server.js';

let server: TestServer;
beforeEach(async () => {
  server = await startTestServer({}, { JWT_SECRET: testSecret });
});
afterEach(() => server.close());

async function deviceOf(user: string): Promise<StreamClient> {
  const client = await server.openTickwire();
  client.send({ type: 'authenticate', id: 'auth', data: { token: await signToken({ sub: user }) } });
  await client.next('ack');
  return client;
}
const rule = (targetPrice: number, more: object = {}) => ({
  alertType: 'price_above',
  coinId: 'bitcoin',
  condition: { targetPrice },
  ...more,
});
async function create(client: StreamClient, data: object) {
  client.send({ type: 'alert_create', id: 'c', data });
  return (await client.next('ack')).data as { alertId: number; created: boolean; clientRef?: string };
}

describe('alerts over the socket', () => {
  it('are created once, listed and deleted, for their user alone', async () => {
    const alice = await deviceOf('alice');
    const bob = await deviceOf('bob');
    expect(await create(alice, rule(5, { clientRef: 'ui-17' }))).toEqual({
      alertId: 1,
      created: true,
      clientRef: 'ui-17',
    });
    expect(await create(alice, rule(5, { clientRef: 'ui-17' }))).toMatchObject({ alertId: 1, created: false });
    alice.send({ type: 'alert_create', id: 'd', data: rule(6, { clientRef: 'ui-17' }) });
    expect(await alice.next('error')).toMatchObject({ id: 'd', op: 'alert_create', data: { code: 'CONFLICT' } });

    bob.send({ type: 'alert_delete', id: 'x', data: { alertId: 1 } });
    expect(await bob.next('error')).toMatchObject({ id: 'x', op: 'alert_delete', data: { code: 'BAD_MESSAGE' } });
    bob.send({ type: 'alert_list', id: 'l' });
    expect(await bob.next('ack')).toMatchObject({ op: 'alert_list', data: { items: [] } });
    alice.send({ type: 'alert_list', id: 'l' });
    expect(await alice.next('ack')).toMatchObject({ data: { items: [{ alertId: 1, condition: { targetPrice: 5 } }] } });
    alice.send({ type: 'alert_delete', id: 'x', data: { alertId: 1 } });
    expect(await alice.next('ack')).toMatchObject({ id: 'x', op: 'alert_delete', data: { alertId: 1 } });
  });

  it('reach every device of the user and nobody else, with what triggered them', async () => {
    const phone = await deviceOf('alice');
    const laptop = await deviceOf('alice');
    const bob = await deviceOf('bob');
    const { alertId } = await create(phone, rule(50_000));
    server.source.tell(coinTick('bitcoin', 49_999), coinTick('bitcoin', '50000.5'), coinTick('bitcoin', 50_001));
    for (const device of [phone, laptop]) {
      expect(await device.next('alert_triggered')).toMatchObject({
        sub: 'user',
        seq: 1,
        userId: 'alice',
        coinId: 'bitcoin',
        data: {
          alertId,
          alertType: 'price_above',
          coinId: 'bitcoin',
          condition: { targetPrice: 50_000 },
          coinData: { price: '50000.5', currency: 'USD' },
        },
      });
    }
    for (const device of [phone, laptop, bob]) await device.settle();
    expect(phone.ofType('alert_triggered')).toHaveLength(1);
    expect(bob.ofType('alert_triggered')).toEqual([]);
  });

  it('wait in the history of their user for a device that was away', async () => {
    const phone = await deviceOf('alice');
    await create(phone, rule(5));
    await create(phone, { ...rule(5), alertType: 'price_below' });
    await phone.close();
    server.source.tell(coinTick('bitcoin', 6), coinTick('bitcoin', 4));
    const laptop = await deviceOf('alice');
    laptop.send({ type: 'history', id: 'h', data: { channel: 'user' } });
    expect((await laptop.next('ack')).data).toMatchObject({
      channel: 'user',
      seq: 2,
      complete: true,
      messages: [{ data: { alertType: 'price_above' } }, { data: { alertType: 'price_below' } }],
    });
  });

  it.each([
    ['whale_movement', { usdValue: 500 }],
    ['social_spike', { socialThreshold: 500 }],
  ])('of type %s come from what is published', async (alertType, condition) => {
    const alice = await deviceOf('alice');
    await create(alice, { alertType, condition });
    const shared = { coinId: 'dogecoin', timestamp: '2026-01-01T00:00:00Z' };
    for (const value of [499, 500]) {
      await server.app.realtime.broadcastToCoin('dogecoin', {
        type: 'whale_movement',
        data: { ...shared, txHash: '0x1', fromAddress: 'a', toAddress: 'b', amount: 1, usdValue: value },
      });
      await server.app.realtime.broadcastToCoin('dogecoin', {
        type: 'social_spike',
        data: { ...shared, platform: 'x', mentions24h: value, sentimentScore: 1, trendingScore: 1, change: 1 },
      });
    }
    expect(await alice.next('alert_triggered')).toMatchObject({ data: { alertType, coinId: 'dogecoin' } });
    await alice.settle();
    expect(alice.ofType('alert_triggered')).toHaveLength(1);
  });

  it('are nobody’s without authentication', async () => {
    const client = await server.openTickwire();
    for (const message of [
      { type: 'alert_create', id: 1, data: rule(5) },
      { type: 'alert_list', id: 2 },
      { type: 'alert_delete', id: 3, data: { alertId: 1 } },
      { type: 'mark', id: 4, data: { channel: 'user', seq: 1 } },
    ]) {
      client.send(message);
      expect(await client.next('error')).toMatchObject({ id: message.id, data: { code: 'UNAUTHENTICATED' } });
    }
  });
});

describe('the read cursor of user', () => {
  it('moves on, never back, and not beyond what was sent', async () => {
    const alice = await deviceOf('alice');
    for (let index = 0; index < 3; index += 1) {
      await server.app.realtime.broadcastToUser('alice', { type: 'announcement', data: { message: 'hi' } });
    }
    await alice.next('announcement', ({ seq }) => seq === 3);
    for (const [seq, moved] of [
      [2, 2],
      [1, 2],
      [9, 3],
    ]) {
      alice.send({ type: 'mark', id: 'm', data: { channel: 'user', seq } });
      expect(await alice.next('ack')).toMatchObject({ op: 'mark', data: { channel: 'user', seq: moved } });
    }
    alice.send({ type: 'mark', id: 'm', data: { channel: 'coin:bitcoin', seq: 1 } });
    expect(await alice.next('error')).toMatchObject({ id: 'm', op: 'mark', data: { code: 'BAD_MESSAGE' } });
  });
});

describe('a portfolio', () => {
  it('is told to every device of its user whenever a price of its coins moves', async () => {
    await server.close();
    server = await startTestServer({ portfolioEveryMs: 20 }, { JWT_SECRET: testSecret });
    server.source.tell(coinTick('bitcoin', 100));
    const phone = await deviceOf('alice');
    const laptop = await deviceOf('alice');
    const bob = await deviceOf('bob');
    const response = await fetch(`${server.base}/api/portfolio`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${await signToken({ sub: 'alice' })}` },
      body: JSON.stringify({ holdings: [{ coinId: 'bitcoin', amount: 2, averagePrice: 50 }] }),
    });
    expect(response.status).toBe(200);
    server.source.tell(coinTick('bitcoin', 110));
    for (const device of [phone, laptop]) {
      expect((await device.next('portfolio_update')).data).toMatchObject({ totalValue: 200, totalProfitLoss: 100 });
      expect(await device.next('portfolio_update')).toMatchObject({
        sub: 'portfolio',
        data: { totalValue: 220, holdings: [{ coinId: 'bitcoin', amount: 2, value: 220 }] },
      });
    }
    await bob.settle();
    expect(bob.ofType('portfolio_update')).toEqual([]);
  });
});
