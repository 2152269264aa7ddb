/** The server of one cell: speaks `tickwire`, and goes away for 2 s when a client asks for it. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocketServer, type WebSocket } from 'ws';

const awayMs = 2_000;
/** The programme's longest back-off, and the second on top that it may take. */
const backWithinMs = 500 + 1_000;
const lossChannel = 'coin:lose-the-server';
const timestamp = '2026-01-01T00:00:00.000Z';

const greeting = {
  type: 'hello',
  timestamp,
  data: {
    protocol: 1,
    connectionId: 'c_1',
    serverTime: Date.parse(timestamp),
    heartbeatMs: 15_000,
    capabilities: ['ack', 'seq', 'snapshot', 'heartbeat'],
    limits: {},
  },
};

interface Request {
  readonly type?: string;
  readonly id?: string;
  readonly data?: { readonly token?: string; readonly channels?: readonly (string | { readonly channel: string })[] };
}

function listen(http: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    http.once('error', reject);
    http.listen(port, '127.0.0.1', () => resolve((http.address() as AddressInfo).port));
  });
}

/** A port of this machine where nobody listens. */
async function deadPort(): Promise<number> {
  const http = createServer();
  const port = await listen(http, 0);
  await new Promise((resolve) => http.close(resolve));
  return port;
}

/** A server that one run of the smoke programme talks to. */
export class SmokeServer {
  /** Credentials, in the order in which they came. */
  readonly tokens: string[] = [];
  /** Headers of the upgrades. */
  readonly headers: Record<string, unknown>[] = [];
  readonly #streams = new Set<Socket>();
  #http: Server | undefined;
  #port = 0;
  #refusedPort = 0;
  #connections = 0;
  #lost = false;
  #returned: number | undefined;
  #backMs: number | undefined;

  private constructor() {}

  static async start(): Promise<SmokeServer> {
    const server = new SmokeServer();
    server.#refusedPort = await deadPort();
    await server.#listen();
    return server;
  }

  get url(): string {
    return `ws://127.0.0.1:${this.#port}/ws`;
  }

  get refusedUrl(): string {
    return `ws://127.0.0.1:${this.#refusedPort}/ws`;
  }

  /** Whether only the time to come back is too long: a machine that is busy with something else may be why. */
  get late(): boolean {
    return this.#backMs !== undefined && this.#backMs > backWithinMs;
  }

  /** What is wrong after the programme has ended, waiting a moment for sockets to close. */
  async problems(): Promise<string[]> {
    for (let tries = 0; this.#streams.size > 0 && tries < 100; tries += 1) await sleep(20);
    const problems: string[] = [];
    if (this.#streams.size > 0) problems.push(`${this.#streams.size} connections are left open`);
    if (this.#connections < 2) problems.push('nobody came back');
    if (!this.tokens.includes('token-2')) problems.push('no new token came');
    if (this.#backMs === undefined) problems.push('nobody subscribed after the loss');
    else if (this.late) problems.push(`back after ${Math.round(this.#backMs)} ms, more than ${backWithinMs}`);
    return problems;
  }

  async stop(): Promise<void> {
    const http = this.#http;
    this.#http = undefined;
    for (const stream of this.#streams) stream.destroy();
    if (http !== undefined) await new Promise((resolve) => http.close(resolve));
  }

  async #listen(): Promise<void> {
    const http = createServer();
    const sockets = new WebSocketServer({ noServer: true });
    http.on('connection', (stream: Socket) => {
      this.#streams.add(stream);
      stream.on('close', () => this.#streams.delete(stream));
      stream.on('error', () => undefined);
    });
    http.on('upgrade', (request, stream, head) => {
      this.headers.push(request.headers);
      sockets.handleUpgrade(request, stream, head, (socket) => this.#connected(socket));
    });
    this.#port = await listen(http, this.#port);
    this.#http = http;
  }

  #connected(socket: WebSocket): void {
    this.#connections += 1;
    const number = this.#connections;
    const send = (message: unknown): void => socket.send(JSON.stringify(message));
    socket.on('error', () => undefined);
    socket.on('message', (bytes: Buffer) => {
      const { type, id, data } = JSON.parse(bytes.toString()) as Request;
      if (type === 'authenticate') {
        this.tokens.push(data?.token ?? '');
        send({ type: 'ack', id, op: 'authenticate', data: { userId: '1', scopes: [], subscribed: [] } });
      } else if (type === 'ping') send({ type: 'pong', id, timestamp });
      else if (type === 'subscribe') {
        const channels = (data?.channels ?? []).map((item) => (typeof item === 'string' ? item : item.channel));
        const position = { kind: 'state', epoch: 'e1', seq: 1, recovered: false, reason: 'new' };
        const subscribed = channels.map((channel) => ({ channel, ...position }));
        send({ type: 'ack', id, op: 'subscribe', data: { subscribed, rejected: [] } });
        if (channels.includes('coin:bitcoin')) this.#wanted(number, send);
        if (channels.includes(lossChannel)) void this.#lose();
      } else if (type === 'unsubscribe') send({ type: 'ack', id, op: 'unsubscribe', data: { unsubscribed: [] } });
    });
    send(greeting);
  }

  #wanted(connection: number, send: (message: unknown) => void): void {
    const data = { coinId: 'bitcoin', price: connection, timestamp };
    send({ type: 'price_update', channel: 'coin:bitcoin', epoch: 'e1', seq: connection + 1, data, timestamp });
    if (connection === 1) send({ type: 'error', data: { code: 'TOKEN_EXPIRING', message: 'A new token, please.' } });
    else if (this.#returned !== undefined) this.#backMs ??= performance.now() - this.#returned;
  }

  /** Ends every connection as a crash would, and listens on the same port again after 2 s. */
  async #lose(): Promise<void> {
    if (this.#lost) return;
    this.#lost = true;
    await this.stop();
    await sleep(awayMs);
    await this.#listen();
    this.#returned = performance.now();
  }
}
