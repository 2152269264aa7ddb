/** A server on a bare TCP socket that says yes to an upgrade and then sends what no WebSocket server would. */
import { createHash } from 'node:crypto';
import { createServer, type Server, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';

const magic = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

/** One connection: its request, and frames as they are asked for. */
export class RawConnection {
  readonly socket: Socket;
  readonly request: string;

  constructor(socket: Socket, request: string) {
    this.socket = socket;
    this.request = request;
  }

  /** @param first FIN, RSV bits and opcode: `0x81` is a whole text, `0xc1` a compressed one */
  frame(first: number, payload: Uint8Array): void {
    const { length } = payload;
    // Strict readers want the length in as few bytes as it takes.
    const header = Buffer.alloc(length < 126 ? 2 : length < 65_536 ? 4 : 10);
    header.writeUInt8(first);
    header.writeUInt8(length < 126 ? length : length < 65_536 ? 126 : 127, 1);
    if (header.length === 4) header.writeUInt16BE(length, 2);
    if (header.length === 10) header.writeBigUInt64BE(BigInt(length), 2);
    this.socket.write(Buffer.concat([header, payload]));
  }

  text(text: string): void {
    this.frame(0x81, Buffer.from(text));
  }
}

/** What the server does; every part may be left out. */
export interface RawBehaviour {
  /** A header line of the answer, such as an extension. */
  header?: string;
  /** Answers the request itself, without an upgrade. */
  answer?: string;
  connected?: (connection: RawConnection) => void;
}

export class RawServer {
  readonly connections: RawConnection[] = [];
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(behaviour: RawBehaviour) {
    this.#server = createServer((socket) => {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
      socket.on('error', () => undefined);
      socket.once('data', (bytes) => this.#requested(socket, bytes.toString(), behaviour));
    });
  }

  static async start(behaviour: RawBehaviour = {}): Promise<RawServer> {
    const server = new RawServer(behaviour);
    await new Promise<void>((resolve) => server.#server.listen(0, '127.0.0.1', resolve));
    return server;
  }

  get url(): string {
    return `ws://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }

  #requested(socket: Socket, request: string, { header, answer, connected }: RawBehaviour): void {
    const connection = new RawConnection(socket, request);
    this.connections.push(connection);
    socket.resume();
    if (answer !== undefined) {
      socket.end(answer);
      return;
    }
    const key = /sec-websocket-key: (\S+)/i.exec(request)?.[1] ?? '';
    const accept = createHash('sha1')
      .update(key + magic)
      .digest('base64');
    const lines = ['HTTP/1.1 101 Switching Protocols', 'Upgrade: websocket', 'Connection: Upgrade'];
    lines.push(`Sec-WebSocket-Accept: ${accept}`, ...(header === undefined ? [] : [header]));
    socket.write(`${lines.join('\r\n')}\r\n\r\n`);
    connected?.(connection);
  }
}
