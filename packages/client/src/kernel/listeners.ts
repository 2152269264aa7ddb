/** Who listens to what. A listener that throws, or rejects, stops nobody and is reported once. */
import { EventEmitter } from 'eventemitter3';

/** Calls a listener; what it throws or rejects with goes to `failed`. */
export function deliver<Payload>(
  listener: (payload: Payload) => unknown,
  payload: Payload,
  failed: (cause: unknown) => void,
): void {
  try {
    const result = listener(payload) as Partial<PromiseLike<unknown>> | null | undefined;
    if (typeof result === 'object' && typeof result?.then === 'function') result.then(undefined, failed);
  } catch (cause) {
    failed(cause);
  }
}

/** What stands in the emitter for one listener. */
interface Entry {
  (payload: unknown): unknown;
  listener: unknown;
  undo: () => void;
}

/** Listeners by event. Emitting iterates a snapshot; removing is idempotent and never removes anybody else. */
export class Listeners<Events extends object> {
  readonly #emitter = new EventEmitter<string>();
  readonly failed: (event: string, cause: unknown) => void;

  constructor(failed: (event: string, cause: unknown) => void) {
    this.failed = failed;
  }

  /** Adds a listener, for all events or one; returns its undo. */
  on<Name extends keyof Events & string>(
    event: Name,
    listener: (payload: Events[Name]) => void,
    once = false,
  ): () => void {
    let live = true;
    const undo = (): void => {
      live = false;
      this.#emitter.off(event, entry);
    };
    // Taken off in the middle of an event, it is not called any more.
    const call = (payload: unknown): unknown => {
      if (!live) return undefined;
      if (once) undo();
      return (listener as (payload: unknown) => unknown)(payload);
    };
    const entry: Entry = Object.assign(call, { listener, undo });
    this.#emitter.on(event, entry);
    return undo;
  }

  /** Removes a listener from an event, however often it was added. */
  off<Name extends keyof Events & string>(event: Name, listener: (payload: Events[Name]) => void): void {
    for (const entry of this.#emitter.listeners(event) as Entry[]) if (entry.listener === listener) entry.undo();
  }

  /** Calls the listeners that were there when the event happened. */
  emit<Name extends keyof Events & string>(event: Name, payload: Events[Name]): void {
    if (this.count(event) === 0) return;
    for (const entry of this.#emitter.listeners(event)) deliver(entry, payload, (cause) => this.failed(event, cause));
  }

  /** How many listeners an event has. */
  count(event: keyof Events & string): number {
    return this.#emitter.listenerCount(event);
  }
}
