import fc from 'fast-check';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { coinPrice, FakeClock, hello, settle, subscribeAck, until, type Script } from '@tickwire/testing';
import type { Channel } from '@tickwire/protocol';
import type { Subscription } from '@tickwire/client';
import { Harness } from '../harness.js';
import { begin, causesOf, numbersOf, pause, staged, upTo } from './stage.js';

const stage = staged();

/** What may go wrong in somebody else's code. */
const faults: { fault: string; deed: () => unknown }[] = [
  {
    fault: 'throws',
    deed: () => {
      throw new Error('mine');
    },
  },
  {
    fault: 'throws what has no prototype',
    deed: () => {
      throw Object.create(null);
    },
  },
  { fault: 'rejects', deed: () => Promise.reject(new Error('mine')) },
  {
    fault: 'blocks for 200 ms',
    deed: () => {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200);
    },
  },
];

describe('a callback of the user', () => {
  it.each(faults)('that $fault stops no other callback and no connection', async ({ fault, deed }) => {
    const server = await stage().numbered();
    const client = stage().client(server.url, { heartbeat: { idleMs: 50, timeoutMs: 60_000 } });
    const errors: string[] = [];
    client.on('error', (error) => errors.push(error.code));
    let bad = 0;
    const fail = (): unknown => {
      bad += 1;
      return deed();
    };
    client.on('whale_movement', fail);
    client.on('connection', fail);
    client.connection.subscribe(fail);
    client.subscribe('whales', fail);
    const heard = await numbersOf(client);
    const before = bad;
    for (let n = 0; n < 3; n += 1) server.publish('whales');
    await until('all of them', () => heard.length === 3);
    expect(heard).toEqual(upTo(3));
    expect(bad - before).toBe(6);
    expect(server.peers).toHaveLength(1);
    await settle();
    if (!fault.startsWith('blocks')) expect(errors).toEqual(new Array(bad).fill('LISTENER_FAILED'));
    expect(client.stats().listenerFailures).toBe(errors.length);
    expect(client.connection.get().status).toBe('connected');
  });
});

/** Accepts the token `good`; says of others that they have expired. */
const strict: Script = {
  connected: (peer) => peer.send(hello()),
  received: (peer, { type, id, data }) => {
    const { token, channels } = data as { token?: string; channels?: { channel: string }[] };
    if (type === 'subscribe')
      peer.send(
        subscribeAck(
          id,
          (channels ?? []).map(({ channel }) => channel),
        ),
      );
    if (type !== 'authenticate') return;
    if (token === 'good') peer.send({ type: 'ack', id, op: 'authenticate', data: { userId: '1' } });
    else peer.send({ type: 'error', id, op: 'authenticate', data: { code: 'TOKEN_EXPIRED', message: 'Expired.' } });
  },
};

describe('a token provider', () => {
  it('that rejects, throws or gives nonsense is one error; public channels come all the same', async () => {
    const answers: (() => unknown)[] = [
      () => Promise.reject(new Error('no network')),
      () => {
        throw new Error('a fault');
      },
      () => 42,
      () => 'x'.repeat(20_000),
      () => ({ apiKey: 'x'.repeat(20_000) }),
    ];
    for (const answer of answers) {
      const server = await stage().server(strict);
      const client = stage().client(server.url, { clock: new FakeClock(), token: answer as () => string });
      const errors: string[] = [];
      client.on('error', ({ code }) => errors.push(code));
      await expect(client.subscribe('coin:bitcoin', () => undefined).ready()).resolves.toEqual({ confirmed: true });
      expect(client.connection.get()).toMatchObject({ status: 'connected', authenticated: false });
      expect(errors).toEqual(['TOKEN_PROVIDER_FAILED']);
      expect(server.last.types).toEqual(['hello', 'subscribe']);
    }
  });

  it('that never answers is not waited for longer than 10 s', async () => {
    const clock = new FakeClock();
    const server = await stage().server(strict);
    const client = stage().client(server.url, { clock, token: () => new Promise<string>(() => undefined) });
    const errors: string[] = [];
    client.on('error', ({ code }) => errors.push(code));
    const ready = client.subscribe('coin:bitcoin', () => undefined).ready();
    await client.connect();
    await clock.advance(9_999);
    expect(errors).toEqual([]);
    await clock.advance(1);
    expect(errors).toEqual(['TOKEN_PROVIDER_FAILED']);
    await expect(ready).resolves.toEqual({ confirmed: true });
  });

  it('whose tokens have expired is asked again once, then the connection has failed for good', async () => {
    const server = await stage().server(strict);
    const reasons: string[] = [];
    const client = stage().client(server.url, {
      token: ({ reason }) => {
        reasons.push(reason);
        return 'stale';
      },
    });
    begin(client);
    await until('the first refusal', () => reasons.length === 1 && server.last.types.includes('authenticate'));
    await pause(20);
    server.last.socket.terminate();
    await until('the end', () => client.connection.get().status === 'failed');
    expect(client.connection.get()).toMatchObject({ error: { code: 'TOKEN_REJECTED' } });
    expect(reasons).toEqual(['initial', 'rejected']);
    await pause(50);
    expect(server.peers).toHaveLength(2);
  });

  it('is asked once an attempt, however many channels wait for it', async () => {
    const server = await stage().server(strict);
    let asked = 0;
    const client = stage().client(server.url, {
      token: async () => {
        asked += 1;
        await pause(20);
        return 'good';
      },
    });
    const follow = (n: number): Subscription<unknown> => client.subscribe(`coin:c${n}`, () => undefined);
    const handles = Array.from({ length: 25 }, (_, n) => follow(n));
    await until('the question', () => asked === 1);
    for (let n = 25; n < 50; n += 1) handles.push(follow(n));
    await Promise.all(handles.map((handle) => handle.ready()));
    expect(asked).toBe(1);
    for (let round = 2; round <= 4; round += 1) {
      server.last.socket.terminate();
      await until(`connection ${round}`, () => server.peers.length === round);
      await Promise.all(handles.map((handle) => handle.ready()));
      expect(asked).toBe(round);
    }
    expect(server.last.types).toEqual(['hello', 'authenticate', 'subscribe']);
  });
});

