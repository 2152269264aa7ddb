/** The signal of the options, whose abort closes the client for good. It may outlive many clients and must not gather listeners. */
import type { Connection } from './connection.js';
import { PriceStreamError } from './errors.js';

/** One client's hold on the signal: it listens only while there is something to close. */
export class ClosingSignal {
  readonly #signal: AbortSignal | undefined;
  readonly #close: () => void;
  #listening = false;

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
    if (wanted === this.#listening) return;
    this.#listening = wanted;
    if (!wanted) this.#signal?.removeEventListener('abort', this.#close);
    else if (this.#signal?.aborted === true) this.#close();
    else this.#signal?.addEventListener('abort', this.#close, { once: true });
  }
}
