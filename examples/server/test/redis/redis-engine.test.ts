import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe } from 'vitest';
import { systemClock } from '../../src/clock.js';
import { createRedisEngine } from '../../src/engine/redis.js';
import { openRedis, type OwnRedisLink } from '../../src/engine/redis-clients.js';
import { defaultLimits } from '../../src/limits.js';
import { describeEngine } from '../engine-conformance.js';
import { hasRedis, startRedis, type RedisProcess } from './redis-process.js';

describe.skipIf(!hasRedis)('with a Redis', () => {
  let redis: RedisProcess;
  let link: OwnRedisLink;
  beforeAll(async () => {
    redis = await startRedis();
    link = openRedis({
      settings: { mode: 'single', urls: [redis.url], prefix: 'unused' },
      random: () => 0.5,
      onError: () => undefined,
    });
    await link.connect();
  });
  afterAll(async () => {
    await link.close();
    await redis.stop();
  });

  let engines = 0;
  describeEngine('Redis', async () => {
    let now = 1_000_000;
    const engine = createRedisEngine({
      link,
      prefix: `test${(engines += 1)}`,
      partitions: 1,
      limits: {
        ...defaultLimits,
        resumeWindowMs: 10_000,
        resumeMessages: 5,
        resumeBytes: 1_000,
        userWindowMs: 100_000,
        userMessages: 3,
        maxChannels: 20,
        publisherSharePercent: 25,
      },
      clock: systemClock,
      createId: () => randomBytes(9).toString('base64url'),
      now: () => now,
      onError: () => undefined,
    });
    await engine.start();
    return { engine, advance: (ms) => void (now += ms) };
  });
});
