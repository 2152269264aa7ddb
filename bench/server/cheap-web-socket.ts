/** The cheap socket in the shape of a WebSocket, so that thousands of whole clients dial in the second in which they mean to. */
import { RawSocket, textFrame } from './raw-socket.js';

const states = { connecting: 0, open: 1, closed: 3 };
type Refused = (
  request: unknown,
  response: { statusCode: number; headers: Record<string, string | undefined> },
) => void;

const addressOfProcess = `127.${1 + (process.pid % 250)}.${1 + ((process.pid >> 8) & 127)}.1`;

/** What the client needs of a WebSocket, and how the `ws` package tells of a refused upgrade. */
export class CheapWebSocket {
  readyState = states.connecting;
  onopen: unknown;
  onmessage: unknown;
  onerror: unknown;
  onclose: unknown;
  readonly #socket: RawSocket;
  #refused: Refused | undefined;

  constructor(url: string) {
    const { port, pathname } = new URL(url);
    this.#socket = new RawSocket(
      {
        port: Number(port),
        path: pathname,
        localAddress: addressOfProcess,
        forwardedFor: '10.0.0.1',
        readsText: true,
      },
      {
        onOpen: () => {
          this.readyState = states.open;
          this.#tell(this.onopen, {});
        },
        onText: (_socket, payload) => this.#tell(this.onmessage, { data: payload?.toString('utf8') ?? '' }),
        onClose: (socket, code, status) => {
          this.readyState = states.closed;
          if (status !== 0 && status !== 101) {
            this.#refused?.({}, { statusCode: status, headers: { 'retry-after': socket.retryAfter } });
          }
          this.#tell(this.onclose, { code, reason: socket.closeReason });
        },
      },
    );
  }

  on(_event: 'unexpected-response', listener: Refused): void {
    this.#refused = listener;
  }

  send(text: string): void {
    this.#socket.send(textFrame(text));
  }

  close(code = 1000): void {
    if (this.readyState === states.open) this.#socket.close(code);
    else this.#socket.end();
  }

  terminate(): void {
    this.#socket.end();
  }

  #tell(handler: unknown, event: object): void {
    if (typeof handler === 'function') (handler as (event: object) => void)(event);
  }
}
