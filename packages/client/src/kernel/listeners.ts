/** Who listens to what. A listener that throws, or rejects, stops nobody and is reported once. */
import { EventEmitter } from 'eventemitter3';

/** Calls a listener; what it throws or rejects with goes to `failed`. */
export function deliver<Payload>(
  listener: (payload: Payload) => unknown,
  payload: Payload,
  failed: (cause: unknown) => void,
): void {
  try {
    const result = listener(payload);
    if (typeof result === 'object' && result !== null && 'then' in result && typeof result.then === 'function') {
      (result as PromiseLike<unknown>).then(undefined, failed);
    }
  } catch (cause) {
    failed(cause);
  }
}

type Entry = (payload: unknown) => unknown;

/** Listeners by event. Emitting iterates a snapshot; removing is idempotent and never removes anybody else. */
export class Listeners<Events extends object> {
  readonly #emitter = new EventEmitter<string>();
  /** The undos of each listener, so that `off` ends what `on` has begun, in the middle of an event too. */
  readonly #undos = new Map<string, Map<unknown, Set<() => void>>>();
  readonly #failed: (event: string, cause: unknown) => void;
  readonly #added: ((event: keyof Events & string) => void) | undefined;

  constructor(failed: (event: string, cause: unknown) => void, added?: (event: keyof Events & string) => void) {
    this.#failed = failed;
    this.#added = added;
  }

  /** Adds a listener, for all events or one; returns its undo. */
  on<Name extends keyof Events & string>(
    event: Name,
    listener: (payload: Events[Name]) => void,
    once = false,
  ): () => void {
    let live = true;
    const entry: Entry = (payload) => {
      if (!live) return undefined;
      if (once) undo();
      return (listener as Entry)(payload);
    };
    const undo = (): void => {
      live = false;
      this.#emitter.off(event, entry);
      this.#forget(event, listener, undo);
    };
    const byListener = this.#undos.get(event) ?? new Map<unknown, Set<() => void>>();
    const undos = byListener.get(listener) ?? new Set<() => void>();
    this.#undos.set(event, byListener.set(listener, undos.add(undo)));
    this.#emitter.on(event, entry);
    this.#added?.(event);
    return undo;
  }

  /** Removes a listener from an event, however often it was added. */
  off<Name extends keyof Events & string>(event: Name, listener: (payload: Events[Name]) => void): void {
    for (const undo of [...(this.#undos.get(event)?.get(listener) ?? [])]) undo();
  }

  /** Calls the listeners that were there when the event happened. */
  emit<Name extends keyof Events & string>(event: Name, payload: Events[Name]): void {
    if (!this.#undos.has(event)) return;
    for (const entry of this.#emitter.listeners(event)) {
      deliver(entry as Entry, payload, (cause) => this.#failed(event, cause));
    }
  }

  /** How many listeners an event has. */
  count(event: keyof Events & string): number {
    return this.#emitter.listenerCount(event);
  }

  #forget(event: string, listener: unknown, undo: () => void): void {
    const byListener = this.#undos.get(event);
    const undos = byListener?.get(listener);
    undos?.delete(undo);
    if (undos?.size === 0) byListener?.delete(listener);
    if (byListener?.size === 0) this.#undos.delete(event);
  }
}
