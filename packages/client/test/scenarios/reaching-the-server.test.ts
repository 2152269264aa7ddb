import { createServer, type AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { WebSocket as WsWebSocket } from 'ws';
import { FakeClock, FakeEnvironment, hello, until } from '@tickwire/testing';
import { PriceStreamError } from '@tickwire/client';
import { retryDelayMs } from '../../src/kernel/verdicts.js';
import { Harness } from '../harness.js';
import { begin, causesOf, pause, quickly, staged, statesOf } from './stage.js';

const stage = staged();
const defaults = { minDelayMs: 250, baseDelayMs: 1_000, maxDelayMs: 30_000, maxAttempts: Infinity, stableAfterMs: 0 };

/** Everything that an error says of itself and of what led to it, as one text. */
function allTextOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return [error.message, error.stack, JSON.stringify(error), allTextOf(error.cause)].join('\n');
}

describe('a server that refuses TCP', () => {
  it('is tried for as long as it takes, each time within the bounds of the back-off', async () => {
    const server = await stage().server({ connected: (peer) => peer.send(hello()) });
    const proxy = await stage().proxy(server.port);
    proxy.refuse();
    const client = stage().client(proxy.url);
    const delays: number[] = [];
    client.on('connection', (connection) => {
      if (connection.status === 'reconnecting') delays.push(connection.retryAt - Date.now());
    });
    begin(client);
    await until('twelve attempts', () => delays.length >= 12);
    for (const [n, delay] of delays.entries()) {
      expect(delay).toBeLessThanOrEqual(Math.min(quickly.maxDelayMs, quickly.baseDelayMs * 2 ** n));
    }
    await proxy.accept();
    await until('the connection', () => client.connection.get().status === 'connected');
    expect(server.peers).toHaveLength(1);
  });

  it('is tried after 250 ms at the earliest and min(30 s, 1 s · 2ⁿ) at the latest, in 100,000 samples', () => {
    const outside: string[] = [];
    const means = new Array<number>(10).fill(0);
    for (let sample = 0; sample < 100_000; sample += 1) {
      const n = sample % means.length;
      const delayMs = retryDelayMs(defaults, n, Math.random());
      means[n] = (means[n] ?? 0) + delayMs / 10_000;
      if (delayMs < 250 || delayMs > Math.min(30_000, 1_000 * 2 ** n)) outside.push(`${n}: ${delayMs}`);
    }
    expect(outside).toEqual([]);
    // Full jitter: the mean is the middle of the span, so that it grows with the ceiling.
    for (const [n, mean] of means.entries()) {
      const middle = (250 + Math.min(30_000, 1_000 * 2 ** n)) / 2;
      expect(Math.abs(mean - middle) / middle).toBeLessThan(0.05);
    }
  });
});

describe('a server that takes the connection', () => {
  it('and never answers the upgrade is given up after 10 s and dialled again', async () => {
    const clock = new FakeClock();
    const server = await stage().server({ connected: (peer) => peer.send(hello()) });
    const proxy = await stage().proxy(server.port);
    proxy.acceptSilent();
    const client = stage().client(proxy.url, { clock, random: () => 0 });
    const causes = causesOf(client);
    begin(client);
    await until('the first dial', () => proxy.counters.accepted === 1);
    await clock.advance(9_999);
    expect(client.connection.get().status).toBe('connecting');
    await clock.advance(1);
    expect(causes).toEqual(['CONNECT_TIMEOUT']);
    await until('the first socket to go', () => proxy.counters.open === 0);
    proxy.acceptSilent(false);
    await clock.advance(250);
    await until('the second dial to succeed', () => client.connection.get().status === 'connected');
    expect(proxy.counters).toMatchObject({ accepted: 2, mostOpen: 1 });
  });

  it('and upgrades but never greets is given up after 10 s where a greeting is due', async () => {
    const clock = new FakeClock();
    const server = await stage().server();
    const client = stage().client(server.url, { clock, dialect: 'tickwire' });
    const causes = causesOf(client);
    begin(client);
    await until('the upgrade', () => server.open === 1);
    await clock.advance(9_999);
    expect(client.connection.get().status).toBe('connecting');
    await clock.advance(1);
    expect(causes).toEqual(['CONNECT_TIMEOUT']);
  });
});

