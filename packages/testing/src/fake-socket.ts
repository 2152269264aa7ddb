/** A WebSocket without a network: the test is the server. Fits the client's `WebSocketConstructor` by shape. */

type Handler = ((event: unknown) => void) | null;

/** One fake socket, seen from both ends. */
export class FakeSocket {
  readonly url: string;
  readonly protocols: readonly string[];
  readyState: 0 | 1 | 2 | 3 = 0;
  onopen: unknown = null;
  onmessage: unknown = null;
  onerror: unknown = null;
  onclose: unknown = null;
  /** What the client has sent, as text, in order. */
  readonly sent: string[] = [];
  /** Called with each message that the client sends. */
  onSent: ((message: Record<string, unknown>) => void) | undefined;
  /** Called once, when the connection has ended, whoever ended it. */
  onEnd: (() => void) | undefined;
  /** How the client closed, once it has. */
  closedByClient: { code: number | undefined; reason: string | undefined } | undefined;
  /** Whether a close of the client is answered at once. */
  answersClose = true;
  #taken = 0;

  constructor(url: string, protocols: string | string[] = []) {
    this.url = url;
    this.protocols = typeof protocols === 'string' ? [protocols] : protocols;
  }

  send(data: string): void {
    if (this.readyState === 0) throw new Error('InvalidStateError: still connecting');
    if (this.readyState !== 1) return;
    this.sent.push(data);
    this.onSent?.(JSON.parse(data) as Record<string, unknown>);
  }

  close(code?: number, reason?: string): void {
    if (this.readyState >= 2) return;
    const wasOpening = this.readyState === 0;
    this.closedByClient = { code, reason };
    this.readyState = 2;
    if (wasOpening) this.#call(this.onerror, { message: 'closed before the connection was established' });
    if (this.answersClose) queueMicrotask(() => this.#finish(wasOpening ? 1006 : (code ?? 1005), reason ?? ''));
  }

  /** Server: the handshake succeeds. */
  open(): void {
    if (this.readyState !== 0) return;
    this.readyState = 1;
    this.#call(this.onopen, {});
  }

  /** Server: sends a message, or a text as it is. */
  receive(message: unknown): void {
    const data = typeof message === 'string' ? message : JSON.stringify(message);
    if (this.readyState === 1) this.#call(this.onmessage, { data });
  }

  /** Server: sends whatever this is, text or not. */
  receiveRaw(data: unknown): void {
    if (this.readyState === 1) this.#call(this.onmessage, { data });
  }

  /** Server or network: the connection ends. */
  drop(code = 1006, reason = ''): void {
    if (this.readyState === 3) return;
    if (this.readyState === 0) this.#call(this.onerror, { message: 'connect refused' });
    this.#finish(code, reason);
  }

  /** The messages that the client has sent since this was last asked. */
  taken(): Record<string, unknown>[] {
    const texts = this.sent.slice(this.#taken);
    this.#taken = this.sent.length;
    return texts.map((text) => JSON.parse(text) as Record<string, unknown>);
  }

  #finish(code: number, reason: string): void {
    if (this.readyState === 3) return;
    this.readyState = 3;
    this.onEnd?.();
    this.#call(this.onclose, { code, reason });
  }

  #call(handler: unknown, event: unknown): void {
    (handler as Handler)?.(event);
  }
}

/** All sockets that a client opens, and the constructor to give it. */
export class FakeSockets {
  readonly all: FakeSocket[] = [];
  readonly WebSocket: new (
    url: string,
    protocols?: string | string[],
  ) => FakeSocket;
  /** Whether new sockets answer a close at once. */
  answersClose = true;
  /** Called with each new socket. */
  dialled: ((socket: FakeSocket) => void) | undefined;

  constructor() {
    const opened = (socket: FakeSocket): void => {
      socket.answersClose = this.answersClose;
      this.all.push(socket);
      this.dialled?.(socket);
    };
    this.WebSocket = class extends FakeSocket {
      constructor(url: string, protocols?: string | string[]) {
        super(url, protocols);
        opened(this);
      }
    };
  }

  /** The socket that was opened last. */
  get last(): FakeSocket {
    const socket = this.all.at(-1);
    if (socket === undefined) throw new Error('No socket has been opened.');
    return socket;
  }

  /** Sockets that are neither closing nor closed. */
  get alive(): number {
    return this.all.filter((socket) => socket.readyState <= 1).length;
  }
}
