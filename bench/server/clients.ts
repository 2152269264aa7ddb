/** The load of whole clients in a process of their own: each price is taken down at the callback of its listener. */
import { PriceWebSocketClient } from '@tickwire/client';
import { WebSocket } from 'ws';
import { serveCalls } from './remote.js';

/** How many clients, and what each listens to. */
export interface ClientsOrder {
  readonly port: number;
  readonly count: number;
  readonly channels: readonly `coin:${string}`[];
  /** So many of them each: every client begins a few further on than the last. @default all */
  readonly channelsEach?: number;
}

const now = (): number => performance.timeOrigin + performance.now();
const clients: PriceWebSocketClient[] = [];
const openedTogether = 50;
const stepBetweenClients = 7;
/** When each price came to each listener, epoch ms. */
let arrivals = new Map<number, number[]>();

function heard(price: number): void {
  const times = arrivals.get(price);
  if (times === undefined) arrivals.set(price, [now()]);
  else times.push(now());
}

async function openOne({ port, channels, channelsEach = channels.length }: ClientsOrder): Promise<void> {
  const client = new PriceWebSocketClient(`ws://127.0.0.1:${port}/ws`, { dialect: 'tickwire', WebSocket });
  const first = (clients.push(client) * stepBetweenClients) % channels.length;
  const mine = [...channels, ...channels].slice(first, first + channelsEach);
  await Promise.all(mine.map((channel) => client.subscribe(channel, (tick) => heard(tick.price)).ready()));
}

serveCalls({
  async open(order: ClientsOrder) {
    for (let opened = 0; opened < order.count; opened += openedTogether) {
      await Promise.all(Array.from({ length: Math.min(openedTogether, order.count - opened) }, () => openOne(order)));
    }
  },
  reset() {
    arrivals = new Map();
  },
  /** How long each delivery of these prices took, ms. */
  latencies(published: readonly (readonly [price: number, at: number])[]) {
    return published.flatMap(([price, at]) => (arrivals.get(price) ?? []).map((time) => time - at));
  },
  /** CPU time since the start of the process, ms. */
  cpu() {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1_000;
  },
});
