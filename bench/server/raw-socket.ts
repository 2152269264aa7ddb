/** A WebSocket client that costs next to nothing, so that thousands fit beside the server that is measured. */
import { connect, type Socket } from 'node:net';

/** One masked text frame; the mask is zero, so the text goes as it is. */
export function textFrame(text: string): Buffer {
  return maskedFrame(1, Buffer.from(text));
}

function maskedFrame(opcode: number, payload: Buffer): Buffer {
  const { length } = payload;
  const head =
    length < 126
      ? Buffer.from([0x80 | opcode, 0x80 | length, 0, 0, 0, 0])
      : Buffer.from([0x80 | opcode, 0xfe, length >> 8, length & 255, 0, 0, 0, 0]);
  return Buffer.concat([head, payload]);
}

const pong = maskedFrame(10, Buffer.alloc(0));

/** What became of a socket. */
export interface RawListener {
  onOpen(socket: RawSocket): void;
  /** A text frame came; its payload only when `readsText`. */
  onText(socket: RawSocket, payload: Buffer | undefined): void;
  onClose(socket: RawSocket, code: number, status: number): void;
}

/** Where to dial. */
export interface RawTarget {
  readonly port: number;
  readonly path: string;
  /** A loopback address of its own, for more sockets than one address has ports. */
  readonly localAddress: string;
  /** Told to a server that trusts its proxy. */
  readonly forwardedFor: string;
  readonly readsText: boolean;
}

/** One connection; it answers pings by itself. */
export class RawSocket {
  readonly #socket: Socket;
  readonly #listener: RawListener;
  readonly #readsText: boolean;
  #isOpen = false;
  #rest: Buffer | undefined;
  #skip = 0;
  #closeCode = 1006;
  #status = 0;
  /** What stood in the server's close frame. */
  closeReason = '';
  /** The `Retry-After` of a refused upgrade. */
  retryAfter: string | undefined;

  constructor(target: RawTarget, listener: RawListener) {
    this.#listener = listener;
    this.#readsText = target.readsText;
    this.#socket = connect({ port: target.port, host: '127.0.0.1', localAddress: target.localAddress });
    this.#socket.on('error', () => undefined);
    this.#socket.on('connect', () => {
      this.#socket.write(
        `GET ${target.path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nX-Forwarded-For: ${target.forwardedFor}\r\n\r\n`,
      );
    });
    this.#socket.on('data', (chunk) => this.#read(chunk));
    this.#socket.on('close', () => listener.onClose(this, this.#closeCode, this.#status));
  }

  send(frame: Buffer): void {
    this.#socket.write(frame);
  }

  /** Stops or goes on reading. */
  pause(): void {
    this.#socket.pause();
  }
  resume(): void {
    this.#socket.resume();
  }

  end(): void {
    this.#socket.destroy();
  }

  /** Sends a close frame; the server then ends the connection. */
  close(code: number): void {
    this.send(maskedFrame(8, Buffer.from([code >> 8, code & 255])));
  }

  #read(chunk: Buffer): void {
    let bytes = this.#rest === undefined ? chunk : Buffer.concat([this.#rest, chunk]);
    this.#rest = undefined;
    if (!this.#isOpen) {
      const end = bytes.indexOf('\r\n\r\n');
      if (end < 0) {
        this.#rest = bytes;
        return;
      }
      this.#status = Number(bytes.toString('latin1', 9, 12));
      if (this.#status !== 101) {
        this.retryAfter = /^retry-after: *(\S+)/im.exec(bytes.toString('latin1', 0, end))?.[1];
        this.end();
        return;
      }
      this.#isOpen = true;
      bytes = bytes.subarray(end + 4);
      this.#listener.onOpen(this);
    }
    this.#frames(bytes);
  }

  #frames(bytes: Buffer): void {
    let at = Math.min(this.#skip, bytes.length);
    this.#skip -= at;
    while (at < bytes.length) {
      const left = bytes.length - at;
      const short = left < 2 ? 0 : (bytes[at + 1] ?? 0) & 127;
      const head = short === 126 ? 4 : short === 127 ? 10 : 2;
      if (left < head) break;
      const length =
        short === 126 ? bytes.readUInt16BE(at + 2) : short === 127 ? Number(bytes.readBigUInt64BE(at + 2)) : short;
      const opcode = (bytes[at] ?? 0) & 15;
      const isWhole = left >= head + length;
      if (!isWhole && (this.#readsText || opcode !== 1)) break;
      const payload = isWhole ? bytes.subarray(at + head, at + head + length) : undefined;
      if (opcode === 1) this.#listener.onText(this, payload);
      else if (opcode === 9) this.send(pong);
      else if (opcode === 8) {
        this.#closeCode = length >= 2 ? bytes.readUInt16BE(at + head) : 1005;
        this.closeReason = bytes.toString('utf8', at + head + 2, at + head + length);
        this.send(maskedFrame(8, payload ?? Buffer.alloc(0)));
      }
      if (!isWhole) {
        this.#skip = head + length - left;
        return;
      }
      at += head + length;
    }
    if (at < bytes.length) this.#rest = Buffer.from(bytes.subarray(at));
  }
}
