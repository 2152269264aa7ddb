/** Small servers that are true to each client's protocol: they greet, take a subscription, answer pings and send values. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { hello } from '@tickwire/testing';
import { Server as SocketIoServer } from 'socket.io';
import { WebSocketServer, type WebSocket } from 'ws';

/** What a server speaks. `raw`: every connection gets every value. */
export type Speech = 'tickwire' | 'centrifuge' | 'socket.io' | 'graphql-ws' | 'raw' | 'anycable' | 'phoenix';

type Json = Record<string, unknown>;

/** How one connection is served: what is sent when, and how a value looks once it is subscribed to. */
interface Dialogue {
  readonly subprotocol?: string;
  /** Sends the greeting; starts what the server does by itself. */
  greet?(send: (message: unknown) => void): void;
  /** Answers a message; returns how values are sent from now on, when it was a subscription. */
  answer?(message: unknown, send: (message: unknown) => void): ((value: number) => unknown) | undefined;
  /** Between two pings of the server, and the ping. */
  pings?: { everyMs: number; ping: () => unknown };
}

const tickwire: Dialogue = {
  greet: (send) => send(hello()),
  answer(message, send) {
    const { type, id, ts, data } = message as { type: string; id?: string; ts?: number; data?: Json };
    if (type === 'ping') send({ type: 'pong', id, ts: Date.now(), echo: ts });
    if (type === 'authenticate') send({ type: 'ack', id, op: 'authenticate', data: { userId: 'u1' } });
    if (type !== 'subscribe') return undefined;
    const channels = data?.['channels'] as { channel: string }[];
    const subscribed = channels.map(({ channel }) => {
      return { channel, kind: 'state', epoch: 'e1', seq: 0, recovered: false, reason: 'new' };
    });
    send({ type: 'ack', id, op: 'subscribe', data: { subscribed } });
    return (value) => ({ type: 'price_update', sub: 'coin:bitcoin', data: { coinId: 'bitcoin', price: value } });
  },
};

const centrifuge: Dialogue = {
  // The default of its server.
  pings: { everyMs: 25_000, ping: () => ({}) },
  answer(message, send) {
    const { id, connect, subscribe } = message as { id?: number; connect?: Json; subscribe?: { channel: string } };
    if (connect !== undefined) send({ id, connect: { client: 'c1', version: '1', ping: 25, pong: true } });
    if (subscribe === undefined) return undefined;
    send({ id, subscribe: {} });
    return (value) => ({ push: { channel: subscribe.channel, pub: { data: { value } } } });
  },
};

const graphqlWs: Dialogue = {
  subprotocol: 'graphql-transport-ws',
  answer(message, send) {
    const { type, id } = message as { type: string; id?: string };
    if (type === 'connection_init') send({ type: 'connection_ack' });
    if (type === 'ping') send({ type: 'pong' });
    return type === 'subscribe' ? (value) => ({ id, type: 'next', payload: { data: { value } } }) : undefined;
  },
};

const anycable: Dialogue = {
  subprotocol: 'actioncable-v1-json',
  greet: (send) => send({ type: 'welcome', sid: 's1' }),
  pings: { everyMs: 3_000, ping: () => ({ type: 'ping', message: Math.round(Date.now() / 1_000) }) },
  answer(message, send) {
    const { command, identifier } = message as { command?: string; identifier?: string };
    if (command !== 'subscribe') return undefined;
    send({ identifier, type: 'confirm_subscription' });
    return (value) => ({ identifier, message: { value } });
  },
};

const phoenix: Dialogue = {
  answer(message, send) {
    const [join, ref, topic, event] = message as [string | null, string, string, string];
    if (event === 'heartbeat' || event === 'phx_join' || event === 'phx_leave') {
      send([join, ref, topic, 'phx_reply', { status: 'ok', response: {} }]);
    }
    if (event !== 'phx_join') return undefined;
    return (value) => [join, null, topic, 'broadcast', { type: 'broadcast', event: 'value', payload: { value } }];
  },
};

const raw: Dialogue = {};

const dialogues: Readonly<Record<Exclude<Speech, 'socket.io'>, Dialogue>> = {
  tickwire,
  centrifuge,
  'graphql-ws': graphqlWs,
  raw,
  anycable,
  phoenix,
};

