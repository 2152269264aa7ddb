import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { classifyPriceUpdate, coinQuote, type CoinPriceMessage } from '@tickwire/protocol';
import { CoinsBackend, LeakCheck, type CoinsBackendOptions } from '@tickwire/lab';
import { FakeClock, until } from '@tickwire/testing';
import { BackendClient } from './backend-client.js';

const minute = 60_000;
let check: LeakCheck;
let clock: FakeClock;
let backend: CoinsBackend;
let clients: BackendClient[] = [];

beforeEach(() => {
  check = LeakCheck.start();
  clock = new FakeClock();
  clients = [];
});

afterEach(async () => {
  for (const client of clients) client.socket.terminate();
  await backend.stop();
  expect(clock.pending).toBe(0);
  expect(clients.flatMap((client) => client.undecodable)).toEqual([]);
  await check.end();
});

async function connected(options: CoinsBackendOptions = {}): Promise<BackendClient> {
  backend = await CoinsBackend.start({ clock, ...options });
  return another();
}

async function another(): Promise<BackendClient> {
  const client = new BackendClient(backend.url);
  clients.push(client);
  await client.next();
  return client;
}

async function subscribed(client: BackendClient, coinId: string): Promise<void> {
  client.send({ type: 'subscribe', data: { coinId } });
  await client.next();
}

