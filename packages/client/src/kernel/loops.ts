/** Events as loops: each loop has its own bounded buffer and ends with the client. */
import { AsyncQueue, type StreamOptions } from './queue.js';
import { onAbort } from './signals.js';

interface Group {
  readonly queues: Set<AsyncQueue<unknown>>;
  readonly undo: () => void;
}

/** All open loops of one client. */
export class EventStreams {
  readonly #open = new Set<AsyncQueue<unknown>>();
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
    const queue = new AsyncQueue<unknown>({
      overflow,
      bufferSize,
      lost: this.#lost,
      ended: () => {
        queues.delete(queue);
        if (queues.size === 0) {
          undo();
          this.#byEvent.delete(name);
        }
        unfollow();
        this.#open.delete(queue);
      },
    });
    const { queues, undo } = this.#group(name, follow);
    queues.add(queue);
    this.#open.add(queue);
    const unfollow = onAbort(signal, () => queue.drop());
    if (signal?.aborted === true) queue.drop();
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

  /** The user closes the client: nothing that waits is handed out any more. */
  drop(): void {
    for (const queue of [...this.#open]) queue.drop();
  }

  /** Ends the loops that are open now, when it is called: the client is closed, or has failed with `error`. */
  ofNow(): (error: Error | undefined) => void {
    const queues = [...this.#open];
    return (error) => {
      for (const queue of queues) queue.end(error);
    };
  }
}
