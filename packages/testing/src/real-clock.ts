/** Time for the servers and proxies of tests: the platform's own, or a `FakeClock`, which fits by shape. */

/** Where test tooling gets time from. Fits the client's `Clock` by shape. */
export interface Clock {
  /** Epoch milliseconds. */
  now(): number;
  /** Milliseconds that never jump. */
  monotonic(): number;
  /** Calls back once after `delayMs`. */
  setTimeout(callback: () => void, delayMs: number): unknown;
  clearTimeout(timer: unknown): void;
}

/** The platform's time; its timers keep the process alive, so that one that was forgotten is seen. */
export const realClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  setTimeout: (callback, delayMs) => setTimeout(callback, delayMs),
  clearTimeout: (timer) => clearTimeout(timer as NodeJS.Timeout),
};

/** A clock that counts its own timers: whose they are is known, whatever else runs. */
export class CountingClock implements Clock {
  readonly #clock: Clock;
  readonly #waiting = new Set<unknown>();

  /** @param clock the time behind it @default realClock */
  constructor(clock: Clock = realClock) {
    this.#clock = clock;
  }

  /** Timers that wait. */
  get pending(): number {
    return this.#waiting.size;
  }

  now(): number {
    return this.#clock.now();
  }

  monotonic(): number {
    return this.#clock.monotonic();
  }

  setTimeout(callback: () => void, delayMs: number): unknown {
    const timer = this.#clock.setTimeout(() => {
      this.#waiting.delete(timer);
      callback();
    }, delayMs);
    this.#waiting.add(timer);
    return timer;
  }

  clearTimeout(timer: unknown): void {
    this.#waiting.delete(timer);
    this.#clock.clearTimeout(timer);
  }
}
