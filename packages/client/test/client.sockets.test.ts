import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket as WsWebSocket } from 'ws';
import {
  coinPrice,
  coinsAck,
  coinsWelcome,
  FakeClock,
  hello,
  metalPrices,
  ScriptedServer,
  snapshot,
  subscribeAck,
  until,
  type Script,
} from '@tickwire/testing';
import { PriceWebSocketClient, type ClientOptions, type PriceStreamError, type PriceTick } from '@tickwire/client';

const undo: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const each of undo.splice(0).reverse()) await each();
});

async function serverOf(script: Script, port = 0): Promise<ScriptedServer> {
  const server = await ScriptedServer.start(script, port);
  undo.push(() => server.stop());
  return server;
}

function clientOf(url: string, options: ClientOptions = {}): PriceWebSocketClient {
  const client = new PriceWebSocketClient(url, { reconnect: { minDelayMs: 10, baseDelayMs: 20 }, ...options });
  undo.push(() => client.close());
  return client;
}

/** A `tickwire` server: greets, acks, and sends a snapshot of 100 for everything. */
const tickwire: Script = {
  connected: (peer) => peer.send(hello()),
  received: (peer, message) => {
    if (message['type'] === 'ping') peer.send({ type: 'pong', id: message['id'], ts: Date.now(), echo: message['ts'] });
    if (message['type'] !== 'subscribe') return;
    const { channels } = message['data'] as { channels: { channel: string }[] };
    const names = channels.map((each) => each.channel);
    peer.send(subscribeAck(message['id'], names));
    peer.send(snapshot(names.map((channel) => ({ channel, seq: 1, message: coinPrice(channel.slice(5), 100) }))));
  },
};

/** An older coins backend: everything is a price_update, decimals are strings. */
const olderCoins: Script = {
  connected: (peer) => peer.send(coinsWelcome()),
  received: (peer, message) => {
    const { coinId = '' } = (message['data'] ?? {}) as { coinId?: string };
    if (message['type'] === 'ping') peer.send({ type: 'price_update', data: { type: 'pong' } });
    if (message['type'] === 'unsubscribe') peer.send(coinsAck('unsubscribe', coinId));
    if (message['type'] !== 'subscribe') return;
    peer.send(coinsAck('subscribe', coinId));
    peer.send(coinPrice(coinId, '0.1234500000'));
  },
};

/** An older metals backend: a snapshot on connect, no acks, 10 messages a minute. */
function olderMetals(): Script {
  const counts = new Map<unknown, number>();
  return {
    connected: (peer) => peer.send(metalPrices({ gold: 10, silver: 20, platinum: 30 })),
    received: (peer, message) => {
      const count = (counts.get(peer) ?? 0) + 1;
      counts.set(peer, count);
      if (count > 10) peer.socket.close(1008, 'Rate limit exceeded');
      else if (message['type'] === 'ping') peer.send({ type: 'pong' });
    },
  };
}

