import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startServerProcess, type ServerProcess } from '../server-process.js';
import { StreamClient, type Frame } from '../stream-client.js';
import { hasRedis, startRedis, type RedisProcess } from './redis-process.js';
import { range } from './redis-nodes.js';

const keyDigest = createHash('sha256').update('s3cret').digest('hex');

type Told = Frame<'whale_movement'> | Frame<'gap'>;

describe.skipIf(!hasRedis)('two servers on one Redis', () => {
  let redis: RedisProcess;
  let servers: ServerProcess[] = [];
  const clients: StreamClient[] = [];

  const start = () =>
    startServerProcess({
      REDIS_URL: redis.url,
      API_KEYS: `feed:${keyDigest}:publish`,
      PRICE_UPDATE_INTERVAL: '600000',
      LOG_LEVEL: 'info',
    });

  beforeEach(async () => {
    redis = await startRedis();
    servers = [];
    for (let count = 0; count < 2; count += 1) servers.push(await start());
  });
  afterEach(async () => {
    for (const client of clients.splice(0)) await client.close();
    for (const { child } of servers) child.kill('SIGKILL');
    await Promise.all(servers.map(({ exit }) => exit));
    await redis.stop();
  });

  /** Publishes a whale of so many coins; the status of the answer. */
  async function publish({ port }: ServerProcess, amount: number): Promise<number> {
    const data = { coinId: 'bitcoin', txHash: 't', fromAddress: 'f', toAddress: 'o', usdValue: 1, amount };
    const answer = await fetch(`http://127.0.0.1:${port}/api/publish`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-api-key': 'feed.s3cret' },
      body: JSON.stringify({ type: 'whale_movement', data: { ...data, timestamp: '2026-01-01T00:00:00.000Z' } }),
    });
    return answer.status;
  }
  async function publishAll(server: ServerProcess, from: number, to: number): Promise<void> {
    for (const amount of range(from, to)) expect(await publish(server, amount)).toBe(202);
  }
  const publishWhenBack = (server: ServerProcess, amount: number) =>
    expect.poll(() => publish(server, amount)).toBe(202);
  const readiness = async ({ port }: ServerProcess) => (await fetch(`http://127.0.0.1:${port}/readyz`)).status;

  /** A client of `whales`, and where it stands. */
  async function follow(server: ServerProcess, since: { epoch?: string | undefined; seq?: number | undefined } = {}) {
    const client = await StreamClient.tickwire(`ws://127.0.0.1:${server.port}/ws`);
    clients.push(client);
    client.send({ type: 'subscribe', id: 1, data: { channels: [{ channel: 'whales', ...since }] } });
    const { data } = await client.next('ack');
    const [position] = (data as { subscribed: { epoch: string; seq: number; recovered: boolean }[] }).subscribed;
    return { client, position: position! };
  }
  const toldTo = (client: StreamClient): Told[] =>
    client.frames.filter(
      (frame): frame is Told =>
        (frame.type === 'whale_movement' && frame.sub === 'whales') ||
        (frame.type === 'gap' && frame.data.channel === 'whales'),
    );
  /** The amounts that a client was told, with `gap` where it was told of one. */
  const heardBy = (client: StreamClient) =>
    toldTo(client).map((told) => (told.type === 'gap' ? 'gap' : told.data.amount));

  /** What must never be, whatever happened. */
  function faultsOf(client: StreamClient, from: { epoch: string; seq: number }): string[] {
    const faults: string[] = [];
    let { epoch, seq } = from;
    for (const told of toldTo(client)) {
      if (told.type === 'gap') {
        if (told.data.to === null) [epoch, seq] = [String(told.data.epoch), -1];
        else seq = told.data.to;
      } else {
        if (told.epoch !== epoch) faults.push(`#${told.seq} is of another epoch, of which nobody was told`);
        else if (seq >= 0 && told.seq !== seq + 1 + (told.skip ?? 0)) faults.push(`#${told.seq} follows #${seq}`);
        [epoch, seq] = [String(told.epoch), Number(told.seq)];
      }
    }
    return faults;
  }

  it('tells on each what is published on one, and goes on at the other from its position when one is killed', async () => {
    const [a, b] = servers as [ServerProcess, ServerProcess];
    const onA = await follow(a);
    const onB = await follow(b);
    await Promise.all([publishAll(a, 1, 40), publishAll(b, 101, 140)]);
    await expect.poll(() => [heardBy(onA.client).length, heardBy(onB.client).length]).toEqual([80, 80]);
    expect(heardBy(onA.client)).toEqual(heardBy(onB.client));

    a.child.kill('SIGKILL');
    await onA.client.closed;
    await publishAll(b, 201, 220);
    const { epoch, seq } = toldTo(onA.client).at(-1) as Frame<'whale_movement'>;
    const again = await follow(b, { epoch, seq });
    expect(again.position.recovered).toBe(true);
    await publishAll(b, 221, 222);
    await expect.poll(() => heardBy(again.client)).toEqual(range(201, 222));
    expect(faultsOf(onB.client, onB.position)).toEqual([]);
    expect(faultsOf(again.client, { epoch: String(epoch), seq: Number(seq) })).toEqual([]);
  });

  it('B14, B15, B16, B18: lives through a cut link, a flush, poison and a restart of Redis, and no client misses anything unawares', async () => {
    const [a, b] = servers as [ServerProcess, ServerProcess];
    const { client, position } = await follow(b);
    await publishAll(a, 1, 5);
    await redis.command('CLIENT', 'KILL', 'TYPE', 'pubsub');
    await publishAll(a, 6, 30);
    await expect.poll(() => heardBy(client)).toEqual(range(1, 30));

    await redis.command('FLUSHALL');
    await publishAll(a, 31, 33);
    await expect.poll(() => heardBy(client)).toEqual([...range(1, 30), 'gap', 31, 32, 33]);

    for (const key of (await redis.command('KEYS', '*:log:whales')) as string[]) {
      await redis.command('XADD', key, '*', 'no', 'message');
      await redis.command('PUBLISH', key.replace(':log:', ':live:'), '{"type":"whale_movement"}');
    }
    await publishAll(a, 34, 35);
    await expect.poll(() => heardBy(client).slice(-2)).toEqual([34, 35]);

    await redis.kill();
    await expect.poll(() => Promise.all([readiness(a), readiness(b)])).toEqual([503, 503]);
    expect(await publish(a, 0)).toBe(503);
    const stranger = new StreamClient(`ws://127.0.0.1:${b.port}/ws`);
    expect(await stranger.refused).toBe(503);
    client.send({ type: 'subscribe', id: 2, data: { channels: [{ channel: 'social' }] } });
    expect(await client.next('error')).toMatchObject({ id: 2, data: { code: 'SERVER_BUSY', retryable: true } });
    await redis.start();
    await expect.poll(() => Promise.all([readiness(a), readiness(b)])).toEqual([200, 200]);
    await publishWhenBack(a, 36);
    await expect.poll(() => heardBy(client).slice(-3)).toEqual([35, 'gap', 36]);
    expect(faultsOf(client, position)).toEqual([]);
    for (const { child, output } of servers) {
      expect(child.exitCode).toBeNull();
      expect(output()).not.toMatch(/uncaught|unhandled/i);
    }
    const metrics = await (await fetch(`http://127.0.0.1:${b.port}/metrics`)).text();
    expect(metrics).toMatch(/^tickwire_engine\{figure="foreign"\} [1-9]/m);
    expect(metrics).toMatch(/^tickwire_engine_up 1$/m);
  });
});
