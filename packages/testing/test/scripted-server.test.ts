import { PriceWebSocketClient } from '@tickwire/client';
import { WebSocket } from 'ws';
import { describe, expect, it } from 'vitest';
import { decodeServerMessage } from '@tickwire/protocol/codec';
import * as testing from '@tickwire/testing';

describe('the scripted server', () => {
  it('greets, answers, and stops with everything that hangs on it', async () => {
    const server = await testing.ScriptedServer.start({
      connected: (peer) => peer.send(testing.hello()),
      received: (peer, message) => peer.send({ type: 'pong', id: message['id'] }),
    });
    const socket = new WebSocket(server.url);
    const received: string[] = [];
    socket.on('message', (data: Buffer) => received.push((JSON.parse(data.toString()) as { type: string }).type));
    socket.on('open', () => socket.send('{"type":"ping","id":"p"}'));
    const closed = new Promise((resolve) => socket.on('close', resolve));
    await testing.until('the answer', () => received.length === 2);
    expect(received).toEqual(['hello', 'pong']);
    expect([server.open, server.last.types]).toEqual([1, ['ping']]);
    await server.stop();
    await closed;
  });
});

describe('a server made by createScriptedServer', () => {
  it('serves a client from its first dial to its resume', async () => {
    const server = await testing.createScriptedServer({ prices: { 'coin:bitcoin': 50_000 } });
    const client = new PriceWebSocketClient(server.url, { reconnect: { minDelayMs: 1, baseDelayMs: 1 } });
    const seen: unknown[] = [];
    client.on('invalid', (event) => seen.push(event));
    await client.subscribe('coin:bitcoin', ({ price }) => seen.push(price)).ready();
    await client.subscribe('whales', ({ data }) => seen.push(data.usdValue)).ready();
    await testing.until('the snapshot', () => seen.length === 1);
    server.price('coin:bitcoin', 51_000);
    server.event('whales', { usdValue: 7 });
    await testing.until('both', () => seen.length === 3);
    server.last.socket.terminate();
    server.event('whales', { usdValue: 8 });
    await testing.until('the resume', () => seen.includes(8));
    server.refuse('coin:nope', 'FORBIDDEN_CHANNEL');
    await expect(client.subscribe('coin:nope', () => undefined).ready()).rejects.toMatchObject({
      code: 'FORBIDDEN_CHANNEL',
    });
    expect(seen).toEqual([50_000, 51_000, 7, 8]);
    await client.close();
    await server.stop();
  });

  it('shows its script what it cannot read, and goes on', async () => {
    const server = await testing.createScriptedServer();
    const socket = new WebSocket(server.url);
    socket.on('open', () => {
      socket.send('{');
      socket.send('{"type":"ping","id":1}');
    });
    await testing.until('both messages', () => server.peers[0]?.received.length === 2);
    expect(server.last.types).toEqual(['(unreadable)', 'ping']);
    socket.terminate();
    await server.stop();
  });

  it('says how to make one that can be told prices', async () => {
    const server = await testing.ScriptedServer.start();
    expect(() => server.price('coin:bitcoin', 1)).toThrow('createScriptedServer');
    await server.stop();
  });
});

describe('messages', () => {
  it('are what the contract says', () => {
    const { hello, coinsWelcome, coinsAck, coinPrice, metalPrices, whale, subscribeAck, snapshot } = testing;
    for (const message of [
      hello({ burst: 5 }),
      coinsWelcome(),
      coinsAck('subscribe', 'bitcoin'),
      coinPrice('bitcoin', '1.5', { sub: 'coin:bitcoin', seq: 1, epoch: 'e' }),
      metalPrices({ gold: 5, silver: { price: 1, unit: 'gram' } }),
      whale('bitcoin', 5),
      subscribeAck('r1', ['coin:bitcoin', 'whales'], [{ channel: 'coin:no', code: 'UNKNOWN_CHANNEL' }]),
      snapshot([{ channel: 'coin:bitcoin', seq: 1, message: coinPrice('bitcoin', 1) }]),
    ]) {
      expect(decodeServerMessage(JSON.stringify(message))).toMatchObject({ ok: true, kind: 'known' });
    }
  });
});
