/** A bounded buffer between a producer that does not wait and a consumer that does. Losses are counted, never silent. */

import { PriceStreamError } from './errors.js';

/** What happens when the buffer is full: keep the newest of each key, drop the oldest, or end with an error. */
export type Overflow = 'latest' | 'drop-oldest' | 'error';

/** How an async iteration buffers what its loop has not read yet. */
export interface StreamOptions {
  /** Aborting ends it. */
  signal?: AbortSignal | undefined;
  /** Messages that may wait. @default 256 */
  bufferSize?: number | undefined;
  /** `latest` keeps the newest of each channel. @default 'latest' for prices, 'drop-oldest' for events */
  overflow?: Overflow | undefined;
}

interface AsyncQueueOptions {
  readonly overflow: Overflow;
  /** Items that may wait. @default 256 */
  readonly bufferSize?: number | undefined;
  /** Called once, when the consumer leaves or the queue ends. */
  readonly ended: () => void;
  /** Called with each item that is lost. */
  readonly lost: () => void;
}

/** One buffer; it may be read by one loop at a time. */
export class AsyncQueue<Item> {
  readonly #options: AsyncQueueOptions;
  readonly #capacity: number;
  readonly #items: { key: string; item: Item }[] = [];
  readonly #waiting: { resolve: (result: IteratorResult<Item>) => void; reject: (cause: unknown) => void }[] = [];
  #ended = false;
  #error: Error | undefined;

  constructor(options: AsyncQueueOptions) {
    this.#options = options;
    this.#capacity = options.bufferSize ?? 256;
  }

  /** Hands an item over; with `latest` it replaces the one of the same key that still waits. */
  push(key: string, item: Item): void {
    if (this.#ended) return;
    const reader = this.#waiting.shift();
    if (reader !== undefined) {
      reader.resolve({ done: false, value: item });
      return;
    }
    if (this.#options.overflow === 'latest') {
      const waiting = this.#items.findIndex((each) => each.key === key);
      if (waiting >= 0) {
        this.#items.splice(waiting, 1);
        this.#options.lost();
      }
    }
    if (this.#items.length >= this.#capacity) {
      this.#options.lost();
      if (this.#options.overflow === 'error') {
        // Who has lost something is not to read on as if nothing had happened.
        this.#items.length = 0;
        this.end(new PriceStreamError('SLOW_CONSUMER', 'The loop reads too slowly: its buffer is full.'));
        return;
      }
      this.#items.shift();
    }
    this.#items.push({ key, item });
  }

  /** Ends it from outside: what is buffered can still be read; then reads resolve, or the next one rejects with the error. */
  end(error?: Error): void {
    if (this.#ended) return;
    this.#ended = true;
    const readers = this.#waiting.splice(0);
    if (error === undefined) for (const reader of readers) reader.resolve({ done: true, value: undefined });
    else {
      for (const reader of readers) reader.reject(error);
      // Whoever reads next learns of it, once.
      if (readers.length === 0) this.#error = error;
    }
    this.#options.ended();
  }

  /** Ends it because the consumer wants no more: what is buffered is dropped. */
  drop(): void {
    this.#items.length = 0;
    this.#error = undefined;
    this.end();
  }

  /** The consumer's end: leaving it in any way ends the queue. */
  iterate(): AsyncIterableIterator<Item> {
    const leave = (): Promise<IteratorResult<Item>> => {
      this.drop();
      return Promise.resolve({ done: true, value: undefined });
    };
    const iterator: AsyncIterableIterator<Item> = {
      next: () => this.#next(),
      return: leave,
      throw: async (cause?: unknown) => {
        await leave();
        throw cause;
      },
      [Symbol.asyncIterator]: () => iterator,
    };
    return iterator;
  }

  #next(): Promise<IteratorResult<Item>> {
    const first = this.#items.shift();
    if (first !== undefined) return Promise.resolve({ done: false, value: first.item });
    const error = this.#error;
    this.#error = undefined;
    if (error !== undefined) return Promise.reject(error);
    if (this.#ended) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
    });
  }
}
