/** The signal of the options, whose abort closes the client for good. It may outlive many clients and must not gather listeners. */
import type { Connection } from './connection.js';
import { onAbort } from './ending-signals.js';
import { PriceStreamError } from './errors.js';

/** One client's hold on the signal: it listens only while there is something to close. */
export class ClosingSignal {
  readonly #signal: AbortSignal | undefined;
  readonly #close: () => void;
  #unfollow: (() => void) | undefined;

  constructor(signal: AbortSignal | undefined, close: () => void) {
    this.#signal = signal;
    this.#close = close;
  }

  /** Why the client cannot connect any more; `undefined` while it can. */
  get refusal(): PriceStreamError | undefined {
    if (this.#signal?.aborted !== true) return undefined;
    const message = 'The signal of the options has aborted. Make a new client.';
    return new PriceStreamError('CLOSED', message, { cause: this.#signal.reason });
  }

  /** Takes the status of the connection; closes at once when the signal had aborted before anybody listened. */
  follow(status: Connection['status']): void {
    const wanted = status !== 'closed' && status !== 'failed';
    if (wanted === (this.#unfollow !== undefined)) return;
    this.#unfollow?.();
    this.#unfollow = wanted ? onAbort(this.#signal, this.#close) : undefined;
    if (wanted && this.#signal?.aborted === true) this.#close();
  }
}
