/** When prices are polled instead: it follows the connection, and loads what polls only when that time has come. */
import type { ConnectionState } from './core/session-state.js';
import type { FallbackPolling } from './fallback-polling.js';
import { resolveWebSocket } from './io/socket.js';
import type { Credential, FallbackSettings, Settings } from './options.js';
import type { LaneHost } from './polled-lane.js';

/** The fallback of one client. */
export class PollingSwitch {
  readonly #settings: Settings;
  readonly #fallback: FallbackSettings;
  readonly #host: LaneHost;
  #status: ConnectionState['status'] = 'idle';
  #failedDials = 0;
  #running = false;
  /** Loading what polls has failed; it is tried again at the next dial. */
  #trouble: string | null = null;
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
    const { failedPolls, trouble } = this.#polling?.report ?? { failedPolls: 0, trouble: this.#trouble };
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
    else if (this.#polling === undefined) void this.#load();
    else this.#polling.start();
  }

  async #load(): Promise<void> {
    try {
      const { polledLane } = await import('./polled-lane.js');
      if (this.#polling !== undefined) return;
      this.#polling = polledLane(this.#settings, this.#fallback, this.#host);
      if (this.#running) this.#polling.start();
    } catch {
      this.#trouble = 'What polls could not be loaded.';
      this.#running = false;
    }
  }
}
