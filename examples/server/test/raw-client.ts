/** A TCP client that builds its frames by hand, right ones and wrong ones: opcode, FIN, RSV, mask and length as it likes. */
import { connect, type Socket } from 'node:net';

/** RFC 6455 section 5.2; everything has the value of an honest client unless told otherwise. */
export interface RawFrame {
  readonly opcode?: number;
  readonly fin?: boolean;
  /** The three reserved bits, 0 to 7. */
  readonly rsv?: number;
  readonly masked?: boolean;
  readonly payload?: string | Buffer;
  /** What the header claims, if that is not the payload's own length. */
  readonly claims?: bigint;
}

export const opcodes = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

const mask = Buffer.from([0x11, 0x22, 0x33, 0x44]);

function lengthBytes(length: bigint, maskBit: number): Buffer {
  if (length < 126n) return Buffer.from([maskBit | Number(length)]);
  if (length < 65_536n) {
    const bytes = Buffer.from([maskBit | 126, 0, 0]);
    bytes.writeUInt16BE(Number(length), 1);
    return bytes;
  }
  const bytes = Buffer.alloc(9);
  bytes[0] = maskBit | 127;
  bytes.writeBigUInt64BE(length, 1);
  return bytes;
}

/** The bytes of a frame. */
export function frameBytes({ opcode = 1, fin = true, rsv = 0, masked = true, payload = '', claims }: RawFrame): Buffer {
  const body = Buffer.from(payload as string);
  const first = Buffer.from([(fin ? 0x80 : 0) | (rsv << 4) | opcode]);
  const length = lengthBytes(claims ?? BigInt(body.length), masked ? 0x80 : 0);
  if (!masked) return Buffer.concat([first, length, body]);
  for (const [index, byte] of body.entries()) body[index] = byte ^ (mask[index % 4] ?? 0);
  return Buffer.concat([first, length, mask, body]);
}

/** A close frame's payload. */
export function closePayload(code: number, reason = ''): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(code);
  return Buffer.concat([bytes, Buffer.from(reason)]);
}

/** The request of an upgrade; `headers` are written as they are, so a name may come twice. */
export function upgradeRequest(path = '/ws', headers: readonly string[] = []): string {
  const usual = [
    'Host: server.example',
    'Upgrade: websocket',
    'Connection: Upgrade',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  ];
  const named = new Set(headers.map((line) => line.split(':', 1)[0]?.toLowerCase()));
  const kept = [...usual, 'Sec-WebSocket-Version: 13'].filter(
    (line) => !named.has(line.split(':', 1)[0]?.toLowerCase()),
  );
  return `GET ${path} HTTP/1.1\r\n${[...kept, ...headers].join('\r\n')}\r\n\r\n`;
}

const headEnd = '\r\n\r\n';

/** One TCP connection. It never answers by itself, not even a ping or a close. */
export class RawClient {
  readonly socket: Socket;
  /** Resolves when the connection is gone, however it went. */
  readonly gone: Promise<void>;
  #bytes = Buffer.alloc(0);
  #wake: () => void = () => undefined;

  constructor(port: number, host = '127.0.0.1', localAddress?: string) {
    this.socket = connect({ port, host, ...(localAddress === undefined ? {} : { localAddress }) });
    this.socket.on('error', () => undefined);
    this.socket.on('data', (chunk: Buffer) => {
      this.#bytes = Buffer.concat([this.#bytes, chunk]);
      this.#wake();
    });
    this.gone = new Promise((resolve) => {
      this.socket.on('close', () => {
        resolve();
        this.#wake();
      });
    });
  }

  /** Dials and upgrades; rejects when the server does not switch. */
  static async upgraded(port: number, headers: readonly string[] = []): Promise<RawClient> {
    const client = new RawClient(port);
    client.write(upgradeRequest('/ws', headers));
    const status = await client.status();
    if (status !== 101) throw new Error(`The upgrade was answered ${status}`);
    return client;
  }

  write(bytes: string | Buffer): void {
    if (this.socket.writable) this.socket.write(bytes);
  }

  /** Sends frames in one write. */
  send(...frames: RawFrame[]): void {
    this.write(Buffer.concat(frames.map(frameBytes)));
  }

  /** The status of the HTTP answer, which is taken off the bytes; 0 when the connection ended without one. */
  async status(): Promise<number> {
    await this.#until(() => this.#bytes.includes(headEnd));
    const end = this.#bytes.indexOf(headEnd);
    if (end < 0) return 0;
    const head = this.#bytes.subarray(0, end).toString('latin1');
    this.#bytes = this.#bytes.subarray(end + headEnd.length);
    return Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1] ?? 0);
  }

  /** The next frame of the server; `undefined` when the connection ended without one. */
  async next(): Promise<{ opcode: number; payload: Buffer } | undefined> {
    await this.#until(() => this.#frameEnd() !== undefined);
    const end = this.#frameEnd();
    if (end === undefined) return undefined;
    const [first = 0] = this.#bytes;
    const frame = { opcode: first & 0x0f, payload: this.#bytes.subarray(end.start, end.end) };
    this.#bytes = this.#bytes.subarray(end.end);
    return frame;
  }

  /** Reads on to the close frame and hangs up; 1006 when there is none. */
  async closeCode(): Promise<number> {
    for (;;) {
      const frame = await this.next();
      if (frame === undefined) return 1006;
      if (frame.opcode !== opcodes.close) continue;
      this.socket.end();
      return frame.payload.length >= 2 ? frame.payload.readUInt16BE(0) : 1005;
    }
  }

  /** Ends the connection with a reset. */
  reset(): void {
    this.socket.resetAndDestroy();
  }

  async close(): Promise<void> {
    this.socket.destroy();
    await this.gone;
  }

  #frameEnd(): { start: number; end: number } | undefined {
    const [, second] = this.#bytes;
    if (second === undefined) return undefined;
    const short = second & 0x7f;
    const start = short < 126 ? 2 : short === 126 ? 4 : 10;
    if (this.#bytes.length < start) return undefined;
    const length =
      short < 126 ? short : short === 126 ? this.#bytes.readUInt16BE(2) : Number(this.#bytes.readBigUInt64BE(2));
    return this.#bytes.length < start + length ? undefined : { start, end: start + length };
  }

  async #until(isThere: () => boolean): Promise<void> {
    while (!isThere() && !this.socket.closed) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}
