/** The measured side: our server, bare `ws`, or socket.io, in a process of its own. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import { buildServer, loadConfig, type PriceSource } from '@tickwire/example-server';
import { Server as SocketIo } from 'socket.io';
import { WebSocketServer, type WebSocket } from 'ws';
import { serveCalls } from './remote.js';

/** What every kind of server is measured by. */
interface Target {
  readonly port: number;
  /** Sends one price to everybody who has the channel; resolves when the last send was made. */
  publish(channel: number): Promise<void>;
  connections(): number;
}

const [kind = 'tickwire', channelCount = '1'] = process.argv.slice(2);
const channels = Array.from({ length: Number(channelCount) }, (_, index) => `bench-${index}`);
/** Prices tell themselves apart by their number. */
const firstPrice = 10_000_000;
let price = 0;

/** A price whose frame has 240 bytes, a new one each time. */
function nextPrice(id: string) {
  price += 1;
  return {
    type: 'price_update' as const,
    data: {
      coinId: id,
      price: firstPrice + price,
      marketCap: 1_000_000_000,
      volume24h: 50_000_000,
      sentAt: Number((performance.timeOrigin + performance.now()).toFixed(3)),
      timestamp: '2026-01-01T00:00:00.000Z',
    },
    coinId: id,
  };
}

const source: PriceSource = {
  name: 'bench',
  start(sink) {
    sink.instruments(
      channels.map((id) => ({
        kind: 'coin',
        id,
        channel: `coin:${id}`,
        aliases: [],
        currency: 'USD',
        source: 'bench',
        staleAfterMs: 60_000,
      })),
    );
    return Promise.resolve();
  },
  stop: () => Promise.resolve(),
  status: () => ({ name: 'bench', state: 'running', ticks: 0 }),
};

async function tickwire(): Promise<Target> {
  // All come from this machine, and at once: how many an address may open is not what is measured.
  const config = loadConfig({
    LOG_LEVEL: 'error',
    WS_MAX_CONNECTIONS: '20000',
    TRUST_PROXY: 'true',
    WS_CONNECTIONS_PER_ADDRESS: '20000',
    WS_CONNECTS_PER_SECOND: '20000',
    WS_CONNECT_BURST: '20000',
  });
  const app = buildServer(
    {
      ...config,
      limits: { ...config.limits, heartbeatMs: 3_600_000 },
    },
    { sources: [source] },
  );
  await app.listen({ host: '127.0.0.1', port: 0 });
  return {
    port: (app.server.address() as AddressInfo).port,
    async publish(channel) {
      const id = channels[channel] ?? '';
      await app.realtime.broadcastToCoin(id, nextPrice(id));
      while (app.delivery.waitingCount > 0) await new Promise((resolve) => setImmediate(resolve));
    },
    connections: () => app.connections.size,
  };
}

/** What a team writes first: a set of sockets and a loop. */
async function bareWs(): Promise<Target> {
  const http = createServer();
  const sockets = new Set<WebSocket>();
  const server = new WebSocketServer({ server: http, perMessageDeflate: false, clientTracking: false });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => undefined);
    socket.on('message', () => undefined);
    socket.send('{"type":"hello"}');
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  return {
    port: (http.address() as AddressInfo).port,
    publish(channel) {
      const id = channels[channel] ?? '';
      const text = JSON.stringify({ ...nextPrice(id), sub: `coin:${id}`, seq: price, epoch: 'abcdefghijkl' });
      for (const socket of sockets) if (socket.readyState === 1) socket.send(text);
      return Promise.resolve();
    },
    connections: () => sockets.size,
  };
}

async function socketIo(): Promise<Target> {
  const http = createServer();
  const io = new SocketIo(http, {
    transports: ['websocket'],
    serveClient: false,
    pingInterval: 120_000,
    perMessageDeflate: false,
  });
  io.on('connection', (socket) => {
    void socket.join(channels);
    socket.emit('ready');
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  return {
    port: (http.address() as AddressInfo).port,
    publish(channel) {
      const id = channels[channel] ?? '';
      io.to(id).emit('price', { ...nextPrice(id), seq: price });
      return Promise.resolve();
    },
    connections: () => io.engine.clientsCount,
  };
}

const makers: Readonly<Record<string, () => Promise<Target>>> = { tickwire, ws: bareWs, 'socket.io': socketIo };
const maker = makers[kind];
if (maker === undefined) throw new Error(`There is no target ${kind}`);
const target = await maker();

serveCalls({
  port: () => target.port,
  connections: () => target.connections(),
  async memory() {
    globalThis.gc?.();
    await pause(500);
    globalThis.gc?.();
    await pause(500);
    return { rss: process.memoryUsage.rss(), heap: process.memoryUsage().heapUsed };
  },
  /** One broadcast: ms until the last send was made, the longest stall meanwhile, and when it began (epoch ms). */
  async broadcast() {
    const delay = monitorEventLoopDelay({ resolution: 1 });
    delay.enable();
    await pause(50);
    delay.reset();
    // The first sample after a reset is none.
    await pause(10);
    const cpu = process.cpuUsage();
    const startedAt = performance.timeOrigin + performance.now();
    const began = performance.now();
    await target.publish(0);
    const ms = performance.now() - began;
    const { user, system } = process.cpuUsage(cpu);
    await pause(20);
    delay.disable();
    return {
      ms,
      cpuMs: (user + system) / 1_000,
      stallMs: delay.max / 1e6,
      startedAt,
    };
  },
  /** CPU time since the start of the process, ms. */
  cpu() {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1_000;
  },
  /** One price a channel: all in one turn of the loop, or one after the other. */
  async flood(isTogether: boolean) {
    if (isTogether) {
      await Promise.all(channels.map((_, channel) => target.publish(channel)));
      return;
    }
    for (const channel of channels.keys()) {
      await target.publish(channel);
      await new Promise((resolve) => setImmediate(resolve));
    }
  },
  /** So many prices a second, spread evenly over the channels and the time; tells which went out when (epoch ms). */
  async steady({ seconds, perSecond }: { seconds: number; perSecond: number }) {
    const published: [price: number, at: number][] = [];
    const cpu = process.cpuUsage();
    const began = performance.now();
    const delay = monitorEventLoopDelay({ resolution: 5 });
    delay.enable();
    while (performance.now() - began < seconds * 1_000) {
      const due = Math.floor(((performance.now() - began) / 1_000) * perSecond);
      while (published.length < due) {
        published.push([firstPrice + price + 1, performance.timeOrigin + performance.now()]);
        void target.publish(published.length % channels.length);
      }
      await pause(1);
    }
    delay.disable();
    const used = process.cpuUsage(cpu);
    return { published, cpuMs: (used.user + used.system) / 1_000, stallMs: delay.max / 1e6 };
  },
});
