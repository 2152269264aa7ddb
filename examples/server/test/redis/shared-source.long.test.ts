import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startServerProcess, type ServerProcess } from '../server-process.js';
import { StreamClient } from '../stream-client.js';
import { hasRedis, startRedis, type RedisProcess } from './redis-process.js';

describe.skipIf(!hasRedis)('three servers with one source', () => {
  let redis: RedisProcess;
  let servers: ServerProcess[] = [];
  const clients: StreamClient[] = [];
  beforeEach(async () => {
    servers = [];
    redis = await startRedis();
  });
  afterEach(async () => {
    for (const client of clients.splice(0)) await client.close();
    for (const { child } of servers) child.kill('SIGKILL');
    await Promise.all(servers.map(({ exit }) => exit));
    await redis.stop();
  });

  it('gives one stream of prices, whose times never go back, through the death of its source and one that stood still', async () => {
    const start = () => startServerProcess({ REDIS_URL: redis.url, PRICE_UPDATE_INTERVAL: '50' });
    servers.push(await start());
    servers.push(...(await Promise.all([start(), start()])));
    const stateOf = async ({ port }: ServerProcess) => {
      const status = (await (await fetch(`http://127.0.0.1:${port}/api/status`)).json()) as {
        sources: { state: string }[];
      };
      return status.sources[0]?.state;
    };
    const states = (of: ServerProcess[]) => Promise.all(of.map(stateOf));
    const [first, second, third] = servers as [ServerProcess, ServerProcess, ServerProcess];
    expect(await states(servers)).toEqual(['running', 'standby', 'standby']);
    const follow = async ({ port }: ServerProcess): Promise<StreamClient> => {
      const client = await StreamClient.tickwire(`ws://127.0.0.1:${port}/ws`);
      clients.push(client);
      client.send({ type: 'subscribe', id: 1, data: { channels: [{ channel: 'coin:bitcoin' }] } });
      await client.next('ack');
      return client;
    };
    const [onSecond, onThird] = [await follow(second), await follow(third)];
    const pricesOf = (client: StreamClient) =>
      client.ofType('price_update').filter(({ sub }) => sub === 'coin:bitcoin');
    const more = async (client: StreamClient) => {
      const before = pricesOf(client).length;
      await expect.poll(() => pricesOf(client).length).toBeGreaterThan(before + 10);
    };
    await more(onThird);

    first.child.kill('SIGKILL');
    await expect.poll(async () => (await states([second, third])).toSorted()).toEqual(['running', 'standby']);
    const isSecond = (await stateOf(second)) === 'running';
    const [holder, other, client] = isSecond ? [second, third, onThird] : [third, second, onSecond];
    await more(client);

    holder.child.kill('SIGSTOP');
    await expect.poll(() => stateOf(other)).toBe('running');
    await more(client);
    holder.child.kill('SIGCONT');
    await expect.poll(() => stateOf(holder)).toBe('standby');
    await more(client);

    const told = pricesOf(client);
    expect(new Set(told.map(({ epoch }) => epoch)).size).toBe(1);
    const times = told.map(({ data }) => Date.parse(String((data as { timestamp?: string }).timestamp)));
    expect(times).toEqual(times.toSorted((one, other) => one - other));
    told.forEach((price, index) => {
      if (index > 0) expect(price.seq).toBe(Number(told[index - 1]?.seq) + 1 + (price.skip ?? 0));
    });
  });
});
