/** A WebSocket server that says what a test tells it to, as an exchange would. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { WebSocketServer, type WebSocket } from 'ws';

export interface ExchangeServer {
  readonly url: string;
  /** What links have asked for, in order. */
  readonly asked: unknown[];
  /** Links since the start. */
  readonly links: number;
  /** Runs for each link once it has asked. */
  onAsked: (say: (frame: string) => void, link: number) => void;
  /** Says a frame to all links. */
  say(frame: object | string): void;
  /** Cuts all links without a goodbye. */
  cut(): void;
  close(): Promise<void>;
}

export async function startExchange(port = 0): Promise<ExchangeServer> {
  const server = new WebSocketServer({ port, host: '127.0.0.1' });
  await once(server, 'listening');
  const sockets = new Set<WebSocket>();
  const asked: unknown[] = [];
  let links = 0;
  const exchange: ExchangeServer = {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    get links() {
      return links;
    },
    onAsked: () => undefined,
    say(frame) {
      for (const socket of sockets) socket.send(typeof frame === 'string' ? frame : JSON.stringify(frame));
    },
    cut() {
      for (const socket of sockets) socket.terminate();
    },
    async close() {
      for (const socket of sockets) socket.terminate();
      server.close();
      await once(server, 'close');
    },
  };
  server.on('connection', (socket) => {
    links += 1;
    const link = links;
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
    socket.on('message', (data: Buffer) => {
      asked.push(JSON.parse(data.toString()));
      exchange.onAsked((frame) => socket.send(frame), link);
    });
  });
  return exchange;
}

/** A ticker frame. */
export function ticker(product: string, price: string, trade: number, more: object = {}): object {
  return {
    type: 'ticker',
    sequence: trade * 10,
    product_id: product,
    price,
    open_24h: '100',
    volume_24h: '5.50',
    low_24h: '90',
    high_24h: '110',
    time: new Date(1_767_225_600_000 + trade * 1_000).toISOString().replace('Z', '000Z'),
    trade_id: trade,
    ...more,
  };
}
