/** One connection of a check: it decodes what comes, waits with a deadline, and notes every frame that no client decodes. */
import type { ServerMessage } from '@tickwire/protocol';
import { decodeServerMessage } from '@tickwire/protocol/codec';
import { WebSocket } from 'ws';

/** Why a check failed, in words for the author of the server. */
export class CheckFailure extends Error {
  override readonly name = 'CheckFailure';
}

/** Why a check could not be made. */
export class CheckSkipped extends Error {
  override readonly name = 'CheckSkipped';
}

type Kind = ServerMessage['type'];
type Of<T extends Kind> = Extract<ServerMessage, { type: T }>;

/** A connection to the server under test. */
export class Probe {
  readonly #socket: WebSocket;
  readonly #patienceMs: number;
  readonly #frames: ServerMessage[] = [];
  #at = 0;
  #close: { code: number; reason: string } | undefined;
  #wake: () => void = () => undefined;
  /** What is wrong with frames, whatever they were in answer to. */
  readonly faults: string[] = [];

  constructor(url: string, options: { patienceMs: number; protocols?: string[] }) {
    this.#patienceMs = options.patienceMs;
    this.#socket = new WebSocket(url, options.protocols ?? []);
    this.#socket.on('error', (error) => this.faults.push(`the socket failed: ${error.message}`));
    this.#socket.on('message', (data: Buffer, isBinary) => {
      const decoded = decodeServerMessage(data.toString('utf8'));
      if (isBinary) this.faults.push('a binary frame came');
      else if (!decoded.ok)
        this.faults.push(`a frame does not decode: ${decoded.path || 'the whole'}: ${decoded.reason}`);
      else {
        for (const { path, reason } of decoded.reported ?? [])
          this.faults.push(`a part does not decode: ${path}: ${reason}`);
        if (decoded.kind === 'known') this.#frames.push(decoded.message);
      }
      this.#wake();
    });
    this.#socket.on('close', (code, reason) => {
      this.#close = { code, reason: reason.toString() };
      this.#wake();
    });
  }

  get subprotocol(): string {
    return this.#socket.protocol;
  }

  /** All frames so far. */
  get frames(): readonly ServerMessage[] {
    return this.#frames;
  }

  /** Sends now, or as soon as the socket is open. */
  send(message: object | string | Buffer): void {
    const data = typeof message === 'string' || Buffer.isBuffer(message) ? message : JSON.stringify(message);
    if (this.#socket.readyState === WebSocket.CONNECTING) this.#socket.once('open', () => this.#socket.send(data));
    else this.#socket.send(data);
  }

  /** The next frame of the type, those before it being passed over. */
  async next<T extends Kind>(
    type: T,
    fits: (frame: Of<T>) => boolean = () => true,
    patienceMs?: number,
  ): Promise<Of<T>> {
    const found = await this.#wait(patienceMs ?? this.#patienceMs, () => {
      for (let frame = this.#frames[this.#at]; frame !== undefined; frame = this.#frames[this.#at]) {
        this.#at += 1;
        if (frame.type === type && fits(frame as Of<T>)) return frame as Of<T>;
      }
      return undefined;
    });
    if (found !== undefined) return found;
    const closed =
      this.#close === undefined ? '' : `; the server closed with ${this.#close.code} ${this.#close.reason}`;
    throw new CheckFailure(
      `expected ${type}, got ${this.#frames.map((frame) => frame.type).join() || 'nothing'}${closed}`,
    );
  }

  /** How the server closes. */
  async closed(): Promise<{ code: number; reason: string }> {
    await this.#wait(this.#patienceMs, () => this.#close);
    if (this.#close === undefined) throw new CheckFailure('expected the server to close, and it did not');
    return this.#close;
  }

  /** The connection lives: it answers a ping. */
  async answers(): Promise<void> {
    this.send({ type: 'ping', id: 'alive' });
    await this.next('pong');
  }

  /** Ends the connection as a client does; tells the code that came back. */
  async end(): Promise<number> {
    if (this.#close === undefined) {
      this.#socket.close(1000);
      await this.#wait(this.#patienceMs, () => this.#close);
    }
    this.#socket.terminate();
    return this.#close?.code ?? 1006;
  }

  async #wait<T>(patienceMs: number, look: () => T | undefined): Promise<T | undefined> {
    const deadline = Date.now() + patienceMs;
    for (;;) {
      const found = look();
      const left = deadline - Date.now();
      if (found !== undefined || left <= 0 || this.#close !== undefined) return found;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }
}
