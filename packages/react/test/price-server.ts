/** A real server that confirms every subscribe and sends the prices that a test gives it. */
import { coinPrice, hello, metalPrices, ScriptedServer, snapshot, subscribeAck, type Message } from '@tickwire/testing';

export interface PriceServer {
  server: ScriptedServer;
  url: string;
  /** Sends a price to every open connection. */
  send(channel: string, price: number): void;
  /** Messages of a type that have arrived over all connections. */
  received(type: string): Record<string, unknown>[];
}

function priceOf(channel: string, price: number, more: Record<string, unknown> = {}): Message {
  const [prefix = '', id = ''] = channel.split(':');
  return prefix === 'metal' ? { ...metalPrices({ [id]: price }), ...more } : coinPrice(id, price, more);
}

/** Starts a `tickwire` server; `prices` are what its snapshots say, channels in `refused` it does not have. */
export async function priceServer(
  prices: Record<string, number> = {},
  port = 0,
  refused: ReadonlySet<string> = new Set(),
  isGoodToken: (token: unknown) => boolean = () => true,
): Promise<PriceServer> {
  let seq = 1;
  const server = await ScriptedServer.start(
    {
      connected: (peer) => peer.send(hello()),
      received: (peer, message) => {
        if (message['type'] === 'ping') peer.send({ type: 'pong', id: message['id'], ts: 0, echo: message['ts'] });
        if (message['type'] === 'authenticate') {
          const { token } = message['data'] as { token?: unknown };
          if (isGoodToken(token)) {
            peer.send({ type: 'ack', id: message['id'], op: 'authenticate', data: { userId: '1' } });
          } else peer.socket.close(4401, 'token_rejected');
        }
        if (message['type'] !== 'subscribe') return;
        const { channels } = message['data'] as { channels: { channel: string }[] };
        const names = channels.map(({ channel }) => channel);
        const known = names.filter((name) => !refused.has(name));
        const rejected = names
          .filter((name) => refused.has(name))
          .map((channel) => ({ channel, code: 'UNKNOWN_CHANNEL', retryable: false }));
        peer.send(subscribeAck(message['id'], known, rejected));
        const items = names.flatMap((channel) => {
          const price = prices[channel];
          return price === undefined ? [] : [{ channel, seq: 1, message: priceOf(channel, price) }];
        });
        if (items.length > 0) peer.send(snapshot(items));
      },
    },
    port,
  );
  return {
    server,
    url: server.url,
    send: (channel, price) => {
      seq += 1;
      const message = priceOf(channel, price, { sub: channel, seq, epoch: 'e1' });
      for (const peer of server.peers) if (peer.socket.readyState === 1) peer.send(message);
    },
    received: (type) => server.peers.flatMap((peer) => peer.received).filter((message) => message['type'] === type),
  };
}