describe('an upgrade that is answered late', () => {
  it('by 9 s still leads to a connection', async () => {
    const clock = new FakeClock();
    const server = await stage().server({ connected: (peer) => peer.send(hello()) });
    const proxy = await stage().proxy(server.port, { clock });
    proxy.delayUpgrade(9_000);
    const client = stage().client(proxy.url, { clock });
    begin(client);
    await until('the answer to be held', () => proxy.heldBytes > 0);
    await clock.advance(8_999);
    expect(client.connection.get().status).toBe('connecting');
    await clock.advance(1);
    await until('the connection', () => client.connection.get().status === 'connected');
    expect(proxy.counters.accepted).toBe(1);
  });

  /** A platform that cannot give up a handshake: whatever is closed while connecting opens all the same. */
  const stubborn = class extends WsWebSocket {
    override close(code?: number, reason?: string): void {
      if (this.readyState !== WsWebSocket.CONNECTING) super.close(code, reason);
    }
  };

  it.each([
    { platform: 'the ws package', WebSocket: WsWebSocket },
    { platform: 'one that opens what was closed', WebSocket: stubborn },
  ])('by 11 s is not waited for: the abandoned socket says and leaves nothing ($platform)', async ({ WebSocket }) => {
    const clock = new FakeClock();
    let greeted = 0;
    const server = await stage().server({
      connected: (peer) => {
        greeted += 1;
        peer.send(hello());
        peer.send({ type: 'announcement', data: { message: `connection ${greeted}` } });
      },
    });
    const proxy = await stage().proxy(server.port, { clock });
    proxy.delayUpgrade(11_000);
    const client = stage().client(proxy.url, { clock, WebSocket, random: () => 0 });
    const heard: unknown[] = [];
    client.on('announcement', (message) => heard.push(message.data));
    const causes = causesOf(client);
    begin(client);
    await until('the answer to be held', () => proxy.heldBytes > 0);
    await clock.advance(10_000);
    expect(causes).toEqual(['CONNECT_TIMEOUT']);
    proxy.delayUpgrade(0);
    await clock.advance(1_000);
    await until('the second connection', () => client.connection.get().status === 'connected');
    await until('its announcement', () => heard.length > 0);
    await until('the first one to be gone from the server', () => server.open === 1);
    await pause(20);
    expect(heard).toEqual([{ message: `connection ${greeted}` }]);
    expect(client.connection.get().status).toBe('connected');
  });
});

