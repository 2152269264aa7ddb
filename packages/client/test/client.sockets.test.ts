import { afterEach, describe, expect, it } from 'vitest';
import { coinPrice, hello, ScriptedServer, snapshot, subscribeAck, until, type Script } from '@tickwire/testing';
import { PriceWebSocketClient, type ClientOptions, type PriceTick } from '@tickwire/client';

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

const tickwire: Script = {
  connected: (peer) => peer.send(hello()),
  received: (peer, message) => {
    if (message['type'] !== 'subscribe') return;
    const { channels } = message['data'] as { channels: { channel: string }[] };
    const names = channels.map((each) => each.channel);
    peer.send(subscribeAck(message['id'], names));
    peer.send(snapshot(names.map((channel) => ({ channel, seq: 1, message: coinPrice(channel.slice(5), 100) }))));
  },
};

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
});
