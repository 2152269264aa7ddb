import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { StreamClient } from './stream-client.js';
import { coinTick } from './manual-source.js';
import { startTestServer, type TestServer } from './test-server.js';

describe('a tickwire client with a position', () => {
  let server: TestServer;
  let client: StreamClient;
  beforeEach(async () => {
    server = await startTestServer();
    server.source.tell(coinTick('bitcoin', '50000.10'));
    client = await server.openTickwire();
  });
  afterEach(() => server.close());

  const subscribe = (id: string, ...channels: object[]) => client.send({ type: 'subscribe', id, data: { channels } });

  async function positionOf(channel: string) {
    subscribe('r1', { channel });
    const ack = await client.next('ack');
    return (ack.data as { subscribed: { epoch: string; seq: number }[] }).subscribed[0]!;
  }

  it('gets exactly what it missed, marked as a replay', async () => {
    const { epoch } = await positionOf('coin:bitcoin');
    for (let price = 2; price <= 5; price += 1) server.source.tell(coinTick('bitcoin', price));
    const again = await server.openTickwire();
    again.send({ type: 'subscribe', id: 'r1', data: { channels: [{ channel: 'coin:bitcoin', epoch, seq: 2 }] } });
    expect((await again.next('ack')).data).toMatchObject({ subscribed: [{ seq: 5, recovered: true }] });
    server.source.tell(coinTick('bitcoin', 6));
    const frames = [await again.next(), await again.next(), await again.next(), await again.next()];
    expect(frames).toMatchObject([
      { seq: 3, replay: true },
      { seq: 4, replay: true },
      { seq: 5, replay: true },
      { seq: 6 },
    ]);
    expect(frames[3]).not.toHaveProperty('replay');
    expect(frames[3]).not.toHaveProperty('skip');
  });

  it('gets only the newest of a paced channel, with what it skips', async () => {
    const { epoch } = await positionOf('coin:bitcoin');
    for (let price = 2; price <= 5; price += 1) server.source.tell(coinTick('bitcoin', price));
    const again = await server.openTickwire();
    const wish = { channel: 'coin:bitcoin', epoch, seq: 2, minIntervalMs: 1_000 };
    again.send({ type: 'subscribe', id: 'r1', data: { channels: [wish] } });
    expect((await again.next('ack')).data).toMatchObject({ subscribed: [{ seq: 5, recovered: true }] });
    expect(await again.next()).toMatchObject({ seq: 5, skip: 2, replay: true, data: { price: 5 } });
  });

  it('recovers without a message when it missed none', async () => {
    const { epoch, seq } = await positionOf('coin:bitcoin');
    subscribe('r2', { channel: 'coin:bitcoin', epoch, seq });
    expect((await client.next('ack')).data).toMatchObject({ subscribed: [{ seq, recovered: true }] });
    await client.settle();
    expect(client.ofType('snapshot')).toHaveLength(1);
  });

  it.each([
    ['another epoch', { epoch: 'gone', seq: 1 }, 'epoch'],
    ['a forged position', { seq: 9_007_199_254_740_991 }, 'unknown'],
  ])('gets a snapshot for %s', async (_case, since, reason) => {
    const { epoch } = await positionOf('coin:bitcoin');
    subscribe('r2', { channel: 'coin:bitcoin', epoch, ...since });
    expect((await client.next('ack')).data).toMatchObject({ subscribed: [{ seq: 1, recovered: false, reason }] });
    expect(await client.next()).toMatchObject({ type: 'snapshot', data: { items: [{ seq: 1 }] } });
  });

  it('is told of events that are lost for good', async () => {
    await positionOf('global');
    subscribe('r2', { channel: 'global', epoch: 'gone', seq: 3 });
    expect((await client.next('ack', ({ id }) => id === 'r2')).data).toMatchObject({
      subscribed: [{ recovered: false, reason: 'epoch' }],
    });
    expect((await client.next('gap')).data).toMatchObject({
      channel: 'global',
      from: null,
      to: null,
      reason: 'epoch',
    });
  });

  it('reads history after a position and the newest without one', async () => {
    const { epoch } = await positionOf('coin:bitcoin');
    for (let price = 2; price <= 4; price += 1) server.source.tell(coinTick('bitcoin', price));
    client.send({ type: 'history', id: 'h1', data: { channel: 'coin:bitcoin', since: { epoch, seq: 2 }, limit: 10 } });
    expect(await client.next('ack')).toMatchObject({
      id: 'h1',
      op: 'history',
      data: { channel: 'coin:bitcoin', epoch, seq: 4, complete: true, messages: [{ seq: 3 }, { seq: 4 }] },
    });
    client.send({ type: 'history', id: 'h2', data: { channel: 'coin:bitcoin', limit: 1 } });
    expect((await client.next('ack')).data).toMatchObject({
      complete: true,
      messages: [{ seq: 4, sub: 'coin:bitcoin' }],
    });
    client.send({ type: 'history', id: 'h3', data: { channel: 'coin:nope' } });
    expect(await client.next('error')).toMatchObject({ id: 'h3', op: 'history', data: { code: 'UNKNOWN_CHANNEL' } });
  });
});
