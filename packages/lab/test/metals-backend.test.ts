import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isChangeUnknown, metalQuotes, type MetalPricesMessage } from '@tickwire/protocol';
import { LeakCheck, MetalsBackend, type MetalsBackendOptions } from '@tickwire/lab';
import { FakeClock, until } from '@tickwire/testing';
import { BackendClient } from './backend-client.js';

const timestamp = '2026-01-01T00:00:00.000Z';
let check: LeakCheck;
let clock: FakeClock;
let backend: MetalsBackend;
let clients: BackendClient[] = [];

beforeEach(() => {
  check = LeakCheck.start();
  clock = new FakeClock();
  clients = [];
});

afterEach(async () => {
  for (const client of clients) client.socket.terminate();
  await backend.stop();
  expect(clients.flatMap((client) => client.undecodable)).toEqual([]);
  await check.end();
});

async function start(options: MetalsBackendOptions = {}): Promise<void> {
  backend = await MetalsBackend.start({ clock, ...options });
}

function dial(options: ConstructorParameters<typeof BackendClient>[1] = {}): BackendClient {
  const client = new BackendClient(backend.url, options);
  clients.push(client);
  return client;
}

const quotes = (message: unknown): unknown[] =>
  metalQuotes(message as MetalPricesMessage).map(({ id, price }) => [id, price]);

