/**
 * What waits to be written: a queue for each connection, emptied in slices so that the event loop is never held up. What is
 * queued for a connection within one turn of the loop leaves in one write.
 */
import type { NextTurn } from '../clock.js';
import type { Limits } from '../limits.js';
import type { Connection } from '../plugins/connection.js';

/** What outboxes are made of; `T` is what waits. */
export interface OutboxOptions<T> {
  readonly limits: Pick<Limits, 'outboxFrames' | 'sliceFrames'>;
  readonly nextTurn: NextTurn;
  /** Writes one thing; it must not throw. */
  readonly write: (connection: Connection, waiting: T) => void;
}

/** The queues of all connections that something waits for. */
export class Outboxes<T> {
  readonly #options: OutboxOptions<T>;
  readonly #queues = new Map<Connection, T[]>();
  #cancelTurn: (() => void) | undefined;

  constructor(options: OutboxOptions<T>) {
    this.#options = options;
  }

  /** Connections that something waits for. */
  get size(): number {
    return this.#queues.size;
  }

  /** Queues one thing. A full queue is emptied on the spot: nothing is lost, and none grows without end. */
  push(connection: Connection, waiting: T): void {
    const queue = this.#queues.get(connection);
    if (queue === undefined) {
      this.#queues.set(connection, [waiting]);
      this.#cancelTurn ??= this.#options.nextTurn(this.#writeSlice);
      return;
    }
    queue.push(waiting);
    if (queue.length >= this.#options.limits.outboxFrames) this.#empty(connection, queue);
  }

  /** Writes nothing more to this connection. */
  forget(connection: Connection): void {
    this.#queues.delete(connection);
  }

  /** Drops all that waits. */
  stop(): void {
    this.#cancelTurn?.();
    this.#cancelTurn = undefined;
    this.#queues.clear();
  }

  readonly #writeSlice = (): void => {
    this.#cancelTurn = undefined;
    let left = this.#options.limits.sliceFrames;
    for (const [connection, queue] of this.#queues) {
      left -= queue.length;
      this.#empty(connection, queue);
      if (left <= 0) break;
    }
    if (this.#queues.size > 0) this.#cancelTurn ??= this.#options.nextTurn(this.#writeSlice);
  };

  #empty(connection: Connection, queue: readonly T[]): void {
    const { write } = this.#options;
    this.#queues.delete(connection);
    const [first] = queue;
    if (queue.length === 1 && first !== undefined) write(connection, first);
    else
      connection.together(() => {
        for (const waiting of queue) write(connection, waiting);
      });
  }
}
