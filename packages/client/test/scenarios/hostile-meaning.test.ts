import { describe, expect, it } from 'vitest';
import { coinPrice, hello, settle, subscribeAck, until, whale, type Message } from '@tickwire/testing';
import { Harness } from '../harness.js';
import { RawServer } from './raw-server.js';
import { begin, numbersOf, pause, staged, upTo } from './stage.js';

const stage = staged();
const ofType = (messages: readonly Record<string, unknown>[], type: string): Record<string, unknown>[] =>
  messages.filter((message) => message['type'] === type);

describe('positions that make no sense', () => {
  it('of events: repeated ones are dropped, holes asked for once and announced once, odd ones refused', async () => {
    const server = await stage().numbered();
    const client = stage().client(server.url);
    const gaps: unknown[] = [];
    client.on('gap', ({ from, to }) => gaps.push([from, to]));
    const heard = await numbersOf(client);
    for (let n = 0; n < 3; n += 1) server.publish('whales');
    const event = (seq: unknown, value: number, epoch = 'e1'): Message =>
      whale('bitcoin', value, { sub: 'whales', seq, epoch });
    for (const seq of [1, 2, 3, 3, 1]) server.last.send(event(seq, 900 + seq));
    for (const seq of [2.5, '4', -1, 2 ** 53, null, 0, [4]]) server.last.send(event(seq, 999));
    server.last.send(event(1_000_000_003, 4));
    await until('the one behind the hole', () => heard.at(-1) === 4);
    expect(heard).toEqual(upTo(4));
    expect(gaps).toEqual([[4, 1_000_000_002]]);
    expect(ofType(server.last.received, 'history')).toHaveLength(1);
    expect(client.stats().duplicates).toBe(5);
    // Another epoch: an unknown range is lost, and nothing of the old one counts any more.
    server.last.send(event(1, 5, 'e2'));
    server.last.send(event(2, 6, 'e2'));
    await until('the new epoch', () => heard.at(-1) === 6);
    expect(gaps.slice(1)).toEqual([[null, null]]);
    expect(heard).toEqual(upTo(6));
    expect(client.stats().reconnects).toBe(0);
  });

  it('of values: older ones are dropped, a jump is taken and counted', async () => {
    const server = await stage().numbered();
    const client = stage().client(server.url);
    const prices: number[] = [];
    await client.subscribe('coin:bitcoin', (tick) => prices.push(tick.price)).ready();
    const value = (seq: unknown, price: number, epoch = 'e1'): Message =>
      coinPrice('bitcoin', price, { sub: 'coin:bitcoin', seq, epoch });
    for (const [seq, price] of [
      [1, 1],
      [2, 2],
      [1, 101],
      [2, 102],
      [1_000_000_002, 3],
      [5, 105],
    ] as const) {
      server.last.send(value(seq, price));
    }
    server.last.send(value(1, 4, 'e2'));
    await until('the new epoch', () => prices.at(-1) === 4);
    expect(prices).toEqual([1, 2, 3, 4]);
    expect(client.stats()).toMatchObject({ gaps: 1, duplicates: 3, reconnects: 0 });
    expect(ofType(server.last.received, 'history')).toHaveLength(0);
  });

  it('of heads: a channel is asked for anew at most once in 5 s', async () => {
    const harness = await new Harness().connected();
    const { client, socket, clock } = harness;
    socket.onSent = ({ type, id, data, ts }) => {
      if (type === 'ping') queueMicrotask(() => socket.receive({ type: 'pong', id, ts }));
      if (type !== 'subscribe') return;
      const names = (data as { channels: { channel: string }[] }).channels.map(({ channel }) => channel);
      queueMicrotask(() => socket.receive(subscribeAck(id, names)));
    };
    client.subscribe(['coin:bitcoin', 'coin:dogecoin'], () => undefined);
    await settle();
    socket.taken();
    for (let tenth = 0; tenth < 300; tenth += 1) {
      const heads = { 'coin:bitcoin': tenth % 2 === 0 ? 0 : 1_000_000, 'coin:dogecoin': 0, 'coin:never': 7 };
      socket.receive({ type: 'heartbeat', data: { serverTime: clock.now(), heads } });
      await clock.advance(100);
    }
    const asked = ofType(socket.taken(), 'subscribe');
    const times = new Map<string, number>();
    for (const { data } of asked) {
      for (const { channel } of (data as { channels: { channel: string }[] }).channels) {
        times.set(channel, (times.get(channel) ?? 0) + 1);
      }
    }
    // 30 s: at the beginning, and then every 5 s.
    for (const channel of ['coin:bitcoin', 'coin:dogecoin']) {
      expect(times.get(channel)).toBeGreaterThanOrEqual(2);
      expect(times.get(channel)).toBeLessThanOrEqual(6);
    }
    expect(times.has('coin:never')).toBe(false);
    await client.close();
  });
});