describe('the metals backend', () => {
  it('sends all metals on connect, once, without changes, zeros standing for what it does not know', async () => {
    await start();
    const client = dial();
    const [snapshot] = await client.next();
    const unknown = { change: 0, changePercent: 0, timestamp };
    expect(snapshot).toEqual({
      type: 'priceUpdate',
      data: {
        gold: { price: 13_925.4, high: 13_925.4, low: 13_925.4, ...unknown },
        silver: { price: 246.1, high: 246.1, low: 246.1, ...unknown },
        platinum: { price: 6_120, high: 6_120, low: 6_120, ...unknown },
        palladium: { price: 4_480.75, high: 4_480.75, low: 4_480.75, ...unknown },
      },
      timestamp,
    });
    const { gold } = (snapshot as unknown as MetalPricesMessage).data as Record<string, { price: number }>;
    expect(isChangeUnknown(gold!)).toBe(true);
    expect(await client.quiet()).toEqual([]);
  });

  it('is silent for hours, and until a metal moves by more than 1 %', async () => {
    await start({ prices: { gold: 1_000, silver: 100 } });
    const client = dial();
    await client.next();
    await clock.advance(6 * 3_600_000);
    expect(backend.move('gold', 1_010)).toBe(false);
    expect(await client.quiet()).toEqual([]);
    expect(backend.move('gold', 1_030.2)).toBe(true);
    expect(await client.next()).toMatchObject([
      {
        data: { gold: { price: 1_030.2, high: 1_030.2, low: 1_000 } },
        changes: [{ metal: 'gold', oldPrice: 1_010, newPrice: 1_030.2, direction: 'up' }],
      },
    ]);
  });

  it('sends partial frames, and one for several metals that move at once', async () => {
    await start({ prices: { gold: 1_000, silver: 100, platinum: 10 } });
    const client = dial();
    await client.next();
    backend.moveAll({ gold: 900, silver: 100.5, platinum: 11 });
    const [message] = await client.next();
    expect(quotes(message)).toEqual([
      ['gold', 900],
      ['platinum', 11],
    ]);
    const late = dial();
    expect(quotes((await late.next())[0])).toEqual([
      ['gold', 900],
      ['silver', 100.5],
      ['platinum', 11],
    ]);
    expect(() => backend.move('tin', 1)).toThrow('no metal "tin"');
  });

  it('sends arrays of maps in the batched form', async () => {
    await start({ prices: { gold: 1_000, silver: 100 }, batched: true });
    const client = dial();
    const [snapshot] = await client.next();
    expect((snapshot!['data'] as object[]).map((map) => Object.keys(map))).toEqual([['gold'], ['silver']]);
    backend.move('silver', 110);
    expect(quotes((await client.next())[0])).toEqual([['silver', 110]]);
  });

  it('acknowledges no subscription and broadcasts to everybody all the same', async () => {
    await start({ prices: { gold: 1_000, silver: 100 } });
    const client = dial();
    await client.next();
    client.send({ type: 'subscribe', metals: ['gold', 'silver'] });
    client.send({ type: 'unsubscribe', metals: ['silver'] });
    client.send({ type: 'hello', data: { protocol: 1 } });
    client.send('not JSON');
    expect(await client.quiet()).toEqual([]);
    expect(backend.peers[0]!.metals).toEqual(['gold']);
    backend.move('silver', 200);
    expect(quotes((await client.next())[0])).toEqual([['silver', 200]]);
    expect(backend.peers[0]!.received.map((message) => message['type'])).toEqual([
      'subscribe',
      'unsubscribe',
      'hello',
      'ping',
    ]);
  });

  it('closes at the 11th message within any minute, pings included', async () => {
    await start();
    const client = dial();
    await client.next();
    for (let count = 0; count < 5; count += 1) client.send({ type: 'ping' });
    await client.next(5);
    await clock.advance(59_999);
    for (let count = 0; count < 5; count += 1) client.send({ type: 'ping' });
    await client.next(5);
    await clock.advance(1);
    // The first five are a minute old by now.
    for (let count = 0; count < 5; count += 1) client.send({ type: 'ping' });
    await client.next(5);
    expect(client.closed).toBeUndefined();
    client.send({ type: 'subscribe', metals: ['gold'] });
    expect(await client.end()).toEqual({ code: 1008, reason: 'Rate limit exceeded' });
    expect([client.waiting, backend.reachable.length]).toEqual([0, 0]);
  });

  it('counts each connection by itself', async () => {
    await start({ messagesPerWindow: 1 });
    const [one, two] = [dial(), dial()];
    for (const client of [one, two]) {
      await client.next();
      client.send({ type: 'ping' });
      expect(await client.next()).toEqual([{ type: 'pong' }]);
    }
  });

  it('closes at once without a good Authorization header', async () => {
    await start({ authorize: (authorization) => authorization === 'Bearer good' });
    const good = dial({ headers: { Authorization: 'Bearer good' } });
    await good.next();
    for (const client of [dial(), dial({ headers: { Authorization: 'Bearer bad' } })]) {
      expect(await client.end()).toEqual({ code: 1008, reason: 'Unauthorized' });
      expect(client.frames).toEqual([]);
    }
    expect(backend.reachable).toHaveLength(1);
  });

  it('closes what comes above its capacity, and has room again when somebody leaves', async () => {
    await start({ capacity: 1 });
    const first = dial();
    await first.next();
    expect(await dial().end()).toEqual({ code: 1008, reason: 'Server at capacity' });
    first.socket.terminate();
    await until('it to leave', () => backend.reachable.length === 0);
    await dial().next();
    expect(backend.reachable).toHaveLength(1);
  });

  it('speaks the subprotocol swarnaai-v1 and no other', async () => {
    await start();
    const client = dial({ protocols: ['tickwire-v1', 'swarnaai-v1'] });
    await client.next();
    expect(client.socket.protocol).toBe('swarnaai-v1');
    expect((await dial({ protocols: ['other'] }).end()).code).toBe(1006);
  });

  it('closes a frame above 16 KiB with 1009', async () => {
    await start();
    const client = dial();
    await client.next();
    client.send('x'.repeat(16_385));
    expect((await client.end()).code).toBe(1009);
  });

  it('stops without a close frame, and comes back on the same port with the prices it had', async () => {
    await start({ prices: { gold: 1_000 } });
    const client = dial();
    await client.next();
    const { url } = backend;
    await backend.stop();
    expect((await client.end()).code).toBe(1006);
    backend.move('gold', 1_500);
    await backend.restart();
    expect(backend.url).toBe(url);
    expect(quotes((await dial().next())[0])).toEqual([['gold', 1_500]]);
  });
});
