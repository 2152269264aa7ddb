import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { systemClock } from '../../src/clock.js';
import { createRedisEngine } from '../../src/engine/redis.js';
import { openRedis } from '../../src/engine/redis-clients.js';
import { defaultLimits } from '../../src/limits.js';
import { createId, faultsIn, range } from './redis-nodes.js';
import { hasRedis, startRedis, type RedisProcess } from './redis-process.js';

const lastSlot = 16_383;
const half = 8_192;

describe.skipIf(!hasRedis)('two nodes on a cluster of two shards', () => {
  let shards: RedisProcess[] = [];
  beforeAll(async () => {
    const settings = [
      '--cluster-enabled',
      'yes',
      '--cluster-node-timeout',
      '5000',
      '--cluster-require-full-coverage',
      'no',
    ];
    shards = [await startRedis(...settings), await startRedis(...settings)];
    const [one, two] = shards as [RedisProcess, RedisProcess];
    await one.command('CLUSTER', 'ADDSLOTSRANGE', '0', String(half - 1));
    await two.command('CLUSTER', 'ADDSLOTSRANGE', String(half), String(lastSlot));
    await two.command('CLUSTER', 'SET-CONFIG-EPOCH', '2');
    await one.command('CLUSTER', 'MEET', '127.0.0.1', String(two.port));
    for (const shard of shards) {
      const isWhole = async (): Promise<void> =>
        expect(await shard.command('CLUSTER', 'INFO')).toMatch(
          /cluster_state:ok[^]*cluster_known_nodes:2[^]*cluster_size:2/,
        );
      await vi.waitFor(isWhole, { timeout: 60_000 });
    }
  });
  afterAll(() => Promise.all(shards.map((shard) => shard.stop())));

  async function node() {
    const url = String(shards[0]?.url);
    const link = openRedis({
      settings: { mode: 'cluster', urls: [url], prefix: 't' },
      random: Math.random,
      onError: () => undefined,
    });
    await link.connect();
    const engine = createRedisEngine({
      link,
      prefix: 't',
      limits: defaultLimits,
      clock: systemClock,
      createId,
      onError: () => undefined,
    });
    await engine.start();
    return { engine, close: () => engine.close().then(() => link.close()) };
  }

  it('hears on each what either publishes on channels of both shards, and reads their logs', async () => {
    const [a, b] = [await node(), await node()];
    const channels = range(1, 30).map((n) => `coin:c${n}`);
    const told: Parameters<typeof faultsIn>[0][number][] = [];
    b.engine.onMessage((message) => told.push(message));
    b.engine.onLoss((loss) => told.push(loss));
    await Promise.all(channels.map((channel) => b.engine.subscribe(channel)));
    for (let n = 1; n <= 5; n += 1) {
      await Promise.all(channels.map((channel) => a.engine.publish(channel, JSON.stringify({ n }))));
    }
    await expect.poll(() => told.length).toBe(150);
    expect(faultsIn(told)).toEqual([]);
    expect((await a.engine.heads(channels)).size).toBe(30);
    for (const shard of shards)
      expect(((await shard.command('KEYS', '*:log:*')) as string[]).length).toBeGreaterThan(0);
    const { messages } = await b.engine.history('coin:c7', { limit: 10 });
    expect(messages.map(({ seq }) => seq)).toEqual(range(1, 5));
    await a.close();
    await b.close();
  });
});
