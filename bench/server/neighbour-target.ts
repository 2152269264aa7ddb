/** The server whose clients have a bad neighbour: one channel for the healthy ones, one whose long messages only the stalled one gets. */
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { buildServer, loadConfig, type PriceSource } from '@tickwire/example-server';
import { serveCalls } from './remote.js';

const ids = ['healthy', 'long'];
const source: PriceSource = {
  name: 'bench',
  start(sink) {
    const common = { kind: 'coin', aliases: [], currency: 'USD', source: 'bench', staleAfterMs: 60_000 } as const;
    sink.instruments(ids.map((id) => ({ ...common, id, channel: `coin:${id}` })));
    return Promise.resolve();
  },
  stop: () => Promise.resolve(),
  status: () => ({ name: 'bench', state: 'running', ticks: 0 }),
};
const config = loadConfig({
  LOG_LEVEL: 'error',
  WS_MAX_CONNECTIONS: '20000',
  WS_CONNECTIONS_PER_ADDRESS: '20000',
  WS_CONNECTS_PER_SECOND: '20000',
  WS_CONNECT_BURST: '20000',
});
const app = buildServer(config, { sources: [source] });
await app.listen({ host: '127.0.0.1', port: 0 });

const text = 'm'.repeat(15_000);
let price = 0;
const publish = (coinId: string, more: object): Promise<unknown> =>
  app.realtime.broadcastToCoin(coinId, {
    type: 'price_update',
    data: { coinId, price: (price += 1), ...more, timestamp: '2026-01-01T00:00:00.000Z' },
    coinId,
  });

serveCalls({
  port: () => (app.server.address() as AddressInfo).port,
  connections: () => app.connections.size,
  /** Long messages until somebody has not read them; tells whether that came to be. */
  async fill() {
    for (let sent = 0; sent < 2_000; sent += 1) {
      await publish('long', { note: text });
      await new Promise((resolve) => setImmediate(resolve));
      if (app.connections.unsentBytes() > config.limits.softBufferBytes) return true;
    }
    return false;
  },
  /** So many prices a second for the healthy; `long`: as many long ones for the other. Tells which went out when, epoch ms. */
  async steady({ seconds, perSecond, long }: { seconds: number; perSecond: number; long: boolean }) {
    const published: [price: number, at: number][] = [];
    const began = performance.now();
    while (performance.now() - began < seconds * 1_000) {
      const due = Math.floor(((performance.now() - began) / 1_000) * perSecond);
      while (published.length < due) {
        published.push([price + 1, performance.timeOrigin + performance.now()]);
        void publish('healthy', {});
        if (long) void publish('long', { note: text });
      }
      await pause(1);
    }
    return published;
  },
});
