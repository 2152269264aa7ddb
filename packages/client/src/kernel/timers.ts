/** Named timers on a clock: at most one of a name runs at a time, and all can be stopped. */
import type { Clock } from '../io/clock.js';

/** The longest delay that timers of all platforms keep; a longer one would fire at once. */
const longestDelayMs = 2 ** 31 - 1;

/** The timers of one owner, by name. */
export class Timers<Name> {
  readonly #clock: Clock;
  readonly #running = new Map<Name, unknown>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Starts a timer anew; what is longer than a timer can be is waited for in parts. */
  start(name: Name, delayMs: number, fired: () => void, options: { keepAlive?: boolean } = {}): void {
    this.stop(name);
    const leftMs = delayMs - longestDelayMs;
    const timer = this.#clock.setTimeout(
      () => {
        if (this.#running.get(name) !== timer) return;
        this.#running.delete(name);
        if (leftMs > 0) this.start(name, leftMs, fired, options);
        else fired();
      },
      Math.max(0, Math.ceil(Math.min(longestDelayMs, delayMs))),
      options,
    );
    this.#running.set(name, timer);
  }

  stop(name: Name): void {
    const timer = this.#running.get(name);
    if (this.#running.delete(name)) this.#clock.clearTimeout(timer);
  }

  isRunning(name: Name): boolean {
    return this.#running.has(name);
  }

  stopAll(): void {
    for (const name of this.#running.keys()) this.stop(name);
  }
}