describe('the coins backend', () => {
  it('welcomes with a price_update that carries a connectionId', async () => {
    const client = await connected();
    const welcome = JSON.parse(client.frames[0]!) as CoinPriceMessage;
    expect(welcome).toEqual({
      type: 'price_update',
      data: { message: 'You are connected', connectionId: 'conn-1', timestamp: '2026-01-01T00:00:00.000Z' },
      timestamp: '2026-01-01T00:00:00.000Z',
    });
    expect(classifyPriceUpdate(welcome)).toBe('welcome');
  });

  const answers: [string, unknown, unknown][] = [
    ['a ping with a pong in data', { type: 'ping' }, { type: 'pong' }],
    [
      'a subscribe with a notice',
      { type: 'subscribe', data: { coinId: 'pepe' } },
      { message: 'Subscribed to coin updates', coinId: 'pepe', subscription: 'coin:pepe' },
    ],
    [
      'an unsubscribe with a notice',
      { type: 'unsubscribe', data: { coinId: 'pepe' } },
      { message: 'Unsubscribed from coin updates', coinId: 'pepe', subscription: 'coin:pepe' },
    ],
    [
      'a subscribe by channel with a notice',
      { type: 'subscribe', data: { channel: 'global' } },
      { message: 'Subscribed to channel', channel: 'global' },
    ],
    [
      'a subscribe to nothing with an error',
      { type: 'subscribe', data: {} },
      { error: 'Invalid subscription', message: 'A coinId or a channel is required' },
    ],
    [
      'a good token with a notice',
      { type: 'authenticate', data: { token: 'good' } },
      { message: 'Authentication successful', userId: 7 },
    ],
    [
      'a bad token with an error',
      { type: 'authenticate', data: { token: 'bad' } },
      { error: 'Authentication failed', message: 'Token is not valid' },
    ],
    [
      'an unknown type with an error',
      { type: 'hello' },
      { error: 'Unknown message type', supportedTypes: ['ping', 'subscribe', 'unsubscribe', 'authenticate'] },
    ],
    ['no JSON with an error', 'no', { error: 'Invalid message format', message: 'The message is not JSON' }],
    [
      'JSON that is no object with an error',
      '[1]',
      { error: 'Invalid message format', message: 'The message is not JSON' },
    ],
  ];
  it.each(answers)('answers %s', async (_title, message, data) => {
    const client = await connected({ userOf: (token) => (token === 'good' ? 7 : undefined) });
    client.send(message);
    expect(await client.nextData()).toEqual(data);
  });

  it('sends prices as decimal strings to those who subscribed to the coin', async () => {
    const client = await connected();
    const other = await another();
    await subscribed(client, 'pepe');
    await subscribed(other, 'bitcoin');
    backend.publish('pepe', 0.00000812, { volume24h: '81230000.50', priceChange24h: -4.75 });
    const timestamp = '2026-01-01T00:00:00.000Z';
    const data = { price: '0.0000081200', timestamp, volume24h: '81230000.50', priceChange24h: '-4.7500000000' };
    expect(await client.next()).toEqual([
      { type: 'price_update', data: { ...data, coinId: 'pepe' }, timestamp, coinId: 'pepe' },
    ]);
    expect(await other.quiet()).toEqual([]);
    client.send({ type: 'unsubscribe', data: { coinId: 'pepe' } });
    await client.next();
    backend.publish('pepe', 1);
    expect(await client.quiet()).toEqual([]);
  });

  it('loses no digit of a price', async () => {
    const client = await connected();
    await subscribed(client, 'x');
    const prices = [1e-12, 0.1, 64_250.75, 50_000_000.1, 1e21];
    for (const price of prices) backend.publish('x', price);
    const messages = (await client.next(prices.length)) as unknown as CoinPriceMessage[];
    expect(messages.map((message) => coinQuote(message, [])?.price)).toEqual(prices);
    expect(messages.every((message) => typeof message.data.price === 'string')).toBe(true);
  });

  it('names the coin in one place or the other, in turns, or nowhere', async () => {
    const client = await connected();
    await subscribed(client, 'pepe');
    for (let count = 0; count < 4; count += 1) backend.publish('pepe', 1);
    backend.publish('pepe', 1, { owner: 'none' });
    const places = (await client.next(5)).map((message) => [
      'coinId' in (message['data'] as object),
      'coinId' in message,
    ]);
    expect(places).toEqual([
      [true, true],
      [false, true],
      [true, false],
      [true, true],
      [false, false],
    ]);
  });

  it('pings each 30 s', async () => {
    const client = await connected();
    await clock.advance(29_999);
    expect(await client.quiet()).toEqual([]);
    await clock.advance(1);
    expect(await client.nextData()).toEqual({ type: 'ping' });
    await clock.advance(30_000);
    expect(await client.nextData()).toEqual({ type: 'ping' });
  });

  it('forgets who sends no JSON ping for 5 min, without closing, for good', async () => {
    const mute = await connected();
    const living = await another();
    for (const client of [mute, living]) await subscribed(client, 'pepe');
    await clock.advance(3 * minute);
    await living.quiet();
    await clock.advance(2 * minute + 1);
    // What was sent before has come when the answer to this has; it is no ping.
    mute.send({ type: 'subscribe', data: { coinId: 'fence' } });
    await until('the answer', () => (mute.frames.at(-1) ?? '').includes('coin:fence'));
    const before = mute.frames.length;
    backend.publish('pepe', 1);
    await until('the price', () => (living.frames.at(-1) ?? '').includes('price'));
    expect(backend.reachable.map((peer) => peer.number)).toEqual([2]);
    expect(backend.peers[0]!.evicted).toBe(true);
    // It is still answered, and still open; no broadcast reaches it, not even after a ping.
    mute.send({ type: 'ping' });
    await until('the pong', () => mute.frames.length > before && (mute.frames.at(-1) ?? '').includes('pong'));
    backend.publish('pepe', 2);
    await clock.advance(30_000);
    mute.send({ type: 'ping' });
    await until('the pong', () => mute.frames.filter((text) => text.includes('pong')).length === 2);
    expect(mute.frames.slice(before).every((text) => text.includes('pong'))).toBe(true);
    expect([mute.closed, mute.socket.readyState]).toEqual([undefined, 1]);
  });

  it('sends to a user on all connections, and to everybody', async () => {
    const client = await connected({ userOf: () => '42' });
    const other = await another();
    client.send({ type: 'authenticate', data: { token: 't' } });
    await client.next();
    backend.broadcastToUser(42, { type: 'wallet_integration_complete', data: { walletId: 5 }, userId: '42' });
    backend.broadcastGlobal({ type: 'price_update', data: { message: 'Market update' } });
    expect((await client.next(2)).map((message) => message['type'])).toEqual([
      'wallet_integration_complete',
      'price_update',
    ]);
    expect(await other.nextData()).toEqual({ message: 'Market update' });
  });

  it('keeps what each peer sent, and refuses to send what is not of the contract', async () => {
    const client = await connected();
    client.send({ type: 'ping' });
    client.send('not JSON');
    await client.next(2);
    expect(backend.peers[0]!.texts).toEqual(['{"type":"ping"}', 'not JSON']);
    expect(backend.peers[0]!.received).toEqual([{ type: 'ping' }]);
    expect(() => backend.broadcastGlobal({ type: 'price_update', data: {} })).toThrow('Not of the contract at "data"');
  });

  it('stops without a close frame, and comes back on the same port with nobody subscribed', async () => {
    const client = await connected();
    await subscribed(client, 'pepe');
    const { url } = backend;
    await backend.restart();
    expect((await client.end()).code).toBe(1006);
    const again = await another();
    backend.publish('pepe', 1);
    expect(await again.quiet()).toEqual([]);
    expect([backend.url, backend.peers.length]).toEqual([url, 2]);
  });
});
