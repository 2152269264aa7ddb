import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { coinTick } from './manual-source.js';
import type { StreamClient } from './stream-client.js';
import { startTestServer, type TestServer } from './test-server.js';

describe('a subscription with a filter', () => {
  let server: TestServer;
  let client: StreamClient;
  beforeEach(async () => {
    server = await startTestServer();
    client = await server.openTickwire();
  });
  afterEach(() => server.close());

  const big = [{ key: 'usdValue', cmp: 'gte', val: 500_000 }];
  const whale = (usdValue: number | string) =>
    server.app.realtime.broadcastToCoin('bitcoin', {
      type: 'whale_movement',
      data: {
        coinId: 'bitcoin',
        txHash: `0x${usdValue}`,
        fromAddress: 'a',
        toAddress: 'b',
        amount: 1,
        usdValue,
        timestamp: '2026-01-01T00:00:00.000Z',
      },
    });
  const subscribe = (who: StreamClient, ...channels: object[]) =>
    who.send({ type: 'subscribe', id: 's', data: { channels } });
  async function joined(who: StreamClient, ...channels: object[]) {
    subscribe(who, ...channels);
    const { data } = await who.next('ack');
    return (data as { subscribed: { epoch: string; seq: number; recovered: boolean }[] }).subscribed[0]!;
  }
  it('gets what passes, with the number of those that did not', async () => {
    await joined(client, { channel: 'whales', filter: big });
    for (const value of [600_000, 1, '499999.99', '500000', 2]) await whale(value);
    await whale(700_000);
    expect(await client.next('whale_movement')).toMatchObject({ seq: 1, data: { usdValue: 600_000 } });
    expect(await client.next('whale_movement')).toMatchObject({ seq: 4, skip: 2, data: { usdValue: '500000' } });
    expect(await client.next('whale_movement')).toMatchObject({ seq: 6, skip: 1 });
  });

  it('leaves other connections of the channel alone', async () => {
    await joined(client, { channel: 'whales', filter: big });
    const all = await server.openTickwire();
    await joined(all, { channel: 'whales' });
    await whale(1);
    await whale(600_000);
    expect(await client.next('whale_movement')).toMatchObject({ seq: 2, skip: 1 });
    expect(await all.next('whale_movement')).toMatchObject({ seq: 1 });
    expect(await all.next('whale_movement')).not.toHaveProperty('skip');
  });

  it('filters a replay too, and the withheld tail is no head', async () => {
    const { epoch } = await joined(client, { channel: 'whales' });
    for (const value of [600_000, 1, 700_000, 2, 3]) await whale(value);
    await client.next('whale_movement', ({ seq }) => seq === 5);
    const again = await server.openTickwire();
    const position = await joined(again, { channel: 'whales', epoch, seq: 1, filter: big });
    expect(position).toMatchObject({ seq: 5, recovered: true });
    expect(await again.next()).toMatchObject({ seq: 3, skip: 1, replay: true });
    await whale(800_000);
    expect(await again.next()).toMatchObject({ seq: 6, skip: 2 });
  });

  it('withholds a snapshot that does not pass', async () => {
    const risen = [{ key: 'priceChange24h', cmp: 'gt', val: 0 }];
    server.source.tell(coinTick('bitcoin', 1, { priceChange24h: -1 }), coinTick('dogecoin', 1, { priceChange24h: 1 }));
    subscribe(client, { channel: 'coin:bitcoin', filter: risen }, { channel: 'coin:dogecoin', filter: risen });
    await client.next('ack');
    expect((await client.next('snapshot')).data.items.map(({ channel }) => channel)).toEqual(['coin:dogecoin']);
    server.source.tell(
      coinTick('bitcoin', 2, { priceChange24h: -0.5 }),
      coinTick('bitcoin', 3, { priceChange24h: 0.1 }),
    );
    expect(await client.next('price_update')).toMatchObject({ data: { price: 3 }, seq: 3, skip: 1 });
  });

  it('says the head of what was sent, not of what was withheld', async () => {
    await server.close();
    server = await startTestServer({ heartbeatMs: 40 });
    client = await server.openTickwire();
    await joined(client, { channel: 'whales', filter: big });
    await whale(1);
    await client.settle();
    expect((await client.next('heartbeat')).data.heads['whales']).toBe(0);
  });

  it('is replaced by the next subscribe of the channel', async () => {
    await joined(client, { channel: 'whales', filter: big });
    await joined(client, { channel: 'whales' });
    await whale(1);
    expect(await client.next('whale_movement')).toMatchObject({ seq: 1 });
  });

  it('with a bad condition is refused as such', async () => {
    subscribe(client, { channel: 'whales', filter: [{ key: 'usdValue', cmp: 'in', val: 1 }] });
    expect(await client.next('error')).toMatchObject({ id: 's', data: { code: 'BAD_FILTER' } });
  });
});