/** A server of one protocol on a port of its own. */
export interface PeerServer {
  readonly port: number;
  publish(value: number): void;
  /** Ends every connection this long after it has been greeted. */
  dropAfter(ms: number): void;
  /** Connections that hear values. */
  readonly subscribers: number;
  stop(): Promise<void>;
}

const listening = async (http: Server): Promise<number> => {
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  return (http.address() as AddressInfo).port;
};

async function socketIoServer(): Promise<PeerServer> {
  const http = createServer();
  const server = new SocketIoServer(http);
  let dropMs: number | undefined;
  server.on('connection', (socket) => {
    if (dropMs !== undefined) setTimeout(() => socket.conn.transport.close(), dropMs);
  });
  const port = await listening(http);
  return {
    port,
    publish: (value) => void server.emit('value', value),
    dropAfter: (ms) => (dropMs = ms),
    get subscribers() {
      return server.of('/').sockets.size;
    },
    stop: async () => {
      http.closeAllConnections();
      await server.close();
    },
  };
}

/** Starts a server that speaks as its clients expect. */
export async function startServer(speech: Speech): Promise<PeerServer> {
  if (speech === 'socket.io') return socketIoServer();
  const dialogue = dialogues[speech];
  const http = createServer();
  const { subprotocol } = dialogue;
  const sockets = new WebSocketServer({ server: http, handleProtocols: () => subprotocol ?? false });
  const subscribers = new Map<WebSocket, ((value: number) => unknown)[]>();
  let dropMs: number | undefined;
  sockets.on('connection', (socket) => {
    const send = (message: unknown): void => socket.send(JSON.stringify(message));
    const timer = dialogue.pings && setInterval(() => send(dialogue.pings?.ping()), dialogue.pings.everyMs);
    socket.on('error', () => undefined);
    socket.on('close', () => {
      clearInterval(timer);
      subscribers.delete(socket);
    });
    socket.on('message', (data: Buffer) => {
      // Centrifuge puts several commands on lines of one frame.
      for (const line of data.toString().split('\n')) {
        if (line === '' || line === '{}') continue;
        const wraps = dialogue.answer?.(JSON.parse(line), send);
        if (wraps !== undefined) subscribers.set(socket, [...(subscribers.get(socket) ?? []), wraps]);
      }
    });
    dialogue.greet?.(send);
    if (dialogue.answer === undefined) subscribers.set(socket, [(value) => ({ value })]);
    if (dropMs !== undefined) setTimeout(() => socket.terminate(), dropMs);
  });
  const port = await listening(http);
  return {
    port,
    publish(value) {
      for (const [socket, wraps] of subscribers) for (const wrap of wraps) socket.send(JSON.stringify(wrap(value)));
    },
    dropAfter: (ms) => (dropMs = ms),
    get subscribers() {
      return subscribers.size;
    },
    stop: async () => {
      for (const socket of sockets.clients) socket.terminate();
      await new Promise((resolve) => http.close(resolve));
    },
  };
}

/** A server that answers every upgrade, with the subprotocol that it was asked for, and then says nothing at all. */
export async function startSilentServer(): Promise<PeerServer> {
  const http = createServer();
  const sockets = new WebSocketServer({ server: http, handleProtocols: ([first]) => first ?? false });
  sockets.on('connection', (socket) => socket.on('error', () => undefined));
  const port = await listening(http);
  return {
    port,
    publish: () => undefined,
    dropAfter: () => undefined,
    subscribers: 0,
    stop: async () => {
      for (const socket of sockets.clients) socket.terminate();
      await new Promise((resolve) => http.close(resolve));
    },
  };
}

/** A server that resets every connection as soon as it is made. */
export async function startResettingServer(): Promise<PeerServer> {
  const http = createServer();
  http.on('connection', (socket) => socket.resetAndDestroy());
  const port = await listening(http);
  return {
    port,
    publish: () => undefined,
    dropAfter: () => undefined,
    subscribers: 0,
    stop: () => new Promise<void>((resolve) => http.close(() => resolve())),
  };
}