describe('a thousand toggles before the socket opens', () => {
  it('are one frame with exactly what is held', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat({ max: 39 }), { minLength: 1_000, maxLength: 1_000 }), async (toggles) => {
        const server = await stage().server({ connected: (peer) => peer.send(hello()) });
        const client = stage().client(server.url);
        const held = new Map<Channel, { unsubscribe(): void }>();
        for (const toggle of toggles) {
          const channel: Channel = `coin:c${toggle}`;
          const handle = held.get(channel);
          handle?.unsubscribe();
          if (handle === undefined)
            held.set(
              channel,
              client.subscribe(channel, () => undefined),
            );
          else held.delete(channel);
        }
        held.set(
          'whales',
          client.subscribe('whales', () => undefined),
        );
        await client.connect();
        await until('the frame', () => server.last.types.includes('subscribe'));
        await pause(5);
        expect(server.last.types).toEqual(['hello', 'subscribe']);
        const { channels } = server.last.received[1]?.['data'] as { channels: { channel: string }[] };
        // A channel that was let go lingers: what nobody holds any more may still be asked for.
        const asked = new Set(channels.map(({ channel }) => channel));
        expect(asked.size).toBe(channels.length);
        for (const channel of held.keys()) expect(asked.has(channel)).toBe(true);
        await client.close();
        await server.stop();
      }),
      { numRuns: 5 },
    );
  });
});

describe('10,000 prices of one channel', () => {
  it('leave less than 5 MB behind; who reads too slowly gets the newest, and the others are counted', async () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const harness = await new Harness().connected();
    const { client, socket } = harness;
    let ticks = 0;
    client.subscribe('coin:bitcoin', () => (ticks += 1));
    const events = client.events('price', { bufferSize: 256, overflow: 'drop-oldest' });
    const latest = client.subscribe('coin:bitcoin');
    const loop = latest[Symbol.asyncIterator]();
    const feed = (from: number, to: number): void => {
      for (let n = from; n <= to; n += 1) socket.receive(JSON.stringify(coinPrice('bitcoin', n)));
    };
    feed(1, 2_000);
    collect();
    const before = process.memoryUsage().heapUsed;
    const timers = harness.clock.pending;
    feed(2_001, 12_000);
    collect();
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(5 * 1_048_576);
    expect(ticks).toBe(12_000);
    expect(harness.clock.pending).toBe(timers);
    expect((await events.next()).value).toMatchObject({ price: 12_000 - 255 });
    expect((await loop.next()).value).toMatchObject({ price: 12_000 });
    expect(client.stats().conflated).toBe(12_000 - 256 + 12_000 - 1);
    await client.close();
  });
});

describe('callbacks that block while a ping is out', () => {
  it('cost no connection: what has arrived meanwhile is read first', async () => {
    const clock = new FakeClock();
    const server = await stage().numbered();
    const client = stage().client(server.url, { clock, heartbeat: { idleMs: 100, timeoutMs: 400 } });
    const causes = causesOf(client);
    await client.connect();
    // The server says hello and pongs: as many as the client has sent hellos and pings.
    const isAnswered = (): boolean => client.stats().messages === client.stats().sent;
    for (let round = 0; round < 2; round += 1) {
      await until('the last answer', isAnswered);
      await clock.advance(100);
      expect(isAnswered()).toBe(false);
      // The block: the deadline is over when timers run again, and the pong waits to be read.
      await clock.sleep(1_400);
      await until('the pong', isAnswered);
      for (let passed = 0; passed < 1_200; passed += 100) {
        await clock.advance(100);
        await until('the answer', isAnswered);
      }
    }
    expect(causes).toEqual([]);
    expect(server.peers).toHaveLength(1);
  });
});
