import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { coinTick } from './manual-source.js';
import type { StreamClient } from './stream-client.js';
import { startTestServer, type TestServer } from './test-server.js';

interface Position {
  epoch: string;
  seq: number;
  recovered: boolean;
  reason?: string;
}

let server: TestServer;
beforeEach(async () => {
  server = await startTestServer({ burst: 1_000 });
});
afterEach(() => server.close());

const whale = (number: number) =>
  server.app.realtime.broadcastToCoin('bitcoin', {
    type: 'whale_movement',
    data: {
      coinId: 'bitcoin',
      txHash: `0x${number}`,
      fromAddress: 'a',
      toAddress: 'b',
      amount: 1,
      usdValue: number,
      timestamp: '2026-01-01T00:00:00.000Z',
    },
  });

async function resume(
  client: StreamClient,
  channel: string,
  since?: { epoch: string; seq: number },
): Promise<Position> {
  client.send({ type: 'subscribe', id: 's', data: { channels: [{ channel, ...since }] } });
  const { data } = await client.next('ack', ({ id }) => id === 's');
  return (data as { subscribed: Position[] }).subscribed[0]!;
}

/** Cuts the link without a goodbye and comes back. */
async function cut(client: StreamClient): Promise<StreamClient> {
  await client.close();
  return server.openTickwire();
}
const numbersOf = (client: StreamClient) => client.ofType('whale_movement').map(({ seq }) => seq);
const countTo = (last: number, from = 1) => Array.from({ length: last - from + 1 }, (_, index) => from + index);

