import { describe, expect, it } from 'vitest';
import { coinPrice, FakeClock, hello, until, type Peer } from '@tickwire/testing';
import { begin, causesOf, countedWebSocket, pause, numbersOf, staged, upTo } from './stage.js';

const stage = staged();

describe('a link on which everything vanishes', () => {
  it.each(['both', 'up', 'down'] as const)(
    'is given up 20 s after its last frame and replaced, nothing lost and nothing doubled (%s)',
    async (direction) => {
      const clock = new FakeClock();
      const server = await stage().numbered();
      const proxy = await stage().proxy(server.port);
      const client = stage().client(proxy.url, { clock, random: () => 0 });
      const causes = causesOf(client);
      const heard = await numbersOf(client);
      server.publish('whales');
      await until('the first event', () => heard.length === 1);
      proxy.stall(direction);
      await clock.advance(15_000);
      // In one direction the answer comes back, or the question does not arrive: there the silence is what counts.
      await clock.advance(4_999);
      expect(client.connection.get().status).toBe('connected');
      if (direction !== 'up') server.publish('whales');
      await clock.advance(1);
      expect(causes).toEqual(['HEARTBEAT_TIMEOUT']);
      await clock.advance(250);
      await until('the new link', () => client.connection.get().status === 'connected');
      server.publish('whales');
      const last = server.publish('whales');
      await until('what was published meanwhile', () => heard.includes(last));
      expect(heard).toEqual(upTo(last));
      // The old link comes back to life and has nothing to say any more.
      proxy.heal();
      await pause(30);
      expect(heard).toEqual(upTo(last));
      await clock.advance(3_000);
      await until('the old link to be gone', () => server.open === 1);
    },
  );

  it('from client to server alone is ended by a server that pings, and replaced', async () => {
    const answered = new Set<Peer>();
    const server = await stage().server({
      connected: (peer) => {
        peer.send(hello());
        peer.socket.on('pong', () => answered.add(peer));
      },
    });
    const proxy = await stage().proxy(server.port);
    const client = stage().client(proxy.url);
    await client.connect();
    const ping = async (peer: Peer, withinMs: number): Promise<void> => {
      answered.delete(peer);
      peer.socket.ping();
      const end = performance.now() + withinMs;
      while (!answered.has(peer) && performance.now() < end) await pause(5);
      if (!answered.has(peer)) peer.socket.terminate();
    };
    const first = server.last;
    await ping(first, 60_000);
    expect(answered.has(first)).toBe(true);
    const causes = causesOf(client);
    proxy.stall('up');
    await ping(first, 200);
    await until(
      'the next connection',
      () => server.peers.length === 2 && client.connection.get().status === 'connected',
    );
    expect(causes[0]).toBe('CONNECT_FAILED');
  });
});

