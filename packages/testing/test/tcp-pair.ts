/** A plain TCP client and server with a fault proxy between them, and what each of them sees. */
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { FaultProxy, until, type FaultProxyOptions } from '@tickwire/testing';

/** One end of a connection. */
export class End {
  readonly socket: Socket;
  /** What came in, a piece a read. */
  readonly reads: Buffer[] = [];
  ended = false;
  closed = false;
  error: string | undefined;

  constructor(socket: Socket) {
    this.socket = socket;
    socket.on('data', (bytes: Buffer) => this.reads.push(bytes));
    socket.on('end', () => {
      this.ended = true;
    });
    socket.on('error', (error: NodeJS.ErrnoException) => {
      this.error = error.code;
    });
    socket.on('close', () => {
      this.closed = true;
    });
  }

  get text(): string {
    return Buffer.concat(this.reads).toString('latin1');
  }

  /** Waits until so many bytes have come. */
  async has(bytes: number): Promise<string> {
    await until(`${bytes} bytes`, () => this.text.length >= bytes);
    return this.text;
  }
}

export class TcpPairs {
  readonly proxy: FaultProxy;
  readonly clients: End[] = [];
  readonly servers: End[] = [];
  readonly #server: Server;

  private constructor(proxy: FaultProxy, server: Server) {
    this.proxy = proxy;
    this.#server = server;
    server.on('connection', (socket) => this.servers.push(new End(socket)));
  }

  static async start(options: FaultProxyOptions = {}): Promise<TcpPairs> {
    const server = createServer({ allowHalfOpen: true, noDelay: true });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const proxy = await FaultProxy.start((server.address() as AddressInfo).port, options);
    return new TcpPairs(proxy, server);
  }

  /** Dials the proxy, without waiting for anything. */
  dial(): End {
    const socket = connect({ port: this.proxy.port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true });
    const end = new End(socket);
    this.clients.push(end);
    return end;
  }

  /** Dials the proxy and waits for the server to be dialled. */
  async open(): Promise<{ client: End; server: End }> {
    const count = this.servers.length;
    const client = this.dial();
    await until('a connection', () => this.servers.length > count);
    return { client, server: this.servers[count]! };
  }

  async close(): Promise<void> {
    await this.proxy.close();
    for (const { socket } of [...this.clients, ...this.servers]) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
