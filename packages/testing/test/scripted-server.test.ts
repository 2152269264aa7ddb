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