describe('times that make no sense', () => {
  it('change neither order nor heartbeat nor freshness: what arrived counts', async () => {
    const harness = await new Harness().connected({ ...hello(), timestamp: '9999-12-31T23:59:59Z' });
    harness.answerPings();
    const { client, socket, clock } = harness;
    const stale = harness.record('stale');
    const prices: number[] = [];
    client.subscribe('coin:bitcoin', (tick) => prices.push(tick.price));
    await settle();
    const times = ['9999-12-31T23:59:59.999Z', '-000001-01-01T00:00:00Z', '1970-01-01T00:00:00Z', 'yesterday', ''];
    for (const [index, timestamp] of times.entries()) {
      const data = { coinId: 'bitcoin', price: index + 1, timestamp };
      socket.receive({ type: 'price_update', timestamp, sub: 'coin:bitcoin', seq: index + 2, epoch: 'e1', data });
    }
    const { invalid } = client.stats();
    expect(prices.length + invalid).toBe(5);
    expect(prices).toEqual([...prices].sort((a, b) => a - b));
    expect(prices.length).toBeGreaterThanOrEqual(2);
    socket.receive({ type: 'heartbeat', timestamp: times[0], data: { serverTime: -1e15, heads: {} } });
    await clock.advance(59_999);
    expect(client.prices.get('coin:bitcoin')?.freshness).toBe('fresh');
    expect(stale).toEqual([]);
    await clock.advance(2);
    expect(client.prices.get('coin:bitcoin')?.freshness).toBe('stale');
    expect(harness.sockets.all).toHaveLength(1);
    await client.close();
  });
});

describe('hints that make no sense', () => {
  const hints = [0, -1, 1e12, 1, 'x', null, Number.MAX_SAFE_INTEGER, {}];
  const leastMs = 250;
  const mostMs = 300_000;

  it.each(hints)('of a server that goes away (%j) stay between 250 ms and 5 min', async (hint) => {
    const harness = await new Harness({ random: () => 0 }).connected();
    harness.answerPings();
    const { client, clock, sockets, socket } = harness;
    const start = clock.monotonic();
    socket.receive({ type: 'going_away', data: { reason: 'deploy', reconnectAfterMs: hint, deadlineMs: hint } });
    await clock.advance(leastMs - 1);
    expect(sockets.all).toHaveLength(1);
    while (sockets.all.length === 1 && clock.monotonic() < start + mostMs) await clock.advance(250);
    expect(sockets.all.length).toBeGreaterThan(1);
    await client.close();
    await clock.advance(3_000);
    expect(clock.pending).toBe(0);
  });

  it.each(['ra=0', 'ra=-1', 'ra=1000000000000', 'ra=x', 'sp=0', 'sp=1000000000000', 'ra=;sp=', 'ra=1e9'])(
    'of a close (%s) stay between 250 ms and 5 min, and the spread',
    async (hint) => {
      for (const chance of [0, 0.999]) {
        const harness = await new Harness({ random: () => chance }).connected();
        const { client, clock, sockets, socket } = harness;
        socket.drop(1012, `restart;${hint}`);
        await clock.advance(leastMs - 1);
        expect(sockets.all).toHaveLength(1);
        await clock.advance(2 * mostMs);
        expect(sockets.all.length).toBeGreaterThan(1);
        await client.close();
      }
    },
  );

  it.each(hints)('of a refusal (%j) stay between 250 ms and 5 min', async (hint) => {
    const harness = await new Harness().connected();
    harness.answerPings();
    const { client, clock, socket } = harness;
    client.subscribe('coin:bitcoin', () => undefined);
    await settle();
    const id = ofType(socket.taken(), 'subscribe')[0]?.['id'];
    const data = { code: 'SERVER_BUSY', message: 'busy', retryable: true, retryAfterMs: hint };
    socket.receive({ type: 'error', id, op: 'subscribe', data });
    await clock.advance(leastMs - 1);
    expect(ofType(socket.taken(), 'subscribe')).toHaveLength(0);
    await clock.advance(mostMs);
    expect(ofType(socket.taken(), 'subscribe').length).toBeGreaterThanOrEqual(1);
    await client.close();
  });
});

