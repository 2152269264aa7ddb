/** The connection as a test wants it shown: the real one, or one that stands before it. */
import type { Connection, ConnectionStore } from '@tickwire/client';

type Listener = (connection: Connection) => void;

/** Shows the real store until it is told what to show instead. */
export class FakeConnectionStore {
  readonly view: ConnectionStore;
  readonly #listeners = new Set<{ listener: Listener }>();
  #shown: Connection | undefined;
  #last: Connection;

  constructor(real: ConnectionStore) {
    this.#last = real.get();
    real.subscribe(() => this.#changed());
    this.view = { get: () => this.#shown ?? real.get(), subscribe: (listener) => this.#add(listener) };
  }

  /** Stands before the real one from now on; `undefined` shows the real one. */
  show(connection: Connection | undefined): void {
    this.#shown = connection;
    this.#changed();
  }

  /** `client.on('connection', …)`. */
  on(listener: Listener): () => void {
    return this.#add(listener);
  }

  /** `client.off('connection', …)`. */
  off(listener: Listener): void {
    for (const entry of this.#listeners) if (entry.listener === listener) this.#listeners.delete(entry);
  }

  #add(listener: Listener): () => void {
    const entry = { listener };
    this.#listeners.add(entry);
    return () => void this.#listeners.delete(entry);
  }

  #changed(): void {
    const now = this.view.get();
    if (now === this.#last) return;
    this.#last = now;
    for (const entry of [...this.#listeners]) if (this.#listeners.has(entry)) entry.listener(now);
  }
}
