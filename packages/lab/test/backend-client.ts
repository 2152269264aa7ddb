/** A raw WebSocket client of an emulator; everything it is told must decode. */
import { WebSocket, type ClientOptions } from 'ws';
import { decodeServerMessage } from '@tickwire/protocol/codec';
import { until } from '@tickwire/testing';

export class BackendClient {
  readonly socket: WebSocket;
  readonly frames: string[] = [];
  /** Frames that do not decode as known messages. */
  readonly undecodable: string[] = [];
  closed: { code: number; reason: string } | undefined;
  #taken = 0;

  constructor(url: string, options: ClientOptions & { protocols?: string[] } = {}) {
    this.socket = new WebSocket(url, options.protocols ?? [], options);
    this.socket.on('error', () => undefined);
    this.socket.on('message', (data: Buffer) => {
      const text = data.toString();
      const result = decodeServerMessage(text);
      this.frames.push(text);
      if (!result.ok || result.kind !== 'known' || result.reported !== undefined) this.undecodable.push(text);
    });
    this.socket.on('close', (code, reason) => {
      this.closed = { code, reason: reason.toString() };
    });
  }

  send(message: unknown): void {
    this.socket.send(typeof message === 'string' ? message : JSON.stringify(message));
  }

  /** The next `count` messages. */
  async next(count = 1): Promise<Record<string, unknown>[]> {
    await until(`${count} more frames after ${this.#taken}`, () => this.frames.length >= this.#taken + count);
    const texts = this.frames.slice(this.#taken, this.#taken + count);
    this.#taken += count;
    return texts.map((text) => JSON.parse(text) as Record<string, unknown>);
  }

  /** The `data` of the next message. */
  async nextData(): Promise<unknown> {
    const [message] = await this.next();
    return message?.['data'];
  }

  /** Frames that have come and were not asked for. */
  get waiting(): number {
    return this.frames.length - this.#taken;
  }

  /** Everything that the backend sent before the answer to a ping has come: nothing else was on its way. */
  async quiet(): Promise<string[]> {
    this.send({ type: 'ping' });
    await until('the pong', () => (this.frames.at(-1) ?? '').includes('pong'));
    const texts = this.frames.slice(this.#taken, -1);
    this.#taken = this.frames.length;
    return texts;
  }

  async end(): Promise<{ code: number; reason: string }> {
    await until('the close', () => this.closed !== undefined);
    return this.closed!;
  }
}