describe('a server that sends its clients elsewhere', () => {
  it('is not followed, by message, close or HTTP: the token goes to the origin that was given', async () => {
    const elsewhere = await RawServer.start();
    stage().later(() => elsewhere.stop());
    const { url } = elsewhere;
    const places = {
      url,
      resumeUrl: url,
      resume_gateway_url: url,
      redirect: url,
      endpoint: url,
      host: url,
      location: url,
    };
    const greeting = hello();
    const server = await stage().server({
      connected: (peer) => {
        peer.send({ ...greeting, ...places, data: { ...(greeting['data'] as object), ...places } });
      },
      received: (peer, { type, id }) => {
        if (type !== 'authenticate') return;
        peer.send({ type: 'ack', id, op: 'authenticate', data: { userId: '1', ...places }, ...places });
        peer.send({ type: 'redirect', data: places, ...places });
        peer.send({
          type: 'going_away',
          data: { reason: url, reconnectAfterMs: 250, deadlineMs: 250, ...places },
          ...places,
        });
        if (server.peers.length === 2) peer.socket.close(1012, `moved;url=${url}`);
      },
    });
    const redirecting = await RawServer.start({
      answer: `HTTP/1.1 302 Found\r\nLocation: ${url.replace('ws', 'http')}\r\nContent-Length: 0\r\n\r\n`,
    });
    stage().later(() => redirecting.stop());
    const client = stage().client(server.url, { token: 'secret-token' });
    begin(client);
    await until('three connections', () => server.peers.length >= 3);
    const sent = stage().client(redirecting.url, { token: 'secret-token' });
    begin(sent);
    await until('two redirects', () => redirecting.connections.length >= 2);
    await pause(20);
    expect(elsewhere.connections).toHaveLength(0);
    expect(redirecting.connections.map(({ request }) => request).join('')).not.toContain('secret-token');
  });
});

describe('answers to what was never asked', () => {
  it('confirm nothing, deliver nothing and are counted', async () => {
    const server = await stage().numbered();
    const client = stage().client(server.url, { lingerMs: 0 });
    const heard = await numbersOf(client);
    const others: string[] = [];
    for (const name of ['price', 'whale_movement', 'social_spike', 'gap'] as const) {
      client.on(name, () => others.push(name));
    }
    const left: number[] = [];
    const handle = client.subscribe('coin:bitcoin', (tick) => left.push(tick.price));
    await handle.ready();
    handle.unsubscribe();
    await until('the unsubscribe', () => ofType(server.last.received, 'unsubscribe').length === 1);
    const { unwantedMessages } = client.stats();
    const subscribes = ofType(server.last.received, 'subscribe');
    for (const { id } of subscribes)
      server.last.send(subscribeAck(id, ['coin:bitcoin', 'coin:never', 'social', 'whales']));
    for (const id of ['r999', 999, null, '', '__proto__']) {
      server.last.send(subscribeAck(id, ['coin:never', 'whales']));
      server.last.send({ type: 'ack', id, op: 'unsubscribe', data: { unsubscribed: ['whales'] } });
      server.last.send({ type: 'ack', id, op: 'authenticate', data: { userId: '1' } });
      server.last.send({ type: 'error', id, op: 'subscribe', data: { code: 'FORBIDDEN_CHANNEL', message: 'no' } });
    }
    server.last.send(coinPrice('bitcoin', 1, { sub: 'coin:bitcoin', seq: 1, epoch: 'e1' }));
    server.last.send(coinPrice('never', 1));
    server.last.send(whale('bitcoin', 1, { sub: 'whales:bitcoin', seq: 1, epoch: 'e1' }));
    server.last.send({ type: 'gap', data: { channel: 'social', from: 1, to: 2, reason: 'x' } });
    server.publish('whales');
    await until('the event behind them', () => heard.length === 1);
    expect(others).toEqual(['whale_movement']);
    expect(left).toEqual([]);
    expect(client.prices.get('coin:never')).toMatchObject({ freshness: 'stale' });
    expect(client.stats().unwantedMessages - unwantedMessages).toBe(4);
    expect(client.connection.get()).toMatchObject({ status: 'connected', authenticated: false });
    expect(server.membersOf('whales')).toBe(1);
  });
});
