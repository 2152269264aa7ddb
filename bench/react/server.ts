/**
 * The sending side, a process of its own. A page that asks `/control` for a step gets ten changed prices on its other
 * socket; the parent may ask for a steady stream in its place. Whoever comes by `/tickwire` is spoken to in the contract,
 * by `/plain` gets the same price frames without a word, by `/batches` the contract's batches of them, and by `/seed` what
 * the seed's server sends: all prices, each time.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { hello } from '@tickwire/testing';
import { WebSocketServer, type WebSocket } from 'ws';
import { framed } from '../framed.js';

const changesPerStep = 10;
const from = 1_767_225_600_000;

/** The prices of so many rows, which change one after the other. */
class Market {
  readonly prices: number[];
  readonly seqs: number[];
  changes = 0;

  constructor(rows: number) {
    this.prices = Array.from({ length: rows }, (_, row) => 100 + row);
    this.seqs = this.prices.map(() => 1);
  }

  /** The next row's price changes; returns the row. Stepping by a prime, neighbours do not change together. */
  next(): number {
    const row = (this.changes * 37) % this.prices.length;
    this.changes += 1;
    this.prices[row] = 100 + row + (this.changes % 9_973) / 8;
    this.seqs[row] = (this.seqs[row] ?? 1) + 1;
    return row;
  }

  /** The `price_update` of the seed document, with its place. */
  message(row: number): string {
    const at = new Date(from + this.changes).toISOString();
    const coinId = `c${row}`;
    const data = {
      coinId,
      price: this.prices[row],
      marketCap: 900_000_000_000 + this.changes,
      volume24h: 30_000_000_000 + (this.changes % 101),
      priceChange24h: ((this.changes % 41) - 20) / 10,
      timestamp: at,
    };
    const place = { coinId, sub: `coin:${coinId}`, epoch: 'e1', seq: this.seqs[row] };
    return JSON.stringify({ type: 'price_update', data, timestamp: at, ...place });
  }

  /** The seed's `priceUpdate`: every price, whatever changed. */
  all(): string {
    const timestamp = new Date(from + this.changes).toISOString();
    const quotes = this.prices.map((price) => ({ price, change: 1, changePercent: 0.1, timestamp }));
    const data: Readonly<Record<string, object>> = Object.fromEntries(quotes.map((quote, row) => [`c${row}`, quote]));
    return JSON.stringify({ type: 'priceUpdate', data, changes: [], timestamp });
  }
}

let market = new Market(0);
const streams = new Map<string, Duplex>();

function answer(socket: WebSocket, text: string): void {
  const { type, id, ts, data } = JSON.parse(text) as {
    type: string;
    id: string;
    ts?: number;
    data?: { channels: { channel: string }[] };
  };
  if (type === 'ping') socket.send(JSON.stringify({ type: 'pong', id, ts: Date.now(), echo: ts }));
  if (type !== 'subscribe' || data === undefined) return;
  const place = { kind: 'state', epoch: 'e1', recovered: false, reason: 'new' };
  const asked = data.channels.map(({ channel }) => ({ channel, row: Number(channel.replace('coin:c', '')) }));
  const subscribed = asked.map(({ channel, row }) => ({ channel, ...place, seq: market.seqs[row] ?? 1 }));
  socket.send(JSON.stringify({ type: 'ack', id, op: 'subscribe', data: { subscribed, rejected: [] } }));
  const items = asked.map(({ channel, row }) => {
    const message: unknown = JSON.parse(market.message(row));
    return { channel, epoch: 'e1', seq: market.seqs[row] ?? 1, message };
  });
  socket.send(JSON.stringify({ type: 'snapshot', data: { items } }));
}

/** What a page gets for so many changes. */
function frames(pathname: string, messages: readonly string[]): Buffer {
  if (pathname === '/seed') return framed(market.all());
  if (pathname !== '/batches') return Buffer.concat(messages.map(framed));
  const batches = Array.from({ length: Math.ceil(messages.length / 100) }, (_, batch) =>
    messages.slice(batch * 100, (batch + 1) * 100),
  );
  return Buffer.concat(batches.map((each) => framed(`{"type":"batch","messages":[${each.join()}]}`)));
}

/** So many changes to every page that is there, in one write a page. */
function change(count: number): void {
  const messages = Array.from({ length: count }, () => market.message(market.next()));
  for (const [pathname, stream] of streams) {
    if (stream.destroyed) streams.delete(pathname);
    else stream.write(frames(pathname, messages));
  }
}

let pouring: NodeJS.Timeout | undefined;

/** So many changes a second, until told otherwise. */
function pour(perSecond: number): void {
  clearInterval(pouring);
  if (perSecond === 0) return;
  const begin = performance.now();
  let done = 0;
  pouring = setInterval(() => {
    const due = Math.floor(((performance.now() - begin) * perSecond) / 1_000) - done;
    done += due;
    if (due > 0) change(due);
  }, 2);
}

const sockets = new WebSocketServer({ noServer: true });
const http = createServer();
http.on('upgrade', (request, stream, head) => {
  const { pathname } = new URL(request.url ?? '/', 'http://here');
  sockets.handleUpgrade(request, stream, head, (socket) => {
    socket.on('error', () => undefined);
    if (pathname === '/control') {
      socket.on('message', () => change(changesPerStep));
      return;
    }
    streams.set(pathname, stream);
    socket.on('close', () => streams.delete(pathname));
    if (pathname !== '/tickwire' && pathname !== '/batches') return;
    socket.on('message', (data: Buffer) => answer(socket, data.toString()));
    const limits = { maxSubscriptions: 10_000, maxChannelsPerFrame: 100, burst: 1_000, messagesPerMinute: 10_000 };
    socket.send(JSON.stringify(hello(limits)));
  });
});

/** What the parent asks for; each is answered with how the market stands. */
export interface Request {
  /** Begins anew with so many rows. */
  rows?: number;
  perSecond?: number;
}
/** How the market stands. */
export interface Standing {
  prices: number[];
  changes: number;
}

process.on('message', ({ rows, perSecond }: Request) => {
  if (rows !== undefined) market = new Market(rows);
  if (perSecond !== undefined) pour(perSecond);
  process.send?.({ prices: market.prices, changes: market.changes } satisfies Standing);
});
process.on('disconnect', () => process.exit(0));
http.listen(0, '127.0.0.1', () => process.send?.((http.address() as AddressInfo).port));