describe('a client on a real server', () => {
  it('connects, subscribes and delivers ticks', async () => {
    const server = await serverOf(tickwire);
    const client = clientOf(server.url);
    const ticks: PriceTick[] = [];
    const subscription = client.subscribe('coin:bitcoin', (tick) => ticks.push(tick));
    await expect(subscription.ready()).resolves.toEqual({ confirmed: true });
    await until('the snapshot', () => ticks.length === 1);
    server.last.send(coinPrice('bitcoin', '101.5', { sub: 'coin:bitcoin', seq: 2, epoch: 'e1' }));
    await until('the next tick', () => ticks.length === 2);
    expect(ticks[1]).toMatchObject({
      channel: 'coin:bitcoin',
      price: 101.5,
      direction: 'up',
      seq: 2,
      freshness: 'fresh',
    });
    expect(client.prices.get('coin:bitcoin')).toBe(ticks[1]);
    expect(server.last.types).toEqual(['hello', 'subscribe']);
  });

  it('comes back after the server was killed and started again, and resubscribes once', async () => {
    const first = await ScriptedServer.start(tickwire);
    const client = clientOf(first.url);
    const ticks: number[] = [];
    client.subscribe('coin:bitcoin', (tick) => ticks.push(tick.price));
    client.subscribe(['coin:dogecoin', 'whales'], () => undefined);
    await until('the first snapshot', () => ticks.length === 1);
    await first.stop();
    await until('the loss to be noticed', () => client.connection.get().status === 'reconnecting');
    const second = await serverOf(tickwire, first.port);
    await until('the second snapshot', () => ticks.length === 2);
    const subscribes = second.last.received.filter((message) => message['type'] === 'subscribe');
    expect(subscribes).toMatchObject([
      { data: { channels: [{ channel: 'coin:bitcoin' }, { channel: 'coin:dogecoin' }, { channel: 'whales' }] } },
    ]);
    expect(second.open).toBe(1);
  });

  it('notices a link that is open and dead', async () => {
    const server = await serverOf(tickwire);
    const client = clientOf(server.url, { heartbeat: { idleMs: 100, timeoutMs: 300 } });
    const causes: unknown[] = [];
    client.on('connection', (connection) => {
      if (connection.status === 'reconnecting') causes.push(connection.cause?.code);
    });
    await client.connect();
    server.last.freeze();
    await until(
      'a second connection',
      () => server.peers.length === 2 && client.connection.get().status === 'connected',
    );
    expect(causes[0]).toBe('HEARTBEAT_TIMEOUT');
    server.peers[0]?.socket.terminate();
  });

  it('keeps a quiet link whose server answers pings, and knows its round trip', async () => {
    const server = await serverOf(tickwire);
    const client = clientOf(server.url, { heartbeat: { idleMs: 30, timeoutMs: 2_000 } });
    await client.connect();
    await until('five pings', () => server.last.types.filter((type) => type === 'ping').length >= 5);
    expect(server.peers).toHaveLength(1);
    expect(client.stats().rttMs).toBeGreaterThanOrEqual(0);
    expect(client.stats().clockOffsetMs).toBeLessThan(1_000);
  });

  it('gives up an upgrade that is never answered, in time, and tries again', async () => {
    const server = await serverOf({ mute: true });
    const client = clientOf(server.url, { connectTimeoutMs: 80 });
    void client.connect().catch(() => undefined);
    await until('the second attempt', () => client.stats().reconnects >= 1);
    expect(server.peers).toHaveLength(0);
  });

  it('retries a server that is not there, with a cause that tells no address', async () => {
    const gone = await ScriptedServer.start();
    await gone.stop();
    const client = clientOf(`${gone.url}/?secret=1`);
    void client.connect().catch(() => undefined);
    const causes: unknown[] = [];
    client.on('connection', (connection) => {
      if (connection.status === 'reconnecting') causes.push(connection.cause?.message, connection.cause?.cause);
    });
    await until('two retries', () => client.stats().reconnects >= 2);
    expect(causes.length).toBeGreaterThan(0);
    expect(causes.join(' ')).not.toContain('secret');
  });

  it.each([
    ['one address', ['127.0.0.1']],
    ['several addresses', ['127.0.0.1', '127.0.0.2']],
  ])('F19: says ECONNREFUSED and what to do where nothing listens: %s', async (_which, addresses) => {
    const gone = await ScriptedServer.start();
    await gone.stop();
    /** A name that has these addresses, as localhost has two on many machines. */
    const lookup = (_name: string, _options: unknown, found: (error: null, list: unknown[]) => void): void =>
      found(
        null,
        addresses.map((address) => ({ address, family: 4 })),
      );
    class Named extends WsWebSocket {
      constructor(url: string, protocols?: string | string[]) {
        super(url, protocols, { lookup, autoSelectFamily: true } as object);
      }
    }
    const client = clientOf(gone.url.replace('127.0.0.1', 'prices.test'), { WebSocket: Named });
    const causes: (PriceStreamError | null)[] = [];
    client.on('connection', (connection) => {
      if (connection.status === 'reconnecting') causes.push(connection.cause);
    });
    void client.connect().catch(() => undefined);
    await until('three refusals', () => causes.length >= 3);
    for (const cause of causes) {
      expect(cause?.message).toMatch(/ECONNREFUSED.*is the server running/);
      expect(cause?.message).not.toContain('origin');
      expect(cause?.cause).toMatch(/^connect ECONNREFUSED 127\.0\.0\.1:\d+$/);
    }
  });

  it('closes while connecting, leaving nothing on the server', async () => {
    const server = await serverOf(tickwire);
    const client = clientOf(server.url);
    void client.connect().catch(() => undefined);
    await client.close();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(server.open).toBe(0);
    expect(client.connection.get()).toMatchObject({ status: 'closed' });
  });

  it('closes in time though the server has stopped reading', async () => {
    const server = await serverOf(tickwire);
    const clock = new FakeClock();
    const client = clientOf(server.url, { clock });
    await client.connect();
    server.last.freeze();
    const closed = client.close();
    await clock.advance(3_000);
    await closed;
    expect(clock.pending).toBe(0);
  });

  it('sends headers and subprotocols where the package connects', async () => {
    let offered: unknown;
    let authorization: unknown;
    const Spy = class extends WsWebSocket {
      constructor(url: string, protocols?: string | string[], options?: { headers?: Record<string, string> }) {
        super(url, protocols ?? [], options);
        [offered, authorization] = [protocols, options?.headers?.['Authorization']];
      }
    };
    const server = await serverOf(tickwire);
    const client = clientOf(server.url, {
      WebSocket: Spy,
      protocols: ['tickwire-v1'],
      headers: { Authorization: 'Bearer x' },
      onClose: () => 'stop',
    });
    void client.connect().catch(() => undefined);
    await until('the attempt', () => client.connection.get().status !== 'connecting');
    expect([offered, authorization]).toEqual([['tickwire-v1'], 'Bearer x']);
  });
});

