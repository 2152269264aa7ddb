/** A real WebSocket server on a free port, driven by a test. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type WebSocket } from 'ws';

/** What the server does; every part may be left out. */
export interface Script {
  /** A connection has been made. */
  connected?: (peer: Peer) => void;
  /** A message of the client has arrived. */
  received?: (peer: Peer, message: Record<string, unknown>) => void;
  /** Take the TCP connection, never answer the upgrade. */
  mute?: boolean;
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

  private constructor(http: Server, sockets: WebSocketServer, script: Script) {
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

  /** Starts a server. @param port 0 takes a free one */
  static async start(script: Script = {}, port = 0): Promise<ScriptedServer> {
    const http = createServer();
    await new Promise<void>((resolve, reject) => {
      http.once('error', reject);
      http.listen(port, '127.0.0.1', resolve);
    });
    return new ScriptedServer(http, new WebSocketServer({ noServer: true }), script);
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

  /** Ends everything at once, as a crash would. */
  async stop(): Promise<void> {
    for (const peer of this.peers) peer.socket.terminate();
    for (const stream of this.#streams) stream.destroy();
    this.#sockets.close();
    await new Promise<void>((resolve) => this.#http.close(() => resolve()));
  }

  #connected(socket: WebSocket, script: Script): void {
    const peer = new Peer(socket);
    this.peers.push(peer);
    socket.on('error', () => undefined);
    socket.on('message', (data: Buffer) => {
      const message = JSON.parse(data.toString()) as Record<string, unknown>;
      peer.received.push(message);
      script.received?.(peer, message);
    });
    script.connected?.(peer);
  }
}

/** Waits until something holds; fails with what was waited for. */
export async function until(what: string, holds: () => boolean, withinMs = 5_000): Promise<void> {
  const end = performance.now() + withinMs;
  while (!holds()) {
    if (performance.now() > end) throw new Error(`Not within ${withinMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