describe('a link that is only slow', () => {
  it('with a jitter and pauses like those of lost packets loses nothing, keeps the order and is kept', async () => {
    const server = await stage().numbered();
    const proxy = await stage().proxy(server.port);
    const client = stage().client(proxy.url, { heartbeat: { idleMs: 100, timeoutMs: 60_000 } });
    const heard = await numbersOf(client);
    proxy.latency(30, 25);
    for (let n = 0; n < 100; n += 1) {
      server.publish('whales');
      if (n % 20 === 10) proxy.stall();
      if (n % 20 === 15) {
        proxy.heal();
        proxy.latency(30, 25);
      }
      await pause(10);
    }
    await until('all of them', () => heard.length >= 100);
    expect(heard).toEqual(upTo(100));
    expect(client.stats()).toMatchObject({ reconnects: 0, gaps: 0, duplicates: 0 });
    expect(proxy.counters.accepted).toBe(1);
  });

  it('in slices of a byte carries messages of up to 4 KiB', async () => {
    const server = await stage().numbered();
    const proxy = await stage().proxy(server.port);
    proxy.slice(1);
    const client = stage().client(proxy.url);
    const invalid: unknown[] = [];
    client.on('invalid', (event) => invalid.push(event));
    const heard = await numbersOf(client);
    for (let n = 0; n < 5; n += 1) server.publish('whales');
    server.publish('whales', { padding: 'x'.repeat(3_500) });
    await until('all of them', () => heard.length === 6);
    expect(heard).toEqual(upTo(6));
    expect(invalid).toEqual([]);
    expect(client.stats().reconnects).toBe(0);
  });

  it('of 256 kbit carries twenty channels that the server thins out: no value is old, nothing is missed', async () => {
    const server = await stage().numbered();
    const proxy = await stage().proxy(server.port);
    const client = stage().client(proxy.url, { heartbeat: { idleMs: 200, timeoutMs: 60_000 } });
    const channels = upTo(20).map((n) => `coin:c${n}` as const);
    // Told in rounds, which the link has to keep up with: a clock would measure the machine as well.
    let round = 0;
    let oldest = 0;
    const handle = client.subscribe(channels, ({ price }) => (oldest = Math.max(oldest, round - price)), {
      minIntervalMs: 250,
    });
    await handle.ready();
    proxy.rate(32_000);
    for (round = 1; round <= 10; round += 1) {
      for (const channel of channels) {
        // Four of five values are withheld, and said to be.
        const place = { sub: channel, seq: round * 5, skip: 4, epoch: 'e1' };
        server.last.send(coinPrice(channel.slice(5), round, place));
      }
      await pause(250);
    }
    await until('all of them', () => client.stats().messages >= 200);
    expect(oldest).toBeLessThanOrEqual(4);
    expect(client.stats()).toMatchObject({ gaps: 0, duplicates: 0, invalid: 0, reconnects: 0 });
    const asked = server.last.received.find(({ type }) => type === 'subscribe');
    expect(asked).toMatchObject({ data: { channels: channels.map((channel) => ({ channel, minIntervalMs: 250 })) } });
  });

  it('flaps twenty times, 2 s up and 1 s down, and converges at once: one socket, nothing lost', async () => {
    const clock = new FakeClock();
    const server = await stage().numbered();
    const proxy = await stage().proxy(server.port);
    const { WebSocket, mostAlive } = countedWebSocket();
    const client = stage().client(proxy.url, { clock, WebSocket });
    const heard = await numbersOf(client);
    for (let flap = 1; flap <= 20; flap += 1) {
      proxy.stall();
      server.publish('whales');
      await clock.advance(1_000);
      expect(heard).toHaveLength(flap - 1);
      proxy.heal();
      await until('what was held', () => heard.length === flap);
      await clock.advance(2_000);
    }
    expect(heard).toEqual(upTo(20));
    expect(mostAlive()).toBe(1);
    expect(proxy.counters.accepted).toBe(1);
  });
});

describe('a proxy that ends links which are idle for 30 s', () => {
  it('never sees an idle one in ten quiet minutes', async () => {
    const clock = new FakeClock();
    const server = await stage().numbered();
    const proxy = await stage().proxy(server.port, { clock });
    proxy.idleTimeout(30_000);
    const client = stage().client(proxy.url, { clock });
    await client.connect();
    for (let quarter = 0; quarter < 40; quarter += 1) {
      const { messages } = client.stats();
      await clock.advance(15_000);
      await until(`the answer to ping ${quarter + 1}`, () => client.stats().messages > messages);
    }
    expect(proxy.counters.accepted).toBe(1);
    expect(client.connection.get().status).toBe('connected');
  });

  it('cuts a client that is told to be quiet for longer, which comes back', async () => {
    const clock = new FakeClock();
    const server = await stage().numbered();
    const proxy = await stage().proxy(server.port, { clock });
    proxy.idleTimeout(30_000);
    const client = stage().client(proxy.url, { clock, random: () => 0, heartbeat: { idleMs: 45_000 } });
    begin(client);
    await until('the connection', () => client.connection.get().status === 'connected');
    await clock.advance(30_000);
    await until('the cut', () => client.connection.get().status === 'reconnecting');
    await clock.advance(250);
    await until('the next connection', () => client.connection.get().status === 'connected');
    expect(proxy.counters).toMatchObject({ accepted: 2, mostOpen: 1 });
  });
});
