/** A real WebSocket server on a free port, driven by a test. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type WebSocket } from 'ws';
import {
  PriceFeedService,
  type EventChannelName,
  type FakePrice,
  type PriceChannelName,
} from './price-feed-service.js';
import { realClock } from './real-clock.js';
import { listenOn } from './same-port.js';

/** What the server does; every part may be left out. */
export interface Script {
  /** Prices that are there from the start, by channel; `createScriptedServer` alone looks at them. */
  prices?: Readonly<Record<PriceChannelName, FakePrice>> | undefined;
  /** A connection has been made. */
  connected?: ((peer: Peer) => void) | undefined;
  /** A message of the client has arrived. */
  received?: ((peer: Peer, message: Record<string, unknown>) => void) | undefined;
  /** Take the TCP connection, never answer the upgrade. */
  mute?: boolean | undefined;
}

/** One connection, seen from the server. */
export class Peer {
  readonly socket: WebSocket;
  readonly received: Record<string, unknown>[] = [];

  constructor(socket: WebSocket) {
    this.socket = socket;
  }

  /** Sends a message, or a text as it is. */
  send(message: unknown): void {
    this.socket.send(typeof message === 'string' ? message : JSON.stringify(message));
  }

  /** The types of what has arrived, in order. */
  get types(): string[] {
    return this.received.map((message) => String(message['type']));
  }

  /** From now on nothing is read: the link stays open and is dead. */
  freeze(): void {
    this.socket.pause();
  }
}

/** The server, its connections, and the end of both. */
export class ScriptedServer {
  readonly peers: Peer[] = [];
  readonly #http: Server;
  readonly #sockets: WebSocketServer;
  readonly #streams = new Set<Duplex>();
  readonly #port: number;
  readonly #service: PriceFeedService | undefined;

  private constructor(http: Server, sockets: WebSocketServer, script: Script, service: PriceFeedService | undefined) {
    this.#service = service;
    this.#http = http;
    this.#sockets = sockets;
    this.#port = (http.address() as AddressInfo).port;
    http.on('connection', (stream) => {
      this.#streams.add(stream);
      stream.on('close', () => this.#streams.delete(stream));
      stream.on('error', () => undefined);
    });
    http.on('upgrade', (request, stream, head) => {
      if (script.mute === true) return;
      sockets.handleUpgrade(request, stream, head, (socket) => this.#connected(socket, script));
    });
  }

  /**
   * Starts a server.
   *
   * @param port 0 takes a free one
   * @param service answers as a `tickwire` server does; without one only the script speaks
   */
  static async start(script: Script = {}, port = 0, service?: PriceFeedService): Promise<ScriptedServer> {
    const http = createServer();
    await listenOn(http, port);
    return new ScriptedServer(http, new WebSocketServer({ noServer: true }), script, service);
  }

  get url(): string {
    return `ws://127.0.0.1:${this.#port}`;
  }

  get port(): number {
    return this.#port;
  }

  /** The connection that was made last. */
  get last(): Peer {
    const peer = this.peers.at(-1);
    if (peer === undefined) throw new Error('Nobody has connected.');
    return peer;
  }

  /** Connections that are open. */
  get open(): number {
    return this.peers.filter((peer) => peer.socket.readyState === 1).length;
  }

  /** A price arrives at whoever has subscribed. @throws RangeError for a wrong name or number; Error where only the script speaks */
  price(channel: PriceChannelName, price: FakePrice): void {
    this.#speaking().price(channel, price);
  }

  /** An event arrives at whoever has subscribed; what `data` leaves out is filled in. @throws as `price` does */
  event(channel: EventChannelName, data?: Readonly<Record<string, unknown>>): void {
    this.#speaking().event(channel, data);
  }

  /** From now on a channel is refused, or a request by its type (`alert_create`). @param code @default 'UNKNOWN_CHANNEL', for a request 'BAD_MESSAGE' */
  refuse(what: string, code?: string): void {
    this.#speaking().refuse(what, code);
  }

  /** Ends everything at once, as a crash would. */
  async stop(): Promise<void> {
    for (const peer of this.peers) peer.socket.terminate();
    for (const stream of this.#streams) stream.destroy();
    this.#sockets.close();
    await new Promise<void>((resolve) => this.#http.close(() => resolve()));
  }

  #speaking(): PriceFeedService {
    if (this.#service === undefined)
      throw new Error('This server only plays its script: make it with createScriptedServer.');
    return this.#service;
  }

  #connected(socket: WebSocket, script: Script): void {
    const peer = new Peer(socket);
    this.peers.push(peer);
    const connection = this.#service?.connect((message) => peer.send(message));
    socket.on('error', () => undefined);
    socket.on('close', () => connection?.end());
    socket.on('message', (data: Buffer) => {
      const message = messageOf(data.toString());
      peer.received.push(message);
      script.received?.(peer, message);
      connection?.receive(message);
    });
    connection?.greet();
    script.connected?.(peer);
  }
}

/**
 * A real WebSocket server on a free port of this machine that speaks as a `tickwire` server does: it greets, acks,
 * keeps prices and events, and resumes. The script hears and says what it likes beside that.
 */
export function createScriptedServer(script: Script = {}): Promise<ScriptedServer> {
  const service = new PriceFeedService({ prices: script.prices, now: () => realClock.now() });
  return ScriptedServer.start(script, 0, service);
}

/** What is no JSON object is shown as a message of type `(unreadable)`. */
function messageOf(text: string): Record<string, unknown> {
  try {
    const message: unknown = JSON.parse(text);
    if (typeof message === 'object' && message !== null) return message as Record<string, unknown>;
  } catch {
    // Told below.
  }
  return { type: '(unreadable)', text };
}
