import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/clock.js';
import { shareSources } from '../../src/services/shared-sources.js';
import { createManualSource } from '../manual-source.js';
import { startNode, type EngineNode } from './redis-nodes.js';
import { hasRedis, startRedis, type RedisProcess } from './redis-process.js';

const channel = 'coin:bitcoin';

describe.skipIf(!hasRedis)('a right', () => {
  let redis: RedisProcess;
  let a: EngineNode;
  let b: EngineNode;
  beforeEach(async () => {
    redis = await startRedis();
    [a, b] = [await startNode(redis.url), await startNode(redis.url)];
  });
  afterEach(async () => {
    await a.close();
    await b.close();
    await redis.stop();
  });

  const claim = ({ engine }: EngineNode, forMs = 60_000) => engine.rights!.claim('source', forMs);
  /** As if its time had passed, or its clock had been set. */
  async function setEnd(to: (now: number) => number): Promise<void> {
    const [key] = (await redis.command('KEYS', '*:right:source')) as [string];
    const [seconds] = (await redis.command('TIME')) as [string];
    await redis.command('HSET', key, 'u', String(to(Number(seconds) * 1_000)));
  }

  it('is one node’s until it ends, and the next holder’s number is greater', async () => {
    const first = await claim(a);
    expect([await claim(b), await claim(a)]).toEqual([undefined, first]);
    await setEnd((now) => now - 1_000);
    const second = await claim(b);
    expect(second).toBeGreaterThan(first!);
    expect(await claim(a)).toBeUndefined();
    await b.engine.rights!.release('source');
    expect(await claim(a)).toBeGreaterThan(second!);
    // What is not one's own is released by nobody else.
    await b.engine.rights!.release('source');
    expect(await claim(b)).toBeUndefined();
  });

  it('is not held for hours by a clock that was set back, and its numbers grow after they were lost', async () => {
    const first = await claim(a);
    await setEnd((now) => now + 7_200_000);
    expect(await claim(b)).toBeGreaterThan(first!);
    const [key] = (await redis.command('KEYS', '*:right:source')) as [string];
    await redis.command('SET', key, 'not a right');
    expect(await claim(a)).toBeGreaterThan(first!);
  });

  it('ends for a channel with the next holder, before that has told anything, and over a new epoch', async () => {
    const right = await claim(a);
    await a.engine.publish(channel, '{"n":1}', { right: right! });
    await setEnd(() => 0);
    const next = await claim(b);
    await b.engine.rights!.seal([channel, 'coin:dogecoin'], next!);
    for (const sealed of [channel, 'coin:dogecoin']) {
      await expect(a.engine.publish(sealed, '{"n":2}', { right: right! })).rejects.toMatchObject({ code: 'OUTLIVED' });
    }
    await b.engine.publish(channel, '{"n":3}', { right: next!, startsEpoch: true });
    await expect(a.engine.publish(channel, '{"n":4}', { right: right!, startsEpoch: true })).rejects.toMatchObject({
      code: 'OUTLIVED',
    });
    // Whoever publishes by no right is no source.
    await a.engine.publish(channel, '{"n":5}');
    const { messages } = await a.engine.history(channel, { limit: 10 });
    expect(messages.map(({ body }) => body)).toEqual(['{"n":3}', '{"n":5}']);
  });

  it('brings what any node publishes of a coin to the users of all, once', async () => {
    const heard: unknown[] = [];
    const onCoinMessage = (...message: unknown[]) => heard.push(message);
    const [source] = shareSources([createManualSource()], { engine: b.engine, clock: systemClock, onCoinMessage });
    await source!.start({ instruments: () => undefined, ticks: () => undefined });
    await expect.poll(() => b.figure('heard')).toBeGreaterThanOrEqual(7);
    await expect.poll(() => b.figure('unsettled')).toBe(0);
    const price = { type: 'price_update', data: { coinId: 'bitcoin', price: 5 } };
    await a.engine.publish(channel, '"no message"');
    await a.engine.publish('metal:gold', JSON.stringify(price));
    await a.engine.publish(channel, JSON.stringify(price));
    await expect.poll(() => heard).toEqual([['bitcoin', price]]);
    await source!.stop();
  });
});
