/** A crowd of real clients in a process of its own, each behind one of the proxies, each checking what it hears. */
import { setTimeout as pause } from 'node:timers/promises';
import { PriceWebSocketClient } from '@tickwire/client';
import { WebSocket } from 'ws';
import { serveCalls } from '../server/remote.js';
import { EventCheck, noCounts, type EventCounts } from './event-check.js';

/** How the crowd looks: what it has counted, and who is well. */
export interface CrowdState {
  readonly counts: EventCounts;
  readonly connected: number;
  /** Connected, with a price that is fresh, no older than 5 s. */
  readonly fresh: number;
  /** Have heard the publisher’s last event. */
  readonly current: number;
  readonly reconnects: number;
  readonly invalid: number;
  readonly errors: readonly string[];
  /** What ailing clients say of themselves, a few of them. */
  readonly ailing: readonly string[];
}

const channel = 'coin:bitcoin';
const crowd: { client: PriceWebSocketClient; check: EventCheck }[] = [];
const errors = new Map<string, number>();

function add(port: number): Promise<unknown> {
  const client = new PriceWebSocketClient(`ws://127.0.0.1:${port}/ws`, {
    WebSocket,
    dialect: 'tickwire',
    // Prices come every half second: silence is noticed within 5 s, so that long stalls are left and short ones outlived.
    heartbeat: { idleMs: 3_000, timeoutMs: 2_000 },
    reconnect: { maxDelayMs: 8_000 },
  });
  const check = new EventCheck();
  crowd.push({ client, check });
  client.on('gap', (gap) => {
    if (gap.channel === 'whales') check.gap(gap);
  });
  client.on('error', ({ code }) => errors.set(code, (errors.get(code) ?? 0) + 1));
  client.subscribe(channel, () => undefined);
  const events = client.subscribe('whales', (message) => {
    const { epoch = '', seq = 0 } = message as { epoch?: string; seq?: number };
    check.event(epoch, seq, Number(message.data.usdValue));
  });
  return events.ready();
}

function state({ last }: { last: number }): CrowdState {
  const counts = noCounts();
  const totals = { connected: 0, fresh: 0, current: 0, reconnects: 0, invalid: 0 };
  const ailing: string[] = [];
  const now = Date.now();
  for (const { client, check } of crowd) {
    for (const key of Object.keys(counts) as (keyof EventCounts)[]) counts[key] += check.counts[key];
    const connection = client.connection.get();
    const price = client.prices.get(channel);
    const isConnected = connection.status === 'connected';
    const isFresh = isConnected && price?.freshness === 'fresh' && now - price.receivedAt < 5_000;
    const isCurrent = check.lastNumber >= last;
    totals.connected += isConnected ? 1 : 0;
    totals.fresh += isFresh ? 1 : 0;
    totals.current += isCurrent ? 1 : 0;
    const { reconnects, invalid } = client.stats();
    totals.reconnects += reconnects;
    totals.invalid += invalid;
    if (!(isFresh && isCurrent) && ailing.length < 3)
      ailing.push(JSON.stringify({ connection, age: now - (price?.receivedAt ?? 0), number: check.lastNumber, last }));
  }
  return { counts, ...totals, errors: [...errors].map(([code, count]) => `${code} × ${count}`), ailing };
}

serveCalls({
  open: async ({ ports, count }: { ports: readonly number[]; count: number }) => {
    const ready: Promise<unknown>[] = [];
    for (let index = 0; index < count; index += 1) {
      ready.push(add(ports[index % ports.length] ?? 0));
      if (index % 20 === 19) await pause(20);
    }
    await Promise.all(ready);
  },
  state,
  heap: () => {
    globalThis.gc?.();
    globalThis.gc?.();
    return process.memoryUsage().heapUsed / 1e6;
  },
  close: () => Promise.all(crowd.map(({ client }) => client.close())).then(() => undefined),
});