describe('resuming', () => {
  it('inside the window brings exactly the 200 messages that were missed, in order and once', async () => {
    let client = await server.openTickwire();
    const { epoch } = await resume(client, 'whales');
    await whale(1);
    await client.next('whale_movement');
    client = await cut(client);
    for (let number = 2; number <= 201; number += 1) await whale(number);
    expect(await resume(client, 'whales', { epoch, seq: 1 })).toMatchObject({ recovered: true, epoch, seq: 201 });
    await whale(202);
    await client.next('whale_movement', ({ seq }) => seq === 202);
    await client.settle();
    expect(numbersOf(client)).toEqual(countTo(202, 2));
    const replayed = client.ofType('whale_movement').filter(({ replay }) => replay === true);
    expect(replayed).toHaveLength(200);
    // They came in few frames, each within the size of a frame.
    expect(client.batches).toBeGreaterThan(1);
    expect(client.batches).toBeLessThan(20);
  });

  it('again and again with no traffic between replays nothing a second time', async () => {
    let client = await server.openTickwire();
    const { epoch } = await resume(client, 'whales');
    client = await cut(client);
    for (const number of [1, 2, 3]) await whale(number);
    expect(await resume(client, 'whales', { epoch, seq: 0 })).toMatchObject({ recovered: true });
    await client.settle();
    expect(numbersOf(client)).toEqual([1, 2, 3]);
    for (let round = 0; round < 2; round += 1) {
      client = await cut(client);
      expect(await resume(client, 'whales', { epoch, seq: 3 })).toMatchObject({ recovered: true, seq: 3 });
      await client.settle();
      expect(numbersOf(client)).toEqual([]);
    }
  });

  it('with no message ever received recovers with none', async () => {
    let client = await server.openTickwire();
    const before = await resume(client, 'whales');
    expect(before).toMatchObject({ seq: 0, recovered: false, reason: 'new' });
    client = await cut(client);
    expect(await resume(client, 'whales', before)).toMatchObject({ seq: 0, recovered: true, epoch: before.epoch });
    await whale(1);
    expect(await client.next('whale_movement')).toMatchObject({ seq: 1 });
    expect(client.ofType('gap')).toEqual([]);
  });

  it('of a state channel beyond the 1,000 messages that are kept brings one snapshot and no part of them', async () => {
    let client = await server.openTickwire();
    server.source.tell(coinTick('bitcoin', 1));
    const { epoch, seq } = await resume(client, 'coin:bitcoin');
    client = await cut(client);
    for (let price = 2; price <= 1_002; price += 1) server.source.tell(coinTick('bitcoin', price));
    expect(await resume(client, 'coin:bitcoin', { epoch, seq })).toMatchObject({
      recovered: false,
      reason: 'too_old',
      seq: 1_002,
    });
    await client.settle();
    expect(client.ofType('snapshot')).toHaveLength(1);
    expect(client.ofType('snapshot')[0]?.data.items).toMatchObject([
      { seq: 1_002, message: { data: { price: 1_002 } } },
    ]);
    expect(client.ofType('price_update')).toEqual([]);
  });

  it('of an event channel after the window announces one gap and replays no part of it', async () => {
    await server.close();
    server = await startTestServer({ resumeWindowMs: 150 });
    let client = await server.openTickwire();
    const { epoch } = await resume(client, 'whales');
    client = await cut(client);
    for (const number of [1, 2, 3]) await whale(number);
    await new Promise((resolve) => setTimeout(resolve, 200));
    await whale(4);
    expect(await resume(client, 'whales', { epoch, seq: 0 })).toMatchObject({ recovered: false, reason: 'too_old' });
    await client.settle();
    expect(client.ofType('gap').map(({ data }) => data)).toMatchObject([{ channel: 'whales', from: 1, to: 4 }]);
    expect(numbersOf(client)).toEqual([]);
  });

  it('while messages are published loses none and doubles none at the seam', async () => {
    const first = await server.openTickwire();
    const { epoch } = await resume(first, 'whales');
    let published = 0;
    const flow = { isOpen: true };
    const publishing = (async () => {
      while (flow.isOpen && published < 900) {
        published += 1;
        await whale(published);
        if (published % 5 === 0) await new Promise((resolve) => setImmediate(resolve));
      }
    })();
    const clients = await Promise.all(Array.from({ length: 30 }, () => server.openTickwire()));
    const positions = await Promise.all(clients.map((client) => resume(client, 'whales', { epoch, seq: 0 })));
    flow.isOpen = false;
    await publishing;
    await whale(published + 1);
    const last = published + 1;
    for (const [index, client] of clients.entries()) {
      expect(positions[index]).toMatchObject({ recovered: true });
      await client.next('whale_movement', ({ seq }) => seq === last);
      expect(numbersOf(client)).toEqual(countTo(last));
    }
  });

  it('fills a hole of hundreds of messages by one question for history', async () => {
    const client = await server.openTickwire();
    const { epoch } = await resume(client, 'global');
    for (let number = 1; number <= 500; number += 1) await whale(number);
    client.send({ type: 'history', id: 'h', data: { channel: 'whales', since: { epoch, seq: 100 }, limit: 1_000 } });
    const { data } = await client.next('ack', ({ id }) => id === 'h');
    const page = data as { complete: boolean; messages: { seq: number }[] };
    expect(page.complete).toBe(true);
    expect(page.messages.map(({ seq }) => seq)).toEqual(countTo(500, 101));
    client.send({ type: 'history', id: 'd', data: { channel: 'whales' } });
    const newest = (await client.next('ack', ({ id }) => id === 'd')).data as { messages: { seq: number }[] };
    expect(newest.messages.map(({ seq }) => seq)).toEqual(countTo(500, 401));
  });

  it('answers history with no more than one frame carries, and says that it is not complete', async () => {
    const client = await server.openTickwire();
    const { epoch } = await resume(client, 'global');
    const message = 'x'.repeat(60_000);
    for (let number = 0; number < 16; number += 1) {
      await server.app.realtime.broadcastGlobal({ type: 'announcement', data: { message } });
    }
    client.send({ type: 'history', id: 'h', data: { channel: 'global', since: { epoch, seq: 0 }, limit: 16 } });
    const { data } = await client.next('ack', ({ id }) => id === 'h');
    const page = data as { complete: boolean; messages: { seq: number }[] };
    expect(page.complete).toBe(false);
    expect(page.messages.map(({ seq }) => seq)).toEqual(countTo(13));
  });
});
