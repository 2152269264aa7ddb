/** The sending side, a process of its own: writes price frames as fast as the reader takes them, framed beforehand. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { hello } from '@tickwire/testing';
import { WebSocketServer, type WebSocket } from 'ws';
import { framed } from '../framed.js';

/** How a value is wrapped for each contender, and how the dialogue before it goes. */
interface Dialogue {
  greet?: (socket: WebSocket) => void;
  answer?: (socket: WebSocket, text: string) => void;
  wrap: (message: string) => string;
}

const send = (socket: WebSocket, message: unknown): void => socket.send(JSON.stringify(message));
const asIs = (message: string): string => message;

const dialogues: Readonly<Record<string, Dialogue>> = {
  '/bare': { wrap: asIs },
  '/partysocket': { wrap: asIs },
  '/tickwire': {
    greet: (socket) => send(socket, hello()),
    wrap: asIs,
    answer(socket, text) {
      const { type, id, ts } = JSON.parse(text) as { type: string; id: string; ts: number };
      const position = { channel: 'coin:bitcoin', kind: 'state', epoch: 'e1', seq: 0, recovered: false, reason: 'new' };
      if (type === 'ping') send(socket, { type: 'pong', id, ts: Date.now(), echo: ts });
      if (type === 'subscribe') send(socket, { type: 'ack', id, op: 'subscribe', data: { subscribed: [position] } });
    },
  },
  '/centrifuge': {
    wrap: (message) => `{"push":{"channel":"prices","pub":{"data":${message}}}}`,
    answer(socket, text) {
      for (const line of text.split('\n')) {
        const { id, connect, subscribe } = JSON.parse(line) as { id?: number; connect?: object; subscribe?: object };
        if (connect !== undefined) send(socket, { id, connect: { client: 'c1', version: '1' } });
        if (subscribe !== undefined) send(socket, { id, subscribe: {} });
      }
    },
  },
  '/socket.io/': {
    greet: (socket) =>
      socket.send('0{"sid":"s1","upgrades":[],"pingInterval":3600000,"pingTimeout":3600000,"maxPayload":1000000}'),
    wrap: (message) => `42["price",${message}]`,
    answer: (socket, text) => {
      if (text.startsWith('40')) socket.send('40{"sid":"s2"}');
    },
  },
};

function priceMessage(seq: number): string {
  const at = new Date(1_767_225_600_000 + seq).toISOString();
  const price = 45_000 + (seq % 977) / 8;
  const data = {
    coinId: 'bitcoin',
    price,
    marketCap: 900_000_000_000 + seq,
    volume24h: 30_000_000_000 + (seq % 101),
    priceChange24h: ((seq % 41) - 20) / 10,
    timestamp: at,
  };
  return JSON.stringify({
    type: 'price_update',
    data,
    timestamp: at,
    coinId: 'bitcoin',
    sub: 'coin:bitcoin',
    epoch: 'e1',
    seq,
  });
}

const streams = new Map<string, Duplex>();
const lastSeq = new Map<string, number>();
const sockets = new WebSocketServer({ noServer: true });
const http = createServer();
http.on('upgrade', (request, stream, head) => {
  const { pathname } = new URL(request.url ?? '/', 'http://here');
  const dialogue = dialogues[pathname];
  if (dialogue === undefined) {
    stream.destroy();
    return;
  }
  sockets.handleUpgrade(request, stream, head, (socket) => {
    streams.set(pathname, stream);
    socket.on('message', (data: Buffer) => dialogue.answer?.(socket, data.toString()));
    dialogue.greet?.(socket);
  });
});

/** So many prices to one contender, as fast as it reads; or so many a second. */
async function pour(pathname: string, count: number, perSecond: number | undefined): Promise<void> {
  const stream = streams.get(pathname);
  const wrap = dialogues[pathname]?.wrap ?? asIs;
  let seq = lastSeq.get(pathname) ?? 0;
  const end = seq + count;
  const from = performance.now();
  const first = seq;
  while (seq < end && stream?.writable === true) {
    const due =
      perSecond === undefined
        ? end
        : Math.min(end, first + Math.floor(((performance.now() - from) / 1_000) * perSecond));
    const frames: Buffer[] = [];
    for (; seq < due && frames.length < 500; seq += 1) frames.push(framed(wrap(priceMessage(seq + 1))));
    const goesOn = frames.length === 0 || stream.write(Buffer.concat(frames));
    if (!goesOn) await new Promise((resolve) => stream.once('drain', resolve));
    else if (frames.length === 0) await new Promise((resolve) => setTimeout(resolve, 2));
    else await new Promise((resolve) => setImmediate(resolve));
  }
  lastSeq.set(pathname, seq);
}

process.on('message', ({ pathname, count, perSecond }: { pathname: string; count: number; perSecond?: number }) => {
  void pour(pathname, count, perSecond);
});
process.on('disconnect', () => process.exit(0));
http.listen(0, '127.0.0.1', () => process.send?.((http.address() as AddressInfo).port));
