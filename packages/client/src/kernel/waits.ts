/** Those who wait: for the connection, or for their subscriptions to stand. */
import { abortReason, missingError, PriceStreamError } from './errors.js';
import type { Handle, ReadyOptions } from './handle.js';
import type { Links } from './links.js';
import { onAbort } from './signals.js';

const defaultTimeoutMs = 15_000;

/** The waits of one stream. */
export class Waits {
  readonly #links: Links;
  /** By the handle that is waited for; under the waits themselves those for the connection. */
  readonly #looks = new Map<object, Set<() => void>>();

  constructor(links: Links) {
    this.#links = links;
  }

  /** Ends those that are over. @param of whom they wait for @default all */
  look(of: Iterable<object> = this.#looks.keys()): void {
    if (this.#looks.size === 0) return;
    for (const each of [...of]) for (const look of [...(this.#looks.get(each) ?? [])]) look();
  }

  /** Resolves once there is a connection; rejects when there will be none. `begin` is called with the wait in place. */
  async connected(signal: AbortSignal | undefined, begin: () => void): Promise<void> {
    let begun = false;
    const result = (): object | undefined => {
      const { shown, ending } = this.#links;
      return begun && shown.status === 'connected' ? shown : begun ? ending : undefined;
    };
    await this.#until<object>(this, signal, result, () => {
      this.#links.step('connect', () => {
        begun = true;
        this.#links.channels.changed = undefined;
        begin();
      });
    });
  }

  /**
   * Resolves once all channels of a handle stand. The bound is counted while there is a connection, anew for each, and, in all,
   * while servers are open that do not greet: each of them is let go long before a patient wait is over.
   */
  ready(handle: Handle, { signal, timeoutMs = defaultTimeoutMs }: ReadyOptions = {}): Promise<{ confirmed: boolean }> {
    const { alarms } = this.#links;
    let phase = 'away';
    let leftMs = timeoutMs;
    let since = 0;
    let late: PriceStreamError | undefined;
    const result = (): { confirmed: boolean } | PriceStreamError | undefined => {
      const known = late ?? this.#resultOf(handle);
      const next = known === undefined ? this.#phase() : 'away';
      if (next === phase) return known;
      const now = this.#links.now();
      if (phase === 'ungreeted') leftMs = Math.max(0, leftMs - (now - since));
      if (next === 'connected') leftMs = timeoutMs;
      phase = next;
      since = now;
      if (next === 'away') alarms.stop(result);
      else
        alarms.start(result, leftMs, () => {
          late = this.#unanswered(handle, timeoutMs, phase);
          this.look();
        });
      return known;
    };
    return this.#until<{ confirmed: boolean }>(handle, signal, result);
  }

  /** Where a channel stands: the error that refuses it, whether it is confirmed, or `undefined` while nothing is settled. */
  standing(channel: string): PriceStreamError | boolean | undefined {
    const { ending, instead, link, prices, shown } = this.#links;
    // A channel whose standing cannot be confirmed counts as confirmed once data of this connection has come.
    const hasCome = (): boolean => {
      const tick = prices.view.get(channel);
      return shown.status === 'connected' && tick !== undefined && tick.receivedAt >= shown.since;
    };
    if (ending !== undefined) return ending;
    // Nobody confirms a channel that comes another way.
    if (instead?.() !== undefined) return hasCome();
    if (link?.up !== true) return undefined;
    const key = link.carry(channel);
    if (key === undefined) return missingError(link.dialect.name, [channel]);
    const { status, error } = (key === true ? undefined : link.asked(key)) ?? {};
    if (status === 'refused' && error !== undefined) return error;
    if (status === 'confirmed') return true;
    return key === true || status === 'unconfirmed' ? hasCome() : undefined;
  }

  /** Waits until there is a result. */
  #until<Result extends object>(
    of: object,
    signal: AbortSignal | undefined,
    result: () => Result | PriceStreamError | undefined,
    begin?: () => void,
  ): Promise<Result> {
    return new Promise((resolve, reject) => {
      const looks = this.#looks.get(of) ?? new Set();
      const leave = (): void => {
        if (looks.delete(look) && looks.size === 0) this.#looks.delete(of);
        this.#links.alarms.stop(result);
        unfollow();
      };
      const look = (): void => {
        const known = result();
        if (known === undefined) return;
        leave();
        if (known instanceof PriceStreamError) reject(known);
        else resolve(known);
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
      this.#looks.set(of, looks.add(look));
      begin?.();
      look();
    });
  }

  #resultOf({ ended, endedBy, channels }: Handle): { confirmed: boolean } | PriceStreamError | undefined {
    if (ended) return endedBy ?? new PriceStreamError('CLOSED', 'The subscription has ended.');
    const standings = channels.map((channel) => this.standing(channel));
    const refused = standings.find((standing) => standing instanceof PriceStreamError);
    if (refused !== undefined) return refused;
    return standings.includes(undefined) ? undefined : { confirmed: !standings.includes(false) };
  }

  #phase(): 'connected' | 'ungreeted' | 'away' {
    const { state, opened, up, socket } = this.#links.life;
    if (state.status === 'connected') return 'connected';
    return socket && opened && !up ? 'ungreeted' : 'away';
  }

  #unanswered({ channels }: Handle, timeoutMs: number, phase: string): PriceStreamError {
    const name = channels.find((channel) => this.standing(channel) === undefined) ?? 'it';
    const message =
      phase === 'ungreeted'
        ? `No word of ${name}: the server opened, and for ${timeoutMs} ms in all it sent no ${this.#links.greeting}; ready({ timeoutMs }) waits longer.`
        : `No word of ${name} within ${timeoutMs} ms of the connection. It is asked for still; look at the 'error' event and the dialect option, or wait longer: ready({ timeoutMs }).`;
    return new PriceStreamError('REQUEST_TIMEOUT', message, { retryable: true });
  }
}
