/** Events as loops: each loop has its own bounded buffer and ends with the client. */
import { AsyncQueue } from './async-queue.js';
import { PriceStreamError } from './errors.js';
import type { StreamOptions } from './subscription.js';

/** All open loops of one client. */
export class EventStreams {
  readonly #ends = new Set<(error?: Error) => void>();
  readonly #lost: () => void;

  constructor(lost: () => void) {
    this.#lost = lost;
  }

  /** A loop over what `follow` brings, from now on. */
  open<Payload>(
    name: string,
    follow: (take: (payload: Payload) => void) => () => void,
    options: StreamOptions,
  ): AsyncIterableIterator<Payload> {
    const { signal, bufferSize, overflow = 'drop-oldest' } = options;
    const end = (error?: Error): void => queue.end(error);
    const abort = (): void => queue.end();
    const queue = new AsyncQueue<Payload>({
      overflow,
      bufferSize,
      lost: this.#lost,
      overflowed: () => new PriceStreamError('SLOW_CONSUMER', 'The loop reads too slowly: its buffer is full.'),
      ended: () => {
        undo();
        signal?.removeEventListener('abort', abort);
        this.#ends.delete(end);
      },
    });
    const undo = follow((payload) => queue.push(name, payload));
    this.#ends.add(end);
    if (signal?.aborted === true) queue.end();
    else signal?.addEventListener('abort', abort, { once: true });
    return queue.iterate();
  }

  /** Ends the loops that are open now, when it is called: the client is closed, or has failed with `error`. */
  ofNow(): (error: Error | undefined) => void {
    const ends = [...this.#ends];
    return (error) => {
      for (const end of ends) end(error);
    };
  }
}
