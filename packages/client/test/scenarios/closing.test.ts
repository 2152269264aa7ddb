import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { WebSocket as WsWebSocket } from 'ws';
import { FakeClock, FakeEnvironment, hello, settle, until, type Script } from '@tickwire/testing';
import type { PriceWebSocketClient } from '@tickwire/client';
import { Harness } from '../harness.js';
import { begin, countedWebSocket, staged } from './stage.js';

const stage = staged();

/** Greets, accepts every token, acks nothing else. */
const greeting: Script = {
  connected: (peer) => peer.send(hello()),
  received: (peer, { type, id }) => {
    if (type === 'authenticate') peer.send({ type: 'ack', id, op: 'authenticate', data: { userId: '1' } });
  },
};

const statusOf = (client: PriceWebSocketClient): string => client.connection.get().status;

describe('close() with connect() right after', () => {
  const states = ['idle', 'connecting', 'authenticating', 'connected', 'reconnecting', 'closing', 'paused', 'moving'];

  it.each(states)('from %s leaves one connection, and close() then leaves nothing', async (state) => {
    const server = await stage().server(greeting);
    const proxy = await stage().proxy(server.port);
    const environment = new FakeEnvironment();
    const { WebSocket, made } = countedWebSocket();
    let asked = 0;
    const client = stage().client(proxy.url, {
      WebSocket,
      environment,
      reconnect: { minDelayMs: 30_000, baseDelayMs: 30_000 },
      // The first call is never answered where somebody waits for it.
      token: () => ((asked += 1) === 1 && state === 'authenticating' ? new Promise<string>(() => undefined) : 'secret'),
    });
    const connect = async (): Promise<void> => {
      await client.connect();
      await until('the authentication', () => {
        const connection = client.connection.get();
        return connection.status === 'connected' && connection.authenticated;
      });
    };
    if (state === 'connecting') {
      proxy.acceptSilent();
      begin(client);
      await until('the dial', () => proxy.counters.accepted === 1);
      proxy.acceptSilent(false);
    } else if (state === 'authenticating') {
      await client.connect();
      await until('the question', () => asked === 1);
    } else if (state !== 'idle') await connect();
    if (state === 'reconnecting' || state === 'paused') {
      if (state === 'paused') environment.change({ visible: false });
      proxy.reset();
      await until('the loss', () => statusOf(client) === state);
      environment.change({ visible: true }, { silently: true });
    }
    if (state === 'closing') void client.close();
    if (state === 'moving') {
      proxy.acceptSilent();
      server.last.send({ type: 'going_away', data: { reason: 'deploy', reconnectAfterMs: 250, deadlineMs: 60_000 } });
      await until('the second dial', () => made.length === 2);
      proxy.acceptSilent(false);
    }

    const closed = client.close();
    expect(statusOf(client)).toBe('closed');
    expect(made.filter(({ readyState }) => readyState <= WsWebSocket.OPEN)).toHaveLength(0);
    await connect();
    await closed;
    await until('the others to be gone', () => server.open === 1);
    expect(made.filter(({ readyState }) => readyState <= WsWebSocket.CLOSING)).toHaveLength(1);
    expect(environment.listeners).toBe(1);

    await client.close();
    expect(statusOf(client)).toBe('closed');
    expect(environment.listeners).toBe(0);
    await until('the server to be rid of it', () => server.open === 0);
  });
});

describe('whatever is called in whatever order', () => {
  type Deed = 'connect' | 'close' | 'open' | 'greet' | 'drop' | 'fatal' | 'offline' | 'online' | 'second' | 'minute';
  const deeds: Deed[] = ['connect', 'close', 'open', 'greet', 'drop', 'fatal', 'offline', 'online', 'second', 'minute'];

  async function act(deed: Deed, { client, sockets, clock, environment }: Harness): Promise<void> {
    if (deed === 'connect') begin(client);
    else if (deed === 'close') void client.close();
    else if (deed === 'offline') environment.change({ online: false });
    else if (deed === 'online') environment.change({ online: true });
    else if (deed === 'second') await clock.advance(1_000);
    else if (deed === 'minute') await clock.advance(60_000);
    else if (sockets.all.length === 0) return;
    else if (deed === 'open') sockets.last.open();
    else if (deed === 'greet') sockets.last.receive(hello());
    else sockets.last.drop(deed === 'fatal' ? 4403 : 1006);
  }

  it('there is one socket at most, and close() leaves no timer, listener or socket', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.constantFrom(...deeds), { maxLength: 30 }), fc.boolean(), async (sequence, asks) => {
        const never = (): Promise<string> => new Promise(() => undefined);
        const harness = new Harness(asks ? { token: never } : {});
        const { client, sockets, clock, environment } = harness;
        let mayConnect = false;
        for (const deed of sequence) {
          if (deed === 'connect') mayConnect = true;
          if (deed === 'close') mayConnect = false;
          await act(deed, harness);
          expect(sockets.alive).toBeLessThanOrEqual(1);
          if (!mayConnect) expect(sockets.alive).toBe(0);
        }
        await settle();
        const last = statusOf(client);
        if (!mayConnect) expect(['idle', 'closed']).toContain(last);
        const closed = client.close();
        await clock.advance(3_000);
        await closed;
        expect(statusOf(client)).toBe('closed');
        expect([sockets.alive, clock.pending, environment.listeners]).toEqual([0, 0, 0]);
      }),
      { numRuns: 500 },
    );
  });
});

