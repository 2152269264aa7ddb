import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { signToken, testSecret } from '../auth/test-tokens.js';
import { coinTick } from '../manual-source.js';
import type { Frame, StreamClient } from '../stream-client.js';
import { startTestServer, type TestServer } from '../test-server.js';

interface Position {
  readonly channel: string;
  readonly epoch: string;
  readonly seq: number;
  readonly recovered: boolean;
}

let server: TestServer;
beforeEach(async () => {
  server = await startTestServer({ burst: 1_000 }, { JWT_SECRET: testSecret });
});
afterEach(() => server.close());

/** A device of the user, and where `user` stood when it came. */
async function deviceOf(user: string): Promise<{ client: StreamClient; position: Position }> {
  const client = await server.openTickwire();
  client.send({ type: 'authenticate', id: 'auth', data: { token: await signToken({ sub: user }) } });
  const { subscribed } = (await client.next('ack')).data as { subscribed: Position[] };
  const position = subscribed.find(({ channel }) => channel === 'user');
  if (position === undefined) throw new Error('The ack does not say where user stands');
  return { client, position };
}

async function resume(client: StreamClient, { epoch, seq }: Pick<Position, 'epoch' | 'seq'>): Promise<Position> {
  client.send({ type: 'subscribe', id: 's', data: { channels: [{ channel: 'user', epoch, seq }] } });
  const { subscribed } = (await client.next('ack')).data as { subscribed: Position[] };
  await client.settle();
  return subscribed[0]!;
}

const alerts = (client: StreamClient) =>
  client
    .ofType('alert_triggered')
    .map(({ seq, data, replay }: Frame<'alert_triggered'>) => [
      seq,
      (data as { alertId: number }).alertId,
      replay ?? false,
    ]);
const rule = (targetPrice: number, more: object = {}) => ({
  alertType: 'price_above',
  coinId: 'bitcoin',
  condition: { targetPrice },
  ...more,
});
async function create(client: StreamClient, data: object): Promise<{ alertId: number; created: boolean }> {
  client.send({ type: 'alert_create', id: 'c', data });
  return (await client.next('ack')).data as { alertId: number; created: boolean };
}

describe('alerts of a time when no device was there', () => {
  it('come to every device that resumes, in order and once, and live ones go on after them', async () => {
    const before = [await deviceOf('alice'), await deviceOf('alice')];
    for (const price of [10, 20, 30]) await create(before[0]!.client, rule(price));
    for (const { client } of before) await client.close();
    server.source.tell(coinTick('bitcoin', 15), coinTick('bitcoin', 25));

    for (const { position } of before) {
      const { client } = await deviceOf('alice');
      expect(await resume(client, position)).toMatchObject({ recovered: true });
      expect(alerts(client)).toEqual([
        [1, 1, true],
        [2, 2, true],
      ]);
      // Nothing happened since: a second resume from there brings nothing again.
      expect(await resume(client, { epoch: position.epoch, seq: 2 })).toMatchObject({ recovered: true });
      expect(alerts(client)).toHaveLength(2);
    }
    const { client: late } = await deviceOf('alice');
    server.source.tell(coinTick('bitcoin', 35));
    await late.next('alert_triggered');
    expect(alerts(late)).toEqual([[3, 3, false]]);
    late.send({ type: 'history', id: 'h', data: { channel: 'user' } });
    const { messages } = (await late.next('ack')).data as { messages: { seq: number }[] };
    expect(messages.map(({ seq }) => seq)).toEqual([1, 2, 3]);
  });

  it('are not brought to another user by that position', async () => {
    const { client, position } = await deviceOf('alice');
    await create(client, rule(10));
    server.source.tell(coinTick('bitcoin', 15));
    await client.next('alert_triggered');
    const { client: bob } = await deviceOf('bob');
    await resume(bob, position);
    expect(alerts(bob)).toEqual([]);
  });
});

describe('one rule', () => {
  it('made on two devices under one clientRef is one, is made anew after its end, and tells each device once', async () => {
    const devices = [(await deviceOf('alice')).client, (await deviceOf('alice')).client] as const;
    const [phone, laptop] = devices;
    expect(await create(phone, rule(10, { clientRef: 'r' }))).toMatchObject({ alertId: 1, created: true });
    expect(await create(laptop, rule(10, { clientRef: 'r' }))).toMatchObject({ alertId: 1, created: false });
    laptop.send({ type: 'alert_delete', id: 'd', data: { alertId: 1 } });
    await laptop.next('ack');
    expect(await create(phone, rule(10, { clientRef: 'r' }))).toMatchObject({ alertId: 2, created: true });
    server.source.tell(coinTick('bitcoin', 15));
    for (const device of devices) {
      await device.next('alert_triggered');
      await device.settle();
      expect(alerts(device)).toEqual([[1, 2, false]]);
    }
  });

  it('is not triggered by an old price, and by the first fresh one', async () => {
    const { client } = await deviceOf('alice');
    await create(client, rule(10));
    server.source.tell(coinTick('bitcoin', 15, { stale: true }));
    await client.settle();
    expect(alerts(client)).toEqual([]);
    server.source.tell(coinTick('bitcoin', 15));
    await client.next('alert_triggered');
  });

  it('beyond the hundredth is refused with a code, and a known one is still known', async () => {
    const { client } = await deviceOf('alice');
    for (let index = 1; index <= 100; index += 1) await create(client, rule(index, { clientRef: `r${index}` }));
    client.send({ type: 'alert_create', id: 'one-more', data: rule(500) });
    expect(await client.next('error')).toMatchObject({
      id: 'one-more',
      op: 'alert_create',
      data: { code: 'TOO_MANY_ITEMS', message: 'You have 100 alerts already' },
    });
    expect(await create(client, rule(7, { clientRef: 'r7' }))).toMatchObject({ alertId: 7, created: false });
    const response = await fetch(`${server.base}/api/alerts`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${await signToken({ sub: 'alice' })}` },
      body: JSON.stringify(rule(500)),
    });
    expect(response.status).toBe(409);
  });
});

describe('the read cursor', () => {
  it('is the user’s: another device and a later connection go on from it', async () => {
    const { client: phone } = await deviceOf('alice');
    for (let index = 0; index < 3; index += 1) {
      await server.app.realtime.broadcastToUser('alice', { type: 'announcement', data: { message: 'hi' } });
    }
    await phone.next('announcement', ({ seq }) => seq === 3);
    phone.send({ type: 'mark', id: 'm', data: { channel: 'user', seq: 2 } });
    expect((await phone.next('ack')).data).toEqual({ channel: 'user', seq: 2 });
    await phone.close();
    const { client: laptop } = await deviceOf('alice');
    laptop.send({ type: 'mark', id: 'm', data: { channel: 'user', seq: 1 } });
    expect((await laptop.next('ack')).data).toEqual({ channel: 'user', seq: 2 });
    const { client: bob } = await deviceOf('bob');
    bob.send({ type: 'mark', id: 'm', data: { channel: 'user', seq: 2 } });
    expect((await bob.next('ack')).data).toEqual({ channel: 'user', seq: 0 });
  });
});
