import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createStandingClock, type StandingClock } from './manual-clock.js';
import { coinTick, metalTick } from './manual-source.js';
import type { Frame, StreamClient } from './stream-client.js';
import { startTestServer, type TestServer } from './test-server.js';

const pricesOf = ({ data }: Frame<'priceUpdate'>) =>
  Object.fromEntries(
    Object.entries(data as Record<string, { price: number }>).map(([name, quote]) => [name, quote.price]),
  );

describe('an older metals client', () => {
  let server: TestServer;
  let client: StreamClient;
  let clock: StandingClock;
  beforeEach(async () => {
    clock = createStandingClock();
    server = await startTestServer({}, {}, { clock });
    server.source.tell(metalTick('gold', 100), metalTick('silver', 10), coinTick('bitcoin', 1));
    client = server.open(['swarnaai-v1']);
    await client.next('hello');
  });
  afterEach(() => server.close());

  /** A second of silence passes; the server has seen that it has once a later, silent client is told the prices. */
  async function silence(): Promise<void> {
    const witness = server.open(['swarnaai-v1']);
    await witness.next('hello');
    clock.leap(1_000);
    await witness.next('priceUpdate');
  }

  it('gets all metals once after a second of silence, then every update of all', async () => {
    clock.leap(999);
    await client.settle();
    expect(client.ofType('priceUpdate')).toEqual([]);
    clock.leap(1);
    const snapshot = await client.next('priceUpdate');
    expect(pricesOf(snapshot)).toEqual({ gold: 100, silver: 10 });
    expect(snapshot.changes).toEqual([]);
    expect(snapshot.timestamp).toBeDefined();
    server.source.tell(metalTick('gold', 102));
    const update = await client.next('priceUpdate');
    // An older client replaces its map with each frame: silver has to be in it.
    expect(pricesOf(update)).toEqual({ gold: 102, silver: 10 });
    expect(update.changes).toMatchObject([{ metal: 'gold', oldPrice: 100, newPrice: 102, direction: 'up' }]);
    server.source.tell(coinTick('bitcoin', 2), metalTick('silver', 10.01));
    expect(await client.next('priceUpdate')).toMatchObject({ changes: [] });
    expect(client.ofType('price_update')).toEqual([]);
  });

  it('gets them as well when it pings in that second', async () => {
    client.send({ type: 'ping' });
    await client.next('pong');
    clock.leap(1_000);
    expect(pricesOf(await client.next('priceUpdate'))).toEqual({ gold: 100, silver: 10 });
    client.send({ type: 'ping' });
    await client.next('pong');
    server.source.tell(metalTick('gold', 102));
    expect(pricesOf(await client.next('priceUpdate'))).toEqual({ gold: 102, silver: 10 });
  });

  it('gets the snapshot at once with its first subscribe, and then the union of what it asked for', async () => {
    client.send({ type: 'subscribe', metals: ['gold'] });
    expect(pricesOf(await client.next('priceUpdate'))).toEqual({ gold: 100 });
    client.send({ type: 'subscribe', metals: ['silver'] });
    expect(pricesOf(await client.next('priceUpdate'))).toEqual({ gold: 100, silver: 10 });
    client.send({ type: 'unsubscribe', metals: ['gold'] });
    await client.settle();
    server.source.tell(metalTick('gold', 101), metalTick('silver', 11));
    expect(pricesOf(await client.next('priceUpdate'))).toEqual({ silver: 11 });
    await silence();
    await client.settle();
    expect(client.ofType('priceUpdate')).toHaveLength(3);
  });

  it('keeps only what it asked for once it does, after a silent start', async () => {
    clock.leap(1_000);
    await client.next('priceUpdate');
    client.send({ type: 'subscribe', metals: ['silver'] });
    expect(pricesOf(await client.next('priceUpdate'))).toEqual({ silver: 10 });
    server.source.tell(metalTick('gold', 101));
    server.source.tell(metalTick('silver', 11));
    expect(pricesOf(await client.next('priceUpdate'))).toEqual({ silver: 11 });
  });

  it('is told which metal is not here, and gets the others', async () => {
    client.send({ type: 'subscribe', metals: ['tin', 'gold', 'lead'] });
    const errors = [await client.next('error'), await client.next('error')];
    expect(errors).toMatchObject([
      { op: 'subscribe', data: { code: 'UNKNOWN_CHANNEL', channel: 'metal:tin' } },
      { op: 'subscribe', data: { code: 'UNKNOWN_CHANNEL', channel: 'metal:lead' } },
    ]);
    expect(errors.some((error) => 'coinId' in error)).toBe(false);
    expect(pricesOf(await client.next('priceUpdate'))).toEqual({ gold: 100 });
  });

  it('gets several moves of one moment in one frame', async () => {
    client.send({ type: 'subscribe', metals: ['gold', 'silver'] });
    await client.next('priceUpdate');
    server.source.tell(metalTick('gold', 103), metalTick('silver', 12));
    const update = await client.next('priceUpdate');
    expect(pricesOf(update)).toEqual({ gold: 103, silver: 12 });
    expect(update.changes?.map(({ metal }) => metal)).toEqual(['gold', 'silver']);
    expect(client.socket.protocol).toBe('swarnaai-v1');
  });

  it('finds the stream under the path / as well', async () => {
    const other = server.open([], { path: '/' });
    expect(await other.next()).toMatchObject({ type: 'hello' });
  });

  it('gets no metals when it says hello in time', async () => {
    const other = await server.openTickwire();
    await silence();
    server.source.tell(metalTick('gold', 105));
    await other.settle();
    expect(other.ofType('priceUpdate')).toEqual([]);
    expect(other.ofType('welcome')).toEqual([]);
  });

  it('gets a metal that it adds late at once, although nothing moves, as a new client does', async () => {
    const other = await server.openTickwire();
    for (const [index, name] of ['gold', 'silver'].entries()) {
      client.send({ type: 'subscribe', metals: [name] });
      expect((await client.next('priceUpdate')).data).toHaveProperty(name);
      other.send({ type: 'subscribe', id: index, data: { channels: [{ channel: `metal:${name}` }] } });
      await other.next('ack');
      expect((await other.next('snapshot')).data.items).toMatchObject([{ channel: `metal:${name}`, seq: 1 }]);
    }
  });

  it('is not told an old change as news', async () => {
    server.source.tell(metalTick('gold', 110));
    client.send({ type: 'subscribe', metals: ['gold', 'silver'] });
    expect((await client.next('priceUpdate')).changes).toEqual([]);
    server.source.tell(metalTick('silver', 11));
    expect((await client.next('priceUpdate')).changes).toMatchObject([{ metal: 'silver' }]);
  });
});

describe('a snapshot between a move and its update', () => {
  it('has the price and leaves the change to the update', async () => {
    const server = await startTestServer({ flushMs: 400 });
    try {
      server.source.tell(metalTick('gold', 100));
      const [first, second] = [server.open(), server.open()];
      await Promise.all([first.next('hello'), second.next('hello')]);
      first.send({ type: 'subscribe', metals: ['gold'] });
      await first.next('priceUpdate');
      server.source.tell(metalTick('gold', 105));
      second.send({ type: 'subscribe', metals: ['gold'] });
      expect(await second.next('priceUpdate')).toMatchObject({ data: { gold: { price: 105 } }, changes: [] });
      expect(await first.next('priceUpdate')).toMatchObject({
        data: { gold: { price: 105 } },
        changes: [{ metal: 'gold' }],
      });
      expect(second.ofType('priceUpdate')).toHaveLength(1);
    } finally {
      await server.close();
    }
  });
});
