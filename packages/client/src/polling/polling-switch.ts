/** When prices are polled instead: it follows the connection. */
import type { Credential } from '../dialects/tokens.js';
import { TokenSource } from '../dialects/tokens.js';
import { resolveWebSocket } from '../io/socket.js';
import type { Core } from '../kernel/core.js';
import type { LifeState } from '../kernel/life-state.js';
import type { ClientSettings, FallbackSettings } from '../options.js';
import { FallbackPolling } from './fallback-polling.js';

/** The fallback of one client. */
export class PollingSwitch {
  readonly #core: Core;
  readonly #settings: ClientSettings;
  readonly #fallback: FallbackSettings;
  readonly #tokens: TokenSource;
  #status: LifeState['status'] = 'idle';
  #failedDials = 0;
  #running = false;
  #polling: FallbackPolling | undefined;

  constructor(core: Core, settings: ClientSettings, fallback: FallbackSettings) {
    this.#core = core;
    this.#settings = settings;
    this.#fallback = fallback;
    this.#tokens = new TokenSource(core.settings.clock, settings.token);
    core.shown.instead = () => this.#shown();
    core.followed = (state) => this.#follow(state);
  }

  /** For a bug report. */
  get report(): { polling: boolean; failedPolls: number; trouble: string | null } {
    const { failedPolls, trouble } = this.#polling?.report ?? { failedPolls: 0, trouble: null };
    return { polling: this.#running, failedPolls, trouble };
  }

  /** Takes another fixed credential. */
  replaceToken(credential: Credential): void {
    this.#tokens.replace(credential);
    this.#polling?.forgetCredential();
  }

  /** A snapshot is of the `tickwire` dialect, whoever answers with it. */
  #shown(): LifeState | undefined {
    const since = this.#polling?.since;
    if (since === undefined) return undefined;
    const unknown = { authenticated: false, rttMs: null, mute: false };
    return { status: 'connected', since, transport: 'polling', dialect: 'tickwire', ...unknown };
  }

  /** The connection's state has changed: polling starts after as many failed dials as were asked for, or without a WebSocket. */
  #follow({ status }: LifeState): void {
    const dialled = this.#status === 'connecting';
    this.#status = status;
    if (dialled && (status === 'reconnecting' || status === 'paused')) this.#failedDials += 1;
    else if (status !== 'connecting' && status !== 'reconnecting' && status !== 'paused') this.#failedDials = 0;
    const { WebSocket, headers } = this.#core.settings;
    const wanted =
      (status === 'connecting' || status === 'reconnecting') &&
      (this.#running ||
        this.#failedDials >= this.#fallback.afterAttempts ||
        (WebSocket === undefined && resolveWebSocket(headers !== undefined) === undefined));
    if (wanted === this.#running) return;
    this.#running = wanted;
    if (!wanted) this.#polling?.stop();
    else
      (this.#polling ??= new FallbackPolling(this.#core, this.#fallback, this.#settings.fetch, this.#tokens)).start();
  }
}
