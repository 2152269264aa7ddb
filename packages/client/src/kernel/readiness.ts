/** Those who wait for their subscriptions to stand. */
import type { Clock } from '../io/clock.js';
import type { Channels } from './channels.js';
import { abortReason, PriceStreamError } from './errors.js';
import type { Handle, ReadyOptions } from './handle.js';
import type { Links } from './links.js';
import { ReadyBound, type WaitPhase } from './ready-bound.js';
import { onAbort } from './signals.js';
import type { Standings } from './standings.js';

/** Tells one who waits how a handle stands; `undefined` while nothing is settled. */
type Settle = (result: { confirmed: boolean } | PriceStreamError | undefined) => void;

const defaultTimeoutMs = 15_000;

/** The waits of one stream. */
export class Readiness {
  readonly #clock: Clock;
  readonly #links: Links;
  readonly #channels: Channels;
  readonly #standings: Standings;
  readonly #waiting = new Map<Handle, Set<Settle>>();

  constructor(clock: Clock, links: Links, channels: Channels, standings: Standings) {
    this.#clock = clock;
    this.#links = links;
    this.#channels = channels;
    this.#standings = standings;
  }

  /** Settles those who wait for channels that now stand or are refused. @param changed `undefined` for all */
  settle(changed: ReadonlySet<string> | undefined): void {
    if (this.#waiting.size === 0) return;
    const handles = changed === undefined ? this.#waiting.keys() : this.#channels.holding(changed);
    for (const handle of [...handles]) this.settleOne(handle as Handle);
  }

  /** Settles those who wait for one handle. */
  settleOne(handle: Handle): void {
    const waiting = this.#waiting.get(handle);
    if (waiting === undefined) return;
    const result = this.#resultOf(handle);
    for (const settle of [...waiting]) settle(result);
  }

  wait(handle: Handle, { signal, timeoutMs = defaultTimeoutMs }: ReadyOptions = {}): Promise<{ confirmed: boolean }> {
    return new Promise((resolve, reject) => {
      const waiting = this.#waiting.get(handle) ?? new Set<Settle>();
      const bound = new ReadyBound(this.#clock, timeoutMs, (phase) =>
        settle(this.#unanswered(handle, timeoutMs, phase)),
      );
      const leave = (): void => {
        bound.stop();
        waiting.delete(settle);
        if (waiting.size === 0) this.#waiting.delete(handle);
        unfollow();
      };
      const settle: Settle = (result) => {
        if (result === undefined) {
          bound.follow(this.#phase());
          return;
        }
        leave();
        if (result instanceof PriceStreamError) reject(result);
        else resolve(result);
      };
      const abort = (): void => {
        leave();
        reject(abortReason(signal));
      };
      const unfollow = onAbort(signal, abort);
      if (signal?.aborted === true) {
        abort();
        return;
      }
      this.#waiting.set(handle, waiting.add(settle));
      this.settleOne(handle);
    });
  }

  #resultOf(handle: Handle): { confirmed: boolean } | PriceStreamError | undefined {
    if (handle.ended) return handle.endedBy ?? new PriceStreamError('CLOSED', 'The subscription has ended.');
    let confirmed = true;
    let pending = false;
    for (const channel of handle.channels) {
      const standing = this.#standings.of(channel);
      if (standing.state === 'refused') return standing.error;
      if (standing.state === 'pending') pending = true;
      else if (!standing.confirmed) confirmed = false;
    }
    return pending ? undefined : { confirmed };
  }

  #phase(): WaitPhase {
    const { state, opened, up, socket } = this.#links.life;
    if (state.status === 'connected') return 'connected';
    return socket && opened && !up ? 'ungreeted' : 'away';
  }

  #unanswered({ channels }: Handle, timeoutMs: number, phase: WaitPhase): PriceStreamError {
    const pending = channels.find((channel) => this.#standings.of(channel).state === 'pending');
    const name = pending ?? 'it';
    const message =
      phase === 'ungreeted'
        ? `No word of ${name}: the server opened, and for ${timeoutMs} ms in all it sent no ${this.#links.greeting}; ready({ timeoutMs }) waits longer.`
        : `No word of ${name} within ${timeoutMs} ms of the connection. It is asked for still; look at the 'error' event and the dialect option, or wait longer: ready({ timeoutMs }).`;
    return new PriceStreamError('REQUEST_TIMEOUT', message, { retryable: true });
  }
}
