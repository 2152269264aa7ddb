/**
 * A real socket for tests. Every frame that a server sends it must decode without a fault or a report; the first one that
 * does not fails the test that waits, and `close`.
 */
import type { ServerMessage } from '@tickwire/protocol';
import { decodeServerMessage } from '@tickwire/protocol/codec';
import { WebSocket, type ClientOptions } from 'ws';

export type Frame<T extends ServerMessage['type']> = Extract<ServerMessage, { type: T }>;

/** Below the time that a test has, so that it says what was missing; far above what a busy machine takes. */
const patienceMs = 60_000;

export class StreamClient {
  readonly socket: WebSocket;
  /** What came, each message of a batch by itself. */
  readonly frames: ServerMessage[] = [];
  batches = 0;
  readonly closed: Promise<{ code: number; reason: string }>;
  /** The status of an upgrade that was refused; pending when it was not. */
  readonly refused: Promise<number>;
  #read = 0;
  #fault: Error | undefined;
  #wake: () => void = () => undefined;

  constructor(url: string, protocols: string[] = [], options: ClientOptions = {}) {
    this.socket = new WebSocket(url, protocols, options);
    this.socket.on('error', () => undefined);
    this.refused = new Promise((resolve) => {
      this.socket.on('unexpected-response', (_request, response) => {
        resolve(response.statusCode ?? 0);
        this.socket.terminate();
      });
    });
    this.socket.on('message', (data: Buffer, isBinary) => {
      const text = data.toString('utf8');
      const decoded = decodeServerMessage(text);
      if (isBinary || !decoded.ok || decoded.kind !== 'known' || decoded.reported !== undefined) {
        this.#fault ??= new Error(
          `A frame that no client decodes: ${text.slice(0, 500)} ${JSON.stringify(decoded).slice(0, 300)}`,
        );
      } else if (decoded.message.type === 'batch') {
        this.batches += 1;
        this.frames.push(...(decoded.message.messages as ServerMessage[]));
      } else this.frames.push(decoded.message);
      this.#wake();
    });
    this.closed = new Promise((resolve) => {
      this.socket.on('close', (code, reason) => {
        resolve({ code, reason: reason.toString() });
        this.#wake();
      });
    });
  }

  /** Opens and answers the hello, as a tickwire client does. */
  static async tickwire(url: string): Promise<StreamClient> {
    const client = new StreamClient(url);
    await client.next('hello');
    client.send({ type: 'hello', data: { protocol: 1, client: 'test' } });
    return client;
  }

  send(message: object | string): void {
    this.socket.send(typeof message === 'string' ? message : JSON.stringify(message));
  }

  /** The next frame that was not read yet, whatever it is; or the next of a type, those before it being read as well. */
  async next(): Promise<ServerMessage>;
  async next<T extends ServerMessage['type']>(type: T, fits?: (frame: Frame<T>) => boolean): Promise<Frame<T>>;
  async next(type?: ServerMessage['type'], fits: (frame: never) => boolean = () => true): Promise<ServerMessage> {
    const deadline = Date.now() + patienceMs;
    for (;;) {
      if (this.#fault !== undefined) throw this.#fault;
      for (let frame = this.frames[this.#read]; frame !== undefined; frame = this.frames[this.#read]) {
        this.#read += 1;
        if ((type === undefined || frame.type === type) && fits(frame as never)) return frame;
      }
      if (this.socket.readyState === WebSocket.CLOSED) throw new Error(`Closed before ${type ?? 'a frame'} came`);
      const left = deadline - Date.now();
      if (left <= 0)
        throw new Error(`No ${type ?? 'frame'} in ${patienceMs} ms; got ${this.frames.map((f) => f.type).join()}`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }

  /** What came, by type. */
  ofType<T extends ServerMessage['type']>(type: T): Frame<T>[] {
    return this.frames.filter((frame): frame is Frame<T> => frame.type === type);
  }

  /** Answers to a bare ping arrive after everything that the server had sent before. */
  async settle(): Promise<void> {
    this.send({ type: 'ping', id: 'settle' });
    await this.next('pong', (pong) => pong.id === 'settle');
  }

  async close(): Promise<void> {
    this.socket.terminate();
    await this.closed;
    if (this.#fault !== undefined) throw this.#fault;
  }
}
