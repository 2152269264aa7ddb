/** Events as loops: each loop has its own bounded buffer and ends with the client. */
import { AsyncQueue } from './async-queue.js';
import { PriceStreamError } from './errors.js';
import type { StreamOptions } from './subscription.js';

interface Group {
  readonly queues: Set<AsyncQueue<unknown>>;
  readonly undo: () => void;
}

/** All open loops of one client. */
export class EventStreams {
  readonly #ends = new Set<(error?: Error) => void>();
  /** The loops of each event stand behind one listener: leaving one costs the same however many there are. */
  readonly #byEvent = new Map<string, Group>();
  readonly #lost: () => void;

  constructor(lost: () => void) {
    this.#lost = lost;
  }

  /** A loop over what `follow` brings, from now on. */
  open<Payload>(
    name: string,
    follow: (take: (payload: unknown) => void) => () => void,
    options: StreamOptions,
  ): { readonly loop: AsyncIterableIterator<Payload>; readonly end: (error?: Error) => void } {
    const { signal, bufferSize, overflow = 'drop-oldest' } = options;
    const end = (error?: Error): void => queue.end(error);
    const abort = (): void => queue.end();
    const queue = new AsyncQueue<unknown>({
      overflow,
      bufferSize,
      lost: this.#lost,
      overflowed: () => new PriceStreamError('SLOW_CONSUMER', 'The loop reads too slowly: its buffer is full.'),
      ended: () => {
        queues.delete(queue);
        if (queues.size === 0) {
          undo();
          this.#byEvent.delete(name);
        }
        signal?.removeEventListener('abort', abort);
        this.#ends.delete(end);
      },
    });
    const { queues, undo } = this.#group(name, follow);
    queues.add(queue);
    this.#ends.add(end);
    if (signal?.aborted === true) queue.end();
    else signal?.addEventListener('abort', abort, { once: true });
    return { loop: queue.iterate() as AsyncIterableIterator<Payload>, end };
  }

  #group(name: string, follow: (take: (payload: unknown) => void) => () => void): Group {
    const known = this.#byEvent.get(name);
    if (known !== undefined) return known;
    const queues = new Set<AsyncQueue<unknown>>();
    const undo = follow((payload) => {
      for (const queue of [...queues]) queue.push(name, payload);
    });
    const group = { queues, undo };
    this.#byEvent.set(name, group);
    return group;
  }

  /** Ends the loops that are open now, when it is called: the client is closed, or has failed with `error`. */
  ofNow(): (error: Error | undefined) => void {
    const ends = [...this.#ends];
    return (error) => {
      for (const end of ends) end(error);
    };
  }
}
