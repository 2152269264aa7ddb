/** How a stream opens its sockets: where the URL leads, with what the options say. */
import { isNearby } from '../io/environment.js';
import { openSocket, type Socket, type SocketSink } from '../io/web-socket.js';
import { webSocketUrl, type Settings } from './options.js';

/** What is told of a socket. */
export interface SocketHost extends Omit<SocketSink, 'closed'> {
  closed(...how: Parameters<SocketSink['closed']>): void;
  /** It is there; `undefined` where there is no WebSocket. */
  made(socket: Socket | undefined): void;
  /** What the user's code or the constructor threw. */
  failed(cause: unknown): void;
}

/** Opens the sockets of one stream. */
export class Sockets {
  /** Whether the server is reached without the internet. */
  isNear = false;
  readonly #settings: Settings;

  constructor(settings: Settings) {
    this.#settings = settings;
  }

  /** Opens one where the URL leads. @param isWanted whether it is still wanted once the URL is known */
  open(host: SocketHost, isWanted: () => boolean): void {
    const { url } = this.#settings;
    const openAt = (address: string): void => {
      if (!isWanted()) return;
      const { WebSocket, protocols, headers, clock } = this.#settings;
      try {
        const resolved = webSocketUrl(address);
        this.isNear = isNearby(resolved);
        host.made(openSocket(resolved, { WebSocket, protocols, headers, wallNow: () => clock.now() }, host));
      } catch (cause) {
        host.failed(cause);
      }
    };
    try {
      const given = typeof url === 'function' ? url() : url;
      if (typeof given === 'string') openAt(given);
      else Promise.resolve(given).then(openAt, (cause: unknown) => host.failed(cause));
    } catch (cause) {
      host.failed(cause);
    }
  }
}
