import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseInstruments } from '../../src/sources/instruments-text.js';
import { coinTick } from '../manual-source.js';
import { startTestServer, type TestServer } from '../test-server.js';
import { hasRedis, startRedis, type RedisProcess } from './redis-process.js';

const stateOf = async ({ base }: TestServer): Promise<string | undefined> => {
  const status = (await (await fetch(`${base}/api/status`)).json()) as { sources: { state: string }[] };
  return status.sources[0]?.state;
};
const pricesOf = async ({ base }: TestServer): Promise<unknown[]> => {
  const { data } = (await (await fetch(`${base}/api/prices`)).json()) as {
    data: { items: { message: { data: { price: number } } }[] };
  };
  return data.items.map(({ message }) => message.data.price);
};

describe.skipIf(!hasRedis)('a source that two servers share', () => {
  let redis: RedisProcess;
  let servers: TestServer[];
  const start = async (): Promise<TestServer> => {
    const server = await startTestServer({}, { REDIS_URL: redis.url });
    servers.push(server);
    return server;
  };
  beforeEach(async () => {
    redis = await startRedis();
    servers = [];
  });
  afterEach(async () => {
    for (const server of servers) await server.close();
    await redis.stop();
  });

  it('is followed by one, and has the same instruments and prices on both, who are ready', async () => {
    const first = await start();
    const second = await start();
    expect([await stateOf(first), await stateOf(second)]).toEqual(['running', 'standby']);
    first.source.tell(coinTick('bitcoin', 7));
    // One that was never started has nowhere to tell it.
    second.source.tell(coinTick('bitcoin', 8));
    const client = await second.openTickwire();
    client.send({ type: 'subscribe', id: 1, data: { channels: [{ channel: 'coin:bitcoin' }] } });
    expect(await client.next('ack')).toMatchObject({
      data: { subscribed: [{ channel: 'coin:bitcoin' }], rejected: [] },
    });
    await expect.poll(() => pricesOf(second)).toEqual([7]);
    first.source.tell(coinTick('bitcoin', 9));
    await client.next('price_update', (frame) => frame.seq === 2);
    expect((await fetch(`${second.base}/readyz`)).status).toBe(200);
  });

  it('is taken over when its holder leaves, and given back to nobody', async () => {
    const first = await start();
    const second = await start();
    first.source.tell(coinTick('bitcoin', 1));
    await expect.poll(() => pricesOf(second)).toEqual([1]);
    await first.close();
    servers.shift();
    await expect.poll(() => stateOf(second)).toBe('running');
    second.source.tell(coinTick('bitcoin', 2));
    await expect.poll(() => pricesOf(second)).toEqual([2]);
    const third = await start();
    expect(await stateOf(third)).toBe('standby');
  });
});

describe('instruments as text', () => {
  const gold = {
    channel: 'metal:gold',
    kind: 'metal',
    id: 'gold',
    aliases: ['XAU', 1],
    currency: 'INR',
    unit: 'gram',
    source: 's',
    staleAfterMs: 1,
  };

  it.each([
    [[gold], 1],
    [[], 0],
    [{ no: 'list' }, 0],
    [[{ ...gold, channel: '__proto__' }], 0],
    [[{ ...gold, staleAfterMs: -1 }], 0],
    [[{ ...gold, id: 'x'.repeat(65) }], 0],
  ])('%o are %d', (value, count) => {
    expect(parseInstruments(JSON.stringify(value))).toHaveLength(count);
  });
});
