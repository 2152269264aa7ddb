/** When prices are polled instead: it follows the connection. */
import type { ConnectionState } from './core/session-state.js';
import type { FallbackPolling } from './fallback-polling.js';
import { resolveWebSocket } from './io/socket.js';
import type { Credential } from './credentials.js';
import type { FallbackSettings, Settings } from './options.js';
import { polledLane, type LaneHost } from './polled-lane.js';

/** The fallback of one client. */
export class PollingSwitch {
  readonly #settings: Settings;
  readonly #fallback: FallbackSettings;
  readonly #host: LaneHost;
  #status: ConnectionState['status'] = 'idle';
  #failedDials = 0;
  #running = false;
  #polling: FallbackPolling | undefined;

  constructor(settings: Settings, fallback: FallbackSettings, host: LaneHost) {
    this.#settings = settings;
    this.#fallback = fallback;
    this.#host = host;
  }

  /** Epoch milliseconds of the first of the answers that came in a row; `undefined` when the last request failed. */
  get since(): number | undefined {
    return this.#polling?.since;
  }

  /** For a bug report. */
  get report(): { polling: boolean; failedPolls: number; trouble: string | null } {
    const { failedPolls, trouble } = this.#polling?.report ?? { failedPolls: 0, trouble: null };
    return { polling: this.#running, failedPolls, trouble };
  }

  /** Takes another fixed credential. */
  replaceToken(credential: Credential): void {
    this.#host.tokens.replace(credential);
    this.#polling?.forgetCredential();
  }

  /** The connection's state has changed: polling starts after as many failed dials as were asked for, or without a WebSocket. */
  follow({ status }: ConnectionState): void {
    const dialled = this.#status === 'connecting';
    this.#status = status;
    if (dialled && (status === 'reconnecting' || status === 'paused')) this.#failedDials += 1;
    else if (status !== 'connecting' && status !== 'reconnecting' && status !== 'paused') this.#failedDials = 0;
    const { WebSocket, headers } = this.#settings;
    const wanted =
      (status === 'connecting' || status === 'reconnecting') &&
      (this.#running ||
        this.#failedDials >= this.#fallback.afterAttempts ||
        (WebSocket === undefined && resolveWebSocket(headers !== undefined) === undefined));
    if (wanted === this.#running) return;
    this.#running = wanted;
    if (!wanted) this.#polling?.stop();
    else (this.#polling ??= polledLane(this.#settings, this.#fallback, this.#host)).start();
  }
}