describe('a server that never answers a close', () => {
  it('is not waited for: closed at once for the user, over after 3 s, and nothing is heard of it any more', async () => {
    const clock = new FakeClock();
    const server = await stage().server(greeting);
    const { WebSocket, made } = countedWebSocket();
    const client = stage().client(server.url, { clock, WebSocket });
    await client.connect();
    const heard: unknown[] = [];
    client.on('announcement', (message) => heard.push(message));
    server.last.freeze();
    let over = false;
    const closed = client.close().then(() => {
      over = true;
    });
    expect(statusOf(client)).toBe('closed');
    server.last.send({ type: 'announcement', data: { message: 'too late' } });
    await clock.advance(2_999);
    expect(over).toBe(false);
    expect(made[0]?.readyState).toBe(WsWebSocket.CLOSING);
    await clock.advance(1);
    await closed;
    await until('the socket to be destroyed', () => made[0]?.readyState === WsWebSocket.CLOSED);
    expect(heard).toEqual([]);
    expect(clock.pending).toBe(0);
    server.last.socket.terminate();
  });
});

describe('what a socket is closed with', () => {
  it('is a code and a reason that every platform takes, whoever is the cause', async () => {
    const refused: unknown[] = [];
    const closes: (number | undefined)[] = [];
    /** As strict as browsers are. */
    const strict = class extends WsWebSocket {
      override close(code?: number, reason = ''): void {
        // The package closes once more by itself when it is answered.
        if (this.readyState > WsWebSocket.OPEN) {
          super.close(code, reason);
          return;
        }
        closes.push(code);
        const isFree = code === undefined || code === 1000 || (code >= 3000 && code <= 4999);
        if (!isFree || Buffer.byteLength(reason) > 123) {
          refused.push(code);
          throw new DOMException('refused', 'InvalidAccessError');
        }
        super.close(code, reason);
      }
    };
    const clock = new FakeClock();
    const server = await stage().server(greeting);
    const proxy = await stage().proxy(server.port);
    const client = stage().client(proxy.url, { clock, WebSocket: strict, random: () => 0 });
    const connected = (): Promise<void> => until('the connection', () => statusOf(client) === 'connected');
    // A dial that takes too long.
    proxy.acceptSilent();
    begin(client);
    await until('the dial', () => proxy.counters.accepted === 1);
    await clock.advance(10_000);
    proxy.acceptSilent(false);
    await clock.advance(250);
    await connected();
    // A peer that is dead.
    proxy.stall('down');
    await clock.advance(20_000);
    await clock.advance(1_000);
    await connected();
    // A server that sends rubbish.
    for (let n = 0; n < 20; n += 1) server.last.send('rubbish');
    await until('the end of patience', () => statusOf(client) === 'reconnecting');
    await clock.advance(5_000);
    await connected();
    // A server that goes away, and a user who does.
    const before = server.peers.length;
    const { messages } = client.stats();
    server.last.send({ type: 'going_away', data: { reason: 'deploy', reconnectAfterMs: 250, deadlineMs: 10_000 } });
    await until('the word', () => client.stats().messages > messages);
    await clock.advance(2_000);
    await until('the move', () => server.peers.length > before);
    await until('the end of the old one', () => closes.length >= 4);
    const closed = client.close();
    await clock.advance(3_000);
    await closed;
    expect(refused).toEqual([]);
    expect(closes).toEqual([4000, 4000, 4000, 1000, 1000]);
  });
});

describe('a socket that is closing and has not said so', () => {
  it('loses nothing that is sent meanwhile: channels are asked for again, requests are told', async () => {
    const harness = await new Harness().connected();
    const { client, clock, socket } = harness;
    const { sent } = client.stats();
    socket.readyState = 2;
    const before = socket.sent.length;
    client.subscribe('coin:bitcoin', () => undefined);
    const asked = client.history('whales').catch((error: unknown) => error);
    await settle();
    expect(socket.sent).toHaveLength(before);
    expect(client.stats().sent).toBe(sent);
    socket.drop(1006);
    expect(await asked).toMatchObject({ code: 'CONNECT_FAILED', retryable: true });
    await clock.advance(1_000);
    harness.socket.open();
    harness.socket.receive(hello());
    await settle();
    expect(harness.socket.taken()).toMatchObject([
      { type: 'hello' },
      { type: 'subscribe', data: { channels: [{ channel: 'coin:bitcoin' }] } },
    ]);
    await client.close();
  });
});