describe('a client on an older coins backend', () => {
  it('speaks its dialect without being told: acks, string decimals, pongs in disguise', async () => {
    const server = await serverOf(olderCoins);
    const client = clientOf(server.url, { heartbeat: { idleMs: 30, timeoutMs: 2_000 }, lingerMs: 0 });
    const invalid: unknown[] = [];
    client.on('invalid', (event) => invalid.push(event));
    const subscription = client.subscribe(['coin:dogecoin', 'whales:dogecoin'], () => undefined);
    await expect(subscription.ready()).resolves.toEqual({ confirmed: true });
    await until('the price', () => client.prices.get('coin:dogecoin')?.price === 0.12345);
    expect(client.connection.get()).toMatchObject({ dialect: 'coins' });
    await until('three pings', () => server.last.types.filter((type) => type === 'ping').length >= 3);
    subscription.unsubscribe();
    await until('the unsubscribe', () => server.last.types.includes('unsubscribe'));
    expect(server.last.types.filter((type) => type === 'subscribe')).toHaveLength(1);
    expect(server.peers).toHaveLength(1);
    expect(invalid).toEqual([]);
  });

  it('reconnects without waiting for the first frame', async () => {
    const server = await serverOf(olderCoins);
    const client = clientOf(server.url, { negotiateMs: 5_000 });
    await client.subscribe('coin:bitcoin', () => undefined).ready();
    server.last.socket.terminate();
    await until('the second subscribe', () => server.peers[1]?.types.includes('subscribe') === true);
  });
});

describe('a client on an older metals backend', () => {
  it('takes the snapshot on connect, filters on its side and stays within the rate', async () => {
    const server = await serverOf(olderMetals());
    const client = clientOf(server.url, { lingerMs: 0 });
    const ticks: string[] = [];
    client.on('price', (tick) => ticks.push(tick.channel));
    const gold = client.subscribe('metal:gold', () => undefined);
    await expect(gold.ready()).resolves.toEqual({ confirmed: true });
    expect(client.connection.get()).toMatchObject({ dialect: 'metals' });
    expect(ticks).toEqual(['metal:gold']);
    for (let toggle = 0; toggle < 20; toggle += 1) {
      client.subscribe(`metal:m${toggle}`, () => undefined);
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(server.last.received.length).toBeLessThanOrEqual(8);
    expect(server.peers).toHaveLength(1);
    expect(client.connection.get().status).toBe('connected');
  });

  it('waits a minute when it is told that its rate was too high', async () => {
    const server = await serverOf({ connected: (peer) => peer.socket.close(1008, 'Rate limit exceeded') });
    const client = clientOf(server.url, { dialect: 'metals' });
    const began = Date.now();
    void client.connect().catch(() => undefined);
    await until('the close', () => client.connection.get().status === 'reconnecting');
    const connection = client.connection.get();
    expect(connection.status === 'reconnecting' && connection.retryAt - began).toBeGreaterThanOrEqual(60_000);
  });
});
