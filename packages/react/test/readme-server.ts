/** The server that the examples of the READMEs talk to: it has everything that one of them asks for. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  coinPrice,
  hello,
  metalPrices,
  ScriptedServer,
  snapshot,
  subscribeAck,
  whale,
  type Message,
  type Peer,
} from '@tickwire/testing';

function valueOf(channel: string): Message | undefined {
  const [prefix = '', id = ''] = channel.split(':');
  if (prefix === 'portfolio') return { type: 'portfolio_update', data: { totalValue: 1234 } };
  if (prefix === 'coin') return coinPrice(id, 100);
  return prefix === 'metal' ? metalPrices({ [id]: 200 }) : undefined;
}

const answers: ReadonlyMap<unknown, unknown> = new Map<unknown, unknown>([
  ['authenticate', { userId: '1' }],
  ['alert_create', { alertId: 17, created: true }],
  ['alert_list', { items: [{ alertId: 17, alertType: 'price_above', condition: { targetPrice: 50_000 } }] }],
  ['alert_delete', { alertId: 17 }],
  ['catalog', { revision: '1', items: [{ channel: 'coin:bitcoin', id: 'bitcoin' }] }],
  ['history', { channel: 'whales', epoch: 'e1', seq: 1, complete: true, messages: [] }],
]);

const timestamp = '2026-01-01T00:00:00.000Z';
const alert = {
  type: 'alert_triggered',
  data: { alertId: 17, alertType: 'price_above', condition: { targetPrice: 50_000 }, triggeredAt: timestamp },
};
const scores = { mentions24h: 1, sentimentScore: 1, trendingScore: 1, change: 1 };
const spike = { type: 'social_spike', data: { coinId: 'bitcoin', platform: 'reddit', ...scores, timestamp } };

function received(peer: Peer, { type, id, data, metals }: Record<string, unknown>): void {
  if (type === 'ping') peer.send({ type: 'pong', id, ts: Date.now() });
  if (answers.has(type)) peer.send({ type: 'ack', id, op: type, data: answers.get(type) });
  if (type === 'subscribe' && metals !== undefined) peer.send(metalPrices({ gold: 200 }));
  if (type !== 'subscribe' || data === undefined) return;
  const names = (data as { channels: { channel: string }[] }).channels.map(({ channel }) => channel);
  peer.send(subscribeAck(id, names));
  const items = names.flatMap((channel) => {
    const message = valueOf(channel);
    return message === undefined ? [] : [{ channel, seq: 1, message }];
  });
  if (items.length > 0) peer.send(snapshot(items));
  if (names.includes('user')) peer.send({ ...alert, sub: 'user', epoch: 'e1', seq: 2 });
  if (names.includes('social:bitcoin')) peer.send({ ...spike, sub: 'social:bitcoin', epoch: 'e1', seq: 2 });
  // An event that got lost on the way, and two that did not.
  if (!names.includes('whales')) return;
  for (const [seq, usdValue] of [400_000, 900_000].entries()) {
    peer.send(whale('bitcoin', usdValue, { sub: 'whales', epoch: 'e1', seq: seq + 2 }));
  }
}

export interface ReadmeServer {
  readonly url: string;
  /** Prices over HTTP. */
  readonly pricesUrl: string;
  readonly sockets: ScriptedServer;
  stop(): Promise<void>;
}

export async function readmeServer(): Promise<ReadmeServer> {
  const sockets = await ScriptedServer.start({ connected: (peer) => peer.send(hello()), received });
  const http: Server = createServer((_request, response) => {
    response.setHeader('Content-Type', 'application/json');
    response.end(JSON.stringify(snapshot([{ channel: 'coin:bitcoin', seq: 1, message: coinPrice('bitcoin', 100) }])));
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  return {
    url: sockets.url,
    pricesUrl: `http://127.0.0.1:${(http.address() as AddressInfo).port}/`,
    sockets,
    stop: async () => {
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
      await sockets.stop();
    },
  };
}
