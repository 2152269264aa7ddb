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

/** Several things that wait for one connection. */
class List<T> {
  readonly items: T[];
  constructor(first: T) {
    this.items = [first];
  }
}

/** The queues of all connections that something waits for. */
export class Outboxes<T> {
  readonly #options: OutboxOptions<T>;
  /** One thing alone needs no list, and mostly it is one. */
  readonly #queues = new Map<Connection, T | List<T>>();
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
      this.#queues.set(connection, waiting);
      this.#cancelTurn ??= this.#options.nextTurn(this.#writeSlice);
      return;
    }
    const list = queue instanceof List ? queue : new List(queue);
    if (list !== queue) this.#queues.set(connection, list);
    list.items.push(waiting);
    if (list.items.length >= this.#options.limits.outboxFrames) this.#empty(connection, list);
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
      left -= queue instanceof List ? queue.items.length : 1;
      this.#empty(connection, queue);
      if (left <= 0) break;
    }
    if (this.#queues.size > 0) this.#cancelTurn ??= this.#options.nextTurn(this.#writeSlice);
  };

  #empty(connection: Connection, queue: T | List<T>): void {
    const { write } = this.#options;
    this.#queues.delete(connection);
    if (!(queue instanceof List)) write(connection, queue);
    else
      connection.together(() => {
        for (const waiting of queue.items) write(connection, waiting);
      });
  }
}
