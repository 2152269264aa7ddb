import { createServer, type IncomingHttpHeaders, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { coinPrice, hello, metalPrices, settle, snapshot, until, whale } from '@tickwire/testing';
import type { ClientOptions, Fetch, HttpResponse, PriceTick } from '@tickwire/client';
import type * as socketRoom from '../src/io/socket.js';
import { Harness } from './harness.js';

const undo: (() => void | Promise<void>)[] = [];
afterEach(async () => {
  for (const each of undo.splice(0).reverse()) await each();
});

const noWebSocket = vi.hoisted(() => ({ on: false }));
vi.mock('../src/io/socket.js', async (original) => {
  const room = await original<typeof socketRoom>();
  return {
    ...room,
    resolveWebSocket: (needsHeaders: boolean) => (noWebSocket.on ? undefined : room.resolveWebSocket(needsHeaders)),
  };
});

interface Asked {
  url: string;
  headers: Record<string, string>;
  signal: AbortSignal;
  redirect: string;
}

/** An endpoint without a network: what it answers is set by the test. */
class Endpoint {
  readonly asked: Asked[] = [];
  answer: () => Promise<HttpResponse> = () => Promise.resolve(answerOf(priceOf(100, 1)));
  readonly fetch: Fetch = (url, init) => {
    this.asked.push({ url, ...init });
    return this.answer();
  };
}

function priceOf(price: number, seq: number, epoch = 'e1'): unknown {
  return { ...snapshot([{ channel: 'coin:bitcoin', seq, message: coinPrice('bitcoin', price) }]), epoch };
}

function answerOf(body: unknown, status = 200, headers: Record<string, string> = {}): HttpResponse {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return new Response(text, { status, headers });
}

/** Retries after 250 ms, and a dial then hangs for as long as a test takes. */
const quick = { connectTimeoutMs: 900_000, reconnect: { baseDelayMs: 1 } };
const fallback = { url: 'https://prices.example/api/prices?area=eu', intervalMs: 5_000 };

function polled(options: ClientOptions = {}): { harness: Harness; endpoint: Endpoint } {
  const endpoint = new Endpoint();
  const harness = new Harness({ fallback, fetch: endpoint.fetch, ...quick, ...options });
  undo.push(() => harness.client.close());
  return { harness, endpoint };
}

/** Dials that many times in vain. */
async function failDials(harness: Harness, count: number): Promise<void> {
  for (let dial = 0; dial < count; dial += 1) {
    harness.socket.drop();
    await settle();
    if (dial + 1 < count) await harness.clock.advance(3_000);
  }
}

describe('the fallback', () => {
  it('polls after three failed dials in a row and delivers prices as a connection would', async () => {
    const { harness, endpoint } = polled();
    const ticks: PriceTick[] = [];
    const subscription = harness.client.subscribe('coin:bitcoin', (tick) => ticks.push(tick));
    const statuses = harness.statuses();
    await failDials(harness, 2);
    expect(endpoint.asked).toHaveLength(0);
    await harness.clock.advance(3_000);
    harness.socket.drop();
    await until('the first answer', () => ticks.length === 1);
    expect(ticks[0]).toMatchObject({ channel: 'coin:bitcoin', price: 100, seq: 1, freshness: 'fresh' });
    expect(harness.client.connection.get()).toMatchObject({ status: 'connected', transport: 'polling' });
    expect(harness.client.connection.get()).toBe(harness.client.connection.get());
    await expect(subscription.ready()).resolves.toEqual({ confirmed: true });
    await expect(harness.client.connect()).resolves.toBeUndefined();
    expect(statuses.at(-1)).toBe('connected');
    expect(endpoint.asked[0]).toMatchObject({ url: fallback.url, redirect: 'error' });
  });

  it('takes the last credential, even one that came before the polling', async () => {
    const { harness, endpoint } = polled({ token: 'first' });
    void harness.client.authenticate('second').catch(() => undefined);
    await failDials(harness, 3);
    await until('the first request', () => endpoint.asked.length === 1);
    expect(endpoint.asked[0]?.headers).toMatchObject({ Authorization: 'Bearer second' });
  });

  it('counts only dials that fail, not connections that break', async () => {
    const { harness, endpoint } = polled();
    await harness.connected();
    for (let outage = 0; outage < 4; outage += 1) {
      harness.socket.drop();
      await harness.clock.advance(30_000);
      harness.socket.open();
      harness.socket.receive(hello());
      await settle();
      expect(harness.client.connection.get().status).toBe('connected');
    }
    expect(endpoint.asked).toHaveLength(0);
  });

  it('keeps trying the socket, which takes over again', async () => {
    const { harness, endpoint } = polled({ dialect: 'coins' });
    const ticks: number[] = [];
    harness.client.subscribe('coin:bitcoin', (tick) => ticks.push(tick.price));
    const statuses = harness.statuses();
    await failDials(harness, 3);
    await until('the first answer', () => ticks.length === 1);
    const shown = statuses.length;
    const dials = harness.sockets.all.length;
    await harness.clock.advance(3_000);
    expect(harness.sockets.all.length).toBeGreaterThan(dials);
    expect(statuses).toHaveLength(shown);
    harness.socket.open();
    await settle();
    expect(harness.client.connection.get()).toMatchObject({ status: 'connected', transport: 'websocket' });
    const asked = endpoint.asked.length;
    await harness.clock.advance(14_000);
    expect(endpoint.asked).toHaveLength(asked);
    harness.socket.receive(coinPrice('bitcoin', 7));
    expect(ticks).toEqual([100, 7]);
  });

  it('asks again after the interval, give or take a fifth, one request at a time', async () => {
    let random = 0;
    const { harness, endpoint } = polled({
      random: () => random,
    });
    void harness.client.connect().catch(() => undefined);
    await failDials(harness, 3);
    await harness.clock.advance(300);
    const asked = (): number => endpoint.asked.length;
    await until('the first answer', () => harness.client.connection.get().status === 'connected');
    expect(asked()).toBe(1);
    await harness.clock.advance(3_699);
    expect(asked()).toBe(1);
    endpoint.answer = () => new Promise(() => undefined);
    await harness.clock.advance(1);
    expect(asked()).toBe(2);
    random = 0.999;
    await harness.clock.advance(9_999);
    expect(asked()).toBe(2);
    expect(harness.client.connection.get()).toMatchObject({ status: 'connected' });
    await harness.clock.advance(1);
    expect(endpoint.asked[1]?.signal.aborted).toBe(true);
    expect(harness.client.connection.get().status).toBe('connecting');
    await harness.clock.advance(11_990);
    expect(asked()).toBe(2);
    await harness.clock.advance(10);
    expect(asked()).toBe(3);
  });

  it.each<[string, () => Promise<HttpResponse>]>([
    ['an HTTP error', () => Promise.resolve(answerOf('no', 500))],
    ['no connection', () => Promise.reject(new Error('refused'))],
    ['what is no JSON', () => Promise.resolve(answerOf('<html>'))],
    ['another message', () => Promise.resolve(answerOf(coinPrice('bitcoin', 1)))],
    ['an unknown message', () => Promise.resolve(answerOf({ type: 'news' }))],
    ['too much', () => Promise.resolve(answerOf(' '.repeat(1_048_577)))],
    [
      'too much where nothing streams',
      () =>
        Promise.resolve({
          ok: true,
          status: 200,
          headers: new Headers(),
          text: () => Promise.resolve(' '.repeat(1_048_577)),
        }),
    ],
    ['too much that is announced', () => Promise.resolve(answerOf('{}', 200, { 'content-length': '9999999' }))],
    ['what is no response', () => Promise.resolve(undefined as unknown as HttpResponse)],
  ])('shows %s as a state, throws nothing and asks again', async (_what, answer) => {
    const { harness, endpoint } = polled();
    const errors = harness.record('error');
    const ticks: number[] = [];
    harness.client.subscribe('coin:bitcoin', (tick) => ticks.push(tick.price));
    endpoint.answer = answer;
    await failDials(harness, 3);
    await harness.clock.advance(300);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(harness.client.connection.get().status).toBe('connecting');
    expect(ticks).toEqual([]);
    endpoint.answer = () => Promise.resolve(answerOf(priceOf(100, 1)));
    await harness.clock.advance(12_100);
    await until('the price', () => ticks.length === 1);
    endpoint.answer = answer;
    await harness.clock.advance(6_100);
    await until('the loss', () => harness.client.connection.get().status === 'connecting');
    expect(errors).toEqual([]);
  });

  it.each([
    ['120', 120_000],
    ['99999', 300_000],
    ['0', 10_000],
    ['soon', 10_000],
    [new Date(Date.UTC(2026, 0, 1, 0, 5)).toUTCString(), 290_000],
  ])('waits as long as Retry-After says: %s', async (header, leastMs) => {
    const { harness, endpoint } = polled();
    endpoint.answer = () => Promise.resolve(answerOf('busy', 503, { 'retry-after': header }));
    void harness.client.connect().catch(() => undefined);
    await failDials(harness, 3);
    await harness.clock.advance(300);
    await new Promise((resolve) => setTimeout(resolve, 20));
    await harness.clock.advance(leastMs - 1_000);
    expect(endpoint.asked).toHaveLength(1);
    await harness.clock.advance(60_000);
    expect(endpoint.asked.length).toBeGreaterThan(1);
  });

  it('sends the token as a header, never in the address, and asks for another when it is refused', async () => {
    const reasons: string[] = [];
    const { harness, endpoint } = polled({
      token: ({ reason }) => {
        reasons.push(reason);
        return `secret-${reasons.length}`;
      },
    });
    endpoint.answer = () => Promise.resolve(answerOf('no', 401));
    void harness.client.connect().catch(() => undefined);
    await failDials(harness, 3);
    await harness.clock.advance(300);
    endpoint.answer = () => Promise.resolve(answerOf(priceOf(1, 1)));
    await harness.clock.advance(12_100);
    await until('the answer', () => harness.client.connection.get().status === 'connected');
    expect(endpoint.asked.map(({ headers }) => headers['Authorization'])).toEqual([
      'Bearer secret-1',
      'Bearer secret-2',
    ]);
    expect(reasons).toEqual(['initial', 'rejected']);
    expect(endpoint.asked.map(({ url }) => url).join(' ')).not.toContain('secret');
    expect(harness.lines.join(' ')).not.toContain('secret');
  });

  it('leaves out events, confirms what it has, and follows a new epoch', async () => {
    const { harness, endpoint } = polled();
    const ticks: number[] = [];
    const whales: unknown[] = [];
    harness.client.subscribe(['coin:bitcoin', 'metal:gold'], (tick) => ticks.push(tick.price));
    harness.client.subscribe('whales', (message) => whales.push(message));
    const body = (price: number, seq: number, epoch: string): unknown => ({
      type: 'snapshot',
      data: {
        items: [
          { channel: 'coin:bitcoin', epoch, seq, message: coinPrice('bitcoin', price) },
          { channel: 'whales', epoch, seq: 1, message: whale('bitcoin', 1) },
          { channel: 'coin:unwanted', epoch, seq: 1, message: coinPrice('unwanted', 1) },
          { channel: 'coin:bitcoin', epoch, seq: 9, message: { type: 'price_update' } },
          { channel: 'metal:gold', epoch, seq: 1, message: metalPrices({ gold: { price: 'much' } }) },
        ],
      },
    });
    endpoint.answer = () => Promise.resolve(answerOf(body(1, 5, 'e1')));
    await failDials(harness, 3);
    await harness.clock.advance(300);
    await until('the first answer', () => ticks.length === 1);
    for (let poll = 0; poll < 30; poll += 1) {
      await harness.clock.advance(6_000);
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    expect(endpoint.asked.length).toBeGreaterThan(20);
    expect(ticks).toEqual([1]);
    expect(harness.client.prices.get('coin:bitcoin')?.freshness).toBe('fresh');
    endpoint.answer = () => Promise.resolve(answerOf(body(2, 5, 'e2')));
    await harness.clock.advance(6_000);
    await until('the new epoch', () => ticks.length === 2);
    expect(whales).toEqual([]);
    const fresh = [...harness.client.prices.getAll().values()].filter(({ freshness }) => freshness === 'fresh');
    expect(fresh.map(({ channel }) => channel)).toEqual(['coin:bitcoin']);
  });

  it('stops on close, in the middle of a request and of an answer', async () => {
    const { harness, endpoint } = polled();
    const ticks: number[] = [];
    harness.client.subscribe(['coin:bitcoin', 'coin:dogecoin'], (tick) => {
      ticks.push(tick.price);
      void harness.client.close();
    });
    const items = ['bitcoin', 'dogecoin'].map((id) => ({ channel: `coin:${id}`, seq: 1, message: coinPrice(id, 3) }));
    endpoint.answer = () => Promise.resolve(answerOf(snapshot(items)));
    await failDials(harness, 3);
    await until('the close', () => harness.client.connection.get().status === 'closed');
    await harness.clock.advance(120_000);
    expect(ticks).toEqual([3]);
    expect(endpoint.asked).toHaveLength(1);
    endpoint.answer = () => new Promise(() => undefined);
    void harness.client.connect().catch(() => undefined);
    await failDials(harness, 3);
    await harness.client.close();
    expect(endpoint.asked).toHaveLength(2);
    expect(endpoint.asked[1]?.signal.aborted).toBe(true);
    expect(harness.clock.pending).toBe(0);
  });

  it('rests while the machine is offline', async () => {
    const { harness, endpoint } = polled();
    void harness.client.connect().catch(() => undefined);
    await failDials(harness, 3);
    harness.environment.change({ online: false });
    await harness.clock.advance(40_000);
    expect(harness.client.connection.get()).toEqual({ status: 'paused', reason: 'offline' });
    expect(endpoint.asked).toHaveLength(1);
  });
});

describe('without any WebSocket', () => {
  const options: ClientOptions = { WebSocket: undefined };
  afterEach(() => {
    noWebSocket.on = false;
  });

  it('a client without a fallback fails with UNAVAILABLE', async () => {
    noWebSocket.on = true;
    const harness = new Harness(options);
    await expect(harness.client.connect()).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });

  it('a client with one polls at once, and takes a WebSocket when there is one', async () => {
    noWebSocket.on = true;
    const { harness } = polled(options);
    await harness.client.connect();
    expect(harness.client.connection.get()).toMatchObject({ transport: 'polling' });
    await harness.clock.advance(120_000);
    expect(harness.client.connection.get()).toMatchObject({ transport: 'polling' });
    await harness.client.close();
  });
});

describe('on a real endpoint', () => {
  async function endpointOf(listener: RequestListener): Promise<{ url: string; server: Server }> {
    const server = createServer(listener);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    undo.push(
      () => new Promise<void>((resolve) => server.close(() => resolve())),
      () => server.closeAllConnections(),
    );
    return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/prices`, server };
  }

  it('follows no redirect and carries no token away', async () => {
    const elsewhere: IncomingHttpHeaders[] = [];
    const other = await endpointOf((request, response) => {
      elsewhere.push(request.headers);
      response.end('{}');
    });
    let asked = 0;
    const { url } = await endpointOf((_request, response) => {
      asked += 1;
      response.writeHead(302, { Location: other.url }).end();
    });
    const harness = new Harness({ token: 'secret', fallback: { url } });
    undo.push(() => harness.client.close());
    void harness.client.connect().catch(() => undefined);
    await failDials(harness, 3);
    await until('the request', () => asked === 1);
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(elsewhere).toEqual([]);
    expect(harness.client.connection.get().status).toBe('reconnecting');
  });

  it('gives up a body that never ends at the limit', async () => {
    let sent = 0;
    const { url } = await endpointOf((_request, response) => {
      const more = (): void => {
        while (!response.destroyed && sent < 64 * 1_048_576) {
          sent += 65_536;
          if (!response.write(Buffer.alloc(65_536, 32))) break;
        }
      };
      response.on('drain', more);
      more();
    });
    const harness = new Harness({ fallback: { url } });
    undo.push(() => harness.client.close());
    void harness.client.connect().catch(() => undefined);
    await failDials(harness, 3);
    await until('the limit', () => sent > 1_048_576);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(sent).toBeLessThan(16 * 1_048_576);
  });

  it.each([
    [{ url: 'ftp://a' }],
    [{ url: 'https://user:pass@a/' }],
    [{ url: '/prices' }],
    [{ url: 'https://a', intervalMs: 1 }],
    [{ url: 'https://a', afterAttempts: 0 }],
  ])('%j is refused as a fallback', (wrong) => {
    expect(() => new Harness({ fallback: wrong })).toThrow(expect.objectContaining({ code: 'CONFIGURATION' }));
  });
});