describe('a network that comes back', () => {
  it('is dialled at once, whatever the back-off was', async () => {
    const server = await stage().server({ connected: (peer) => peer.send(hello()) });
    const environment = new FakeEnvironment();
    const client = stage().client(server.url, {
      environment,
      reconnect: { minDelayMs: 600_000, baseDelayMs: 600_000, maxDelayMs: 600_000 },
    });
    await client.connect();
    environment.change({ visible: false }, { silently: true });
    server.last.socket.terminate();
    await until('the pause', () => client.connection.get().status === 'paused');
    expect(client.connection.get()).toEqual({ status: 'paused', reason: 'hidden' });
    environment.change({ visible: true });
    await until('the connection', () => client.connection.get().status === 'connected');
    expect(server.peers).toHaveLength(2);
  });

  it('to a link that is found dead, or closed, after the wake-up has it replaced at once and once only', async () => {
    for (const closes of [true, false]) {
      const harness = await new Harness({ random: () => 0.99 }).connected();
      const { client, clock, environment, sockets, socket } = harness;
      // The back-off has grown.
      for (let loss = 0; loss < 6; loss += 1) {
        sockets.last.drop(1006);
        while (sockets.all.length < loss + 2) await clock.advance(250);
        sockets.last.open();
        sockets.last.receive(hello());
      }
      expect(sockets.all).toHaveLength(7);
      await clock.advance(1_500);
      expect(client.connection.get().status).toBe('connected');
      environment.resume();
      if (closes) sockets.last.drop(1006);
      await clock.advance(closes ? 1 : 3_001);
      expect(sockets.all).toHaveLength(8);
      sockets.last.drop(1006);
      await clock.advance(5_000);
      expect(sockets.all).toHaveLength(8);
      expect(socket.readyState).toBe(3);
      await client.close();
    }
  });

  it('again and again is dialled at most once a second', async () => {
    const clock = new FakeClock();
    const environment = new FakeEnvironment();
    const server = await stage().server();
    await server.stop();
    const dialledAt: number[] = [];
    const url = (): string => {
      dialledAt.push(clock.monotonic());
      return server.url;
    };
    const reconnect = { minDelayMs: 600_000, baseDelayMs: 600_000, maxDelayMs: 600_000 };
    const client = stage().client(url, { clock, environment, reconnect });
    begin(client);
    await until('the first refusal', () => client.connection.get().status !== 'connecting');
    for (let toggle = 0; toggle < 50; toggle += 1) {
      const before = dialledAt.length;
      environment.change({ online: false });
      environment.change({ online: true });
      await clock.advance(100);
      // A refusal takes real time to come back.
      if (dialledAt.length > before) {
        await until('the refusal', () => client.connection.get().status !== 'connecting');
      }
    }
    expect(dialledAt.length).toBeGreaterThanOrEqual(4);
    for (const [index, at] of dialledAt.entries()) {
      if (index > 0) expect(at - (dialledAt[index - 1] ?? 0)).toBeGreaterThanOrEqual(1_000);
    }
  });
});

describe('a name that does not resolve, or a server without TLS', () => {
  const secret = 'token-4711';
  const failing = class extends WsWebSocket {
    constructor(url: string, protocols?: string | string[]) {
      super(url, protocols ?? [], {
        lookup: (hostname, _options, callback) => {
          const error = Object.assign(new Error(`getaddrinfo ENOTFOUND ${hostname}`), { code: 'ENOTFOUND' });
          process.nextTick(() => callback(error, '', 4));
        },
      });
    }
  };

  it.each([
    { fault: 'DNS', url: (): string => `ws://nobody.invalid/ws?key=${secret}`, WebSocket: failing },
    { fault: 'TLS', url: (port: number): string => `wss://127.0.0.1:${port}/ws?key=${secret}`, WebSocket: undefined },
  ])('is CONNECT_FAILED and tells neither the query nor the token ($fault)', async ({ url, WebSocket }) => {
    const plain = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.resume().end('HTTP/1.1 400 Bad Request\r\n\r\n');
    });
    await new Promise<void>((resolve) => plain.listen(0, '127.0.0.1', resolve));
    stage().later(() => new Promise((resolve) => plain.close(resolve)));
    const lines: string[] = [];
    const client = stage().client(url((plain.address() as AddressInfo).port), {
      token: secret,
      logger: { debug: (line) => lines.push(line) },
      ...(WebSocket === undefined ? {} : { WebSocket }),
    });
    const errors: PriceStreamError[] = [];
    client.on('error', (error) => errors.push(error));
    const states = statesOf(client);
    begin(client);
    await until('two failures', () => states.filter(({ status }) => status === 'reconnecting').length >= 2);
    const causes = states.map((state) => (state.status === 'reconnecting' ? state.cause : null));
    for (const cause of causes.filter((each) => each !== null)) {
      expect(cause).toBeInstanceOf(PriceStreamError);
      expect(cause).toMatchObject({ code: 'CONNECT_FAILED', retryable: true });
    }
    const said = [...causes, ...errors].map(allTextOf).join('\n') + lines.join('\n') + JSON.stringify(client.inspect());
    expect(said).not.toContain(secret);
    expect(said).not.toContain('key=');
  });
});
