/** Takes what happens one after the other: what is raised while something is carried out waits for its turn. */

/** The turns of one stream. */
export class Turn {
  readonly #queue: (() => void)[] = [];
  readonly #settle: () => void;
  #running = false;

  /** @param settle called after each task: what it has changed is told */
  constructor(settle: () => void) {
    this.#settle = settle;
  }

  get running(): boolean {
    return this.#running;
  }

  /** Something has changed: it is told after what runs now, or at once. */
  changed(): void {
    if (!this.#running) this.run(() => undefined);
  }

  /** Runs a task now, or after those that have been raised before it. */
  run(task: () => void): void {
    this.#queue.push(task);
    if (this.#running) return;
    this.#running = true;
    try {
      for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) {
        next();
        this.#settle();
      }
    } finally {
      this.#running = false;
    }
  }
}
