/** A WebSocket server for emulators of backends: stops, starts again on the same port, and remembers what each peer sent. */
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { Socket } from 'node:net';
import { WebSocket, WebSocketServer } from 'ws';
import { decodeServerMessage } from '@tickwire/protocol/codec';
import { listenOn, type Message } from '@tickwire/testing';

/** What an emulator does on its connections. */
export interface BackendBehaviour<Peer extends BackendPeer> {
  readonly peer: (socket: WebSocket, number: number, headers: IncomingHttpHeaders) => Peer;
  readonly connected: (peer: Peer) => void;
  readonly received: (peer: Peer, text: string) => void;
  readonly handleProtocols?: (protocols: Set<string>) => string | false;
  /** Bytes of one frame; a longer one is closed with 1009. @default 1 MiB */
  readonly maxPayload?: number;
}

const recordLimit = 10_000;

/** One connection, seen from an emulator. */
export class BackendPeer {
  /** 1 for the first connection of the emulator's life. */
  readonly number: number;
  /** The headers of the upgrade. */
  readonly headers: IncomingHttpHeaders;
  /** What the peer sent, word for word; the newest 10,000. */
  readonly texts: string[] = [];
  /** How many frames it was sent. */
  sent = 0;
  /** How the connection ended, once it has. */
  closed: { code: number; reason: string } | undefined;
  readonly #socket: WebSocket;

  constructor(socket: WebSocket, number: number, headers: IncomingHttpHeaders) {
    this.#socket = socket;
    this.number = number;
    this.headers = headers;
  }

  /** What the peer sent, parsed; what is no JSON object is left out. */
  get received(): Record<string, unknown>[] {
    return this.texts.map(readObject).filter((message) => message !== undefined);
  }

  get open(): boolean {
    return this.#socket.readyState === WebSocket.OPEN;
  }

  /** Sends a message; one that would not decode is a mistake of the test, and thrown. */
  send(message: Message): void {
    const text = JSON.stringify(message);
    const result = decodeServerMessage(text);
    if (!result.ok) throw new TypeError(`Not of the contract at "${result.path}", ${result.reason}: ${text}`);
    this.sendText(text);
  }

  /** Sends a text as it is. */
  sendText(text: string): void {
    if (!this.open) return;
    this.sent += 1;
    this.#socket.send(text);
  }

  close(code: number, reason: string): void {
    this.#socket.close(code, reason);
  }

  /** Ends the connection without a close frame. */
  terminate(): void {
    this.#socket.terminate();
  }

  /** Writes down what has arrived. */
  record(text: string): void {
    this.texts.push(text);
    if (this.texts.length > recordLimit) this.texts.shift();
  }
}

/** The JSON object that a text is; `undefined` when it is none. */
export function readObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch {
    // Not JSON: no object.
  }
  return undefined;
}

export class BackendHost<Peer extends BackendPeer> {
  /** Everybody who has ever connected, the newest 10,000. */
  readonly peers: Peer[] = [];
  readonly #behaviour: BackendBehaviour<Peer>;
  readonly #streams = new Set<Socket>();
  #http: Server | undefined;
  #port = 0;
  #count = 0;

  constructor(behaviour: BackendBehaviour<Peer>) {
    this.#behaviour = behaviour;
  }

  get port(): number {
    return this.#port;
  }

  get running(): boolean {
    return this.#http !== undefined;
  }

  /** Listens: on a free port the first time, then on the same one. */
  async start(): Promise<void> {
    if (this.#http !== undefined) return;
    const http = createServer();
    this.#http = http;
    const { handleProtocols, maxPayload = 1_048_576, peer: createPeer, connected } = this.#behaviour;
    const sockets = new WebSocketServer({
      noServer: true,
      maxPayload,
      ...(handleProtocols === undefined ? {} : { handleProtocols }),
    });
    http.on('connection', (stream: Socket) => {
      this.#streams.add(stream);
      stream.on('close', () => this.#streams.delete(stream));
      stream.on('error', () => undefined);
    });
    http.on('upgrade', (request, stream, head) => {
      sockets.handleUpgrade(request, stream, head, (socket) => {
        this.#count += 1;
        const peer = createPeer(socket, this.#count, request.headers);
        this.#attach(socket, peer);
        connected(peer);
      });
    });
    this.#port = await listenOn(http, this.#port);
  }

  /** Ends every connection at once, as a crash would, and frees the port. */
  async stop(): Promise<void> {
    const http = this.#http;
    this.#http = undefined;
    if (http === undefined) return;
    const closed = new Promise<void>((resolve) => http.close(() => resolve()));
    for (const stream of this.#streams) stream.destroy();
    await closed;
  }

  #attach(socket: WebSocket, peer: Peer): void {
    this.peers.push(peer);
    if (this.peers.length > recordLimit) this.peers.shift();
    socket.on('error', () => undefined);
    socket.on('close', (code, reason) => {
      peer.closed = { code, reason: reason.toString() };
    });
    socket.on('message', (data: Buffer) => {
      const text = data.toString();
      peer.record(text);
      this.#behaviour.received(peer, text);
    });
  }
}
