import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { faultsIn, publishRange, range, startNode, type EngineNode } from './redis-nodes.js';
import { hasRedis, startRedis, type RedisProcess } from './redis-process.js';
import type { Limits } from '../../src/limits.js';

const channel = 'whales';

describe.skipIf(!hasRedis)('two nodes on one Redis', () => {
  let redis: RedisProcess;
  let nodes: EngineNode[];

  async function begin(settings: string[] = [], limits: Partial<Limits> = {}): Promise<[EngineNode, EngineNode]> {
    redis = await startRedis('--enable-debug-command', 'yes', ...settings);
    const pair: [EngineNode, EngineNode] = [await startNode(redis.url, limits), await startNode(redis.url, limits)];
    nodes = pair;
    return pair;
  }

  /** Publishes until Redis takes it: what was refused was not heard by anybody. */
  async function publishWhenBack({ engine }: EngineNode, n: number): Promise<void> {
    await expect
      .poll(() =>
        engine.publish(channel, JSON.stringify({ n })).then(
          () => true,
          () => false,
        ),
      )
      .toBe(true);
  }

  beforeEach(() => {
    nodes = [];
  });
  afterEach(async () => {
    for (const node of nodes) await node.close();
    await redis.stop();
  });

  it('hears on each what either publishes, once and in one order', async () => {
    const [a, b] = await begin();
    await a.engine.subscribe(channel);
    await b.engine.subscribe(channel);
    await Promise.all([publishRange(a.engine, channel, 1, 200), publishRange(b.engine, channel, 1_001, 1_200)]);
    await expect.poll(() => [a.told.length, b.told.length]).toEqual([400, 400]);
    expect(a.heard(channel)).toEqual(b.heard(channel));
    expect(faultsIn(a.told)).toEqual([]);
    expect(new Set(a.heard(channel)).size).toBe(400);
  });

  it('loses and doubles nothing for those who join while messages flow', async () => {
    const [a, b] = await begin();
    const publishing = publishRange(a.engine, channel, 1, 500);
    for (let turn = 0; turn < 20; turn += 1) (await b.engine.subscribe(channel))();
    await b.engine.subscribe(channel);
    const { seq, messages } = await b.engine.history(channel, { limit: 1_000 });
    await publishing;
    await expect.poll(() => b.heard(channel).at(-1)).toBe(500);
    expect(faultsIn(b.told)).toEqual([]);
    const firstHeard = Number(b.heard(channel)[0]);
    expect(firstHeard).toBeLessThanOrEqual(seq + 1);
    expect(messages.map(({ seq: n }) => n)).toEqual(range(1, seq));
  });

  it('B15: fills what pub/sub lost while its link was cut, in order and once', async () => {
    const [a, b] = await begin();
    await b.engine.subscribe(channel);
    await publishRange(a.engine, channel, 1, 10);
    await redis.command('CLIENT', 'KILL', 'TYPE', 'pubsub');
    await publishRange(a.engine, channel, 11, 60);
    await expect.poll(() => b.heard(channel)).toEqual(range(1, 60));
    await publishRange(a.engine, channel, 61, 62);
    await expect.poll(() => b.heard(channel)).toEqual(range(1, 62));
    expect([faultsIn(b.told), b.figure('lost')]).toEqual([[], 0]);
    expect(b.engine.status().problem).toBeUndefined();
  });

  it('B15: tells one loss of what the log no longer has', async () => {
    const [a, b] = await begin([], { resumeMessages: 5 });
    await b.engine.subscribe(channel);
    await publishRange(a.engine, channel, 1, 2);
    await expect.poll(() => b.heard(channel)).toEqual([1, 2]);
    // Published by Redis itself while nobody's pub/sub is there: a frozen link, and a log that has moved on.
    await redis.command('CLIENT', 'KILL', 'TYPE', 'pubsub');
    await publishRange(a.engine, channel, 3, 20);
    await expect.poll(() => b.heard(channel).at(-1)).toBe(20);
    await publishRange(a.engine, channel, 21, 22);
    await expect.poll(() => b.heard(channel).at(-1)).toBe(22);
    expect(faultsIn(b.told)).toEqual([]);
    expect(b.heard(channel).filter((item) => item === 'lost').length).toBeLessThanOrEqual(1);
  });

  it('B14: stays up without Redis, refuses at once, says so, and goes on with a new epoch when an empty one comes back', async () => {
    const [a, b] = await begin();
    await b.engine.subscribe(channel);
    await publishRange(a.engine, channel, 1, 3);
    await expect.poll(() => b.heard(channel)).toEqual([1, 2, 3]);
    await redis.kill();
    await expect
      .poll(() => [a.engine.status().problem, b.engine.status().problem])
      .toEqual(['Redis is away', 'Redis is away']);
    await expect(a.engine.publish(channel, '{"n":0}')).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await expect(a.engine.history(channel, { limit: 1 })).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await expect(a.engine.subscribe('social')).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await redis.start();
    await publishWhenBack(a, 4);
    await expect.poll(() => b.heard(channel)).toEqual([1, 2, 3, 'lost', 4]);
    expect([faultsIn(b.told), a.engine.status().problem, b.engine.status().problem]).toEqual([
      [],
      undefined,
      undefined,
    ]);
    expect(a.figure('failed')).toBeGreaterThan(0);
  });

  it('B16: goes on with a new epoch after FLUSHALL, and no number goes back', async () => {
    const [a, b] = await begin();
    await a.engine.subscribe(channel);
    await b.engine.subscribe(channel);
    await publishRange(a.engine, channel, 1, 30);
    const { epoch } = await a.engine.history(channel, { limit: 0 });
    await redis.command('FLUSHALL');
    await publishRange(b.engine, channel, 31, 33);
    await expect.poll(() => [a.heard(channel).at(-1), b.heard(channel).at(-1)]).toEqual([33, 33]);
    expect(a.heard(channel)).toEqual([...range(1, 30), 'lost', ...range(31, 33)]);
    expect(b.heard(channel)).toEqual(a.heard(channel));
    expect([faultsIn(a.told), faultsIn(b.told)]).toEqual([[], []]);
    expect(await a.engine.history(channel, { since: { epoch, seq: 30 }, limit: 10 })).toMatchObject({
      failure: 'epoch',
    });
  });

  it('B16: ends the epoch of a Redis that came back without its last writes, whoever publishes first', async () => {
    for (const first of [0, 1]) {
      const [a, b] = await begin();
      await a.engine.subscribe(channel);
      await publishRange(a.engine, channel, 1, 5);
      await redis.command('SAVE');
      await publishRange(a.engine, channel, 6, 10);
      await expect.poll(() => a.heard(channel)).toEqual(range(1, 10));
      await redis.kill();
      await redis.start();
      const publisher = [a, b][first]!;
      for (const n of range(11, 18)) await publishWhenBack(publisher, n);
      // What was published before anybody noticed is lost to those who know the numbers; what comes then is not.
      await expect.poll(() => a.heard(channel)).toContain('lost');
      await publishRange(publisher.engine, channel, 19, 20);
      await expect.poll(() => a.heard(channel).slice(-2)).toEqual([19, 20]);
      expect(faultsIn(a.told)).toEqual([]);
      expect(a.heard(channel).slice(0, 11)).toEqual([...range(1, 10), 'lost']);
      if (first === 1) continue;
      for (const node of nodes) await node.close();
      await redis.stop();
    }
  });

  it('B16: fills nothing from a log that has forked at the same number', async () => {
    const [a, b] = await begin();
    await a.engine.subscribe(channel);
    await publishRange(a.engine, channel, 1, 5);
    await expect.poll(() => a.heard(channel)).toEqual(range(1, 5));
    const [key] = (await redis.command('KEYS', '*:head:whales')) as [string];
    // Another history up to the same number, as a replica has it that was written to after it was cut off.
    const log = key.replace(':head:', ':log:');
    await redis.command('HSET', key, 'i', 'another');
    await redis.command('DEL', log);
    await redis.command('XADD', log, '5-0', 'b', '{"n":50}', 't', '1', 'i', 'another');
    await redis.command('CLIENT', 'KILL', 'TYPE', 'pubsub');
    await expect.poll(() => a.heard(channel)).toEqual([...range(1, 5), 'lost']);
    await publishRange(b.engine, channel, 6, 7);
    await expect.poll(() => a.heard(channel)).toEqual([...range(1, 5), 'lost', 6, 7]);
    expect([faultsIn(a.told), a.figure('endedEpochs')]).toEqual([[], 1]);
  });

  it('B17: refuses what is too much for a slow Redis, says that it is slow, and loses nothing that it took', async () => {
    const [a, b] = await begin([], { engineWaiting: 50 });
    await b.engine.subscribe(channel);
    const slow = redis.command('DEBUG', 'SLEEP', '6');
    const work: Promise<number | undefined>[] = [];
    for (let n = 1; n <= 200; n += 1) {
      work.push(
        a.engine.publish(channel, JSON.stringify({ n })).then(
          () => n,
          () => undefined,
        ),
      );
      await new Promise((resolve) => setImmediate(resolve));
    }
    await expect.poll(() => a.engine.status().problem).toMatch(/^Redis has not answered for \d+ s$/);
    await slow;
    const taken = (await Promise.all(work)).filter((n) => n !== undefined);
    expect([taken.length < 200, a.figure('refused') + taken.length, a.figure('waitingCalls')]).toEqual([true, 200, 0]);
    await expect.poll(() => b.heard(channel)).toEqual(taken);
    expect([faultsIn(b.told), a.engine.status().problem]).toEqual([[], undefined]);
  });

  it('B18: skips and counts what it did not write, wherever it stands, and keeps what is its own', async () => {
    const [a, b] = await begin();
    await b.engine.subscribe(channel);
    await publishRange(a.engine, channel, 1, 3);
    await expect.poll(() => b.heard(channel)).toEqual([1, 2, 3]);
    const { epoch } = await a.engine.history(channel, { limit: 0 });
    const [head] = (await redis.command('KEYS', '*:head:whales')) as [string];
    const [log, live] = [head.replace(':head:', ':log:'), head.replace(':head:', ':live:')];
    const huge = `"${'x'.repeat(10_000_000)}"`;
    for (const payload of [
      '',
      'no message',
      `2 ${epoch} 4 1 id\n{}`,
      `1 ${epoch} 4 1 id\n{`,
      `1 ${epoch} 4 1 id\n${huge}`,
      `1 ${epoch} 9999999999999999999 1 id\n{}`,
    ]) {
      await redis.command('PUBLISH', live, payload);
    }
    // In the right shape, and of a number that nobody gave it, or an epoch that nobody began.
    await redis.command('PUBLISH', live, `1 ${epoch} 4000 1 id\n{"n":-1}`);
    await redis.command('PUBLISH', live, `1 elsewhere 1 1 id\n{"n":-2}`);
    await redis.command('XADD', log, '*', 'foo', 'bar');
    await publishRange(a.engine, channel, 4, 5);
    await expect.poll(() => b.heard(channel)).toEqual([1, 2, 3, 4, 5]);
    const { messages } = await a.engine.history(channel, { limit: 10 });
    expect(messages.map(({ body }) => body)).toEqual(range(1, 5).map((n) => `{"n":${n}}`));
    await redis.command('SET', log, 'no stream');
    await publishRange(a.engine, channel, 6, 6);
    await redis.command('SET', head, 'no hash');
    await publishRange(a.engine, channel, 7, 8);
    await expect.poll(() => b.heard(channel).at(-1)).toBe(8);
    expect(b.heard(channel)).toEqual([...range(1, 6), 'lost', 7, 8]);
    expect([faultsIn(b.told), b.figure('foreign'), a.figure('foreign')]).toEqual([[], 8, 2]);
  });

  it('says that the memory of Redis is full, refuses, and goes on when there is room', async () => {
    const [a, b] = await begin(['--maxmemory-policy', 'noeviction']);
    await b.engine.subscribe(channel);
    await publishRange(a.engine, channel, 1, 2);
    await redis.command('CONFIG', 'SET', 'maxmemory', '1');
    await expect(a.engine.publish(channel, '{"n":0}')).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(a.engine.status().problem).toMatch(/^Redis refuses: OOM/);
    await redis.command('CONFIG', 'SET', 'maxmemory', '0');
    await publishRange(a.engine, channel, 3, 4);
    await expect.poll(() => b.heard(channel)).toEqual([1, 2, 3, 4]);
    expect([faultsIn(b.told), a.engine.status().problem]).toEqual([[], undefined]);
  });

  it('tells a loss, and no number twice, when Redis drops keys for want of memory', async () => {
    const [a, b] = await begin(['--maxmemory-policy', 'allkeys-lru', '--maxmemory', '4mb']);
    await b.engine.subscribe(channel);
    const padding = 'x'.repeat(10_000);
    for (let n = 1; n <= 600; n += 1) {
      await a.engine
        .publish(n % 20 === 0 ? channel : `coin:c${n % 50}`, JSON.stringify({ n, padding }))
        .catch(() => undefined);
    }
    await redis.command('CONFIG', 'SET', 'maxmemory', '0');
    await publishRange(a.engine, channel, 601, 602);
    await expect.poll(() => b.heard(channel).at(-1)).toBe(602);
    expect(faultsIn(b.told)).toEqual([]);
  });
});
