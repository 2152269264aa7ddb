/** An EventTarget that counts the listeners on it: alone, or in front of another one. */

interface Entry {
  readonly type: string;
  readonly listener: EventListenerOrEventListenerObject;
  readonly capture: boolean;
  readonly forwarded: EventListener;
}

const captures = (options: boolean | EventListenerOptions | undefined): boolean =>
  typeof options === 'object' ? options.capture === true : options === true;

/** Stands in for any EventTarget, `window` for example, and tells how many listeners it has; the same one twice counts once. */
export class CountingTarget implements EventTarget {
  readonly #target: EventTarget;
  readonly #entries = new Set<Entry>();

  /** @param target where the events come from @default an EventTarget of its own */
  constructor(target: EventTarget = new EventTarget()) {
    this.#target = target;
  }

  /** Listeners that are attached. */
  get listeners(): number {
    return this.#entries.size;
  }

  /** Listeners by the type of their event. */
  get types(): Record<string, number> {
    const counts = new Map<string, number>();
    for (const { type } of this.#entries) counts.set(type, (counts.get(type) ?? 0) + 1);
    return Object.fromEntries(counts);
  }

  addEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject | null,
    options?: boolean | AddEventListenerOptions,
  ): void {
    const capture = captures(options);
    if (listener === null || this.#find(type, listener, capture) !== undefined) return;
    const { once = false, signal, passive } = typeof options === 'object' ? options : {};
    if (signal?.aborted === true) return;
    const entry: Entry = {
      type,
      listener,
      capture,
      forwarded: (event) => {
        if (once) this.#remove(entry);
        if (typeof listener === 'function') listener.call(this, event);
        else listener.handleEvent(event);
      },
    };
    this.#entries.add(entry);
    signal?.addEventListener('abort', () => this.#remove(entry), { once: true });
    this.#target.addEventListener(type, entry.forwarded, { capture, ...(passive === undefined ? {} : { passive }) });
  }

  removeEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject | null,
    options?: boolean | EventListenerOptions,
  ): void {
    const entry = listener === null ? undefined : this.#find(type, listener, captures(options));
    if (entry !== undefined) this.#remove(entry);
  }

  dispatchEvent(event: Event): boolean {
    return this.#target.dispatchEvent(event);
  }

  #find(type: string, listener: EventListenerOrEventListenerObject, capture: boolean): Entry | undefined {
    return [...this.#entries].find(
      (entry) => entry.type === type && entry.listener === listener && entry.capture === capture,
    );
  }

  #remove(entry: Entry): void {
    this.#entries.delete(entry);
    this.#target.removeEventListener(entry.type, entry.forwarded, { capture: entry.capture });
  }
}
