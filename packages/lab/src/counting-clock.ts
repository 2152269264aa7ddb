/** Whose timers are still waiting. */
import { realClock, type Clock } from '@tickwire/testing';

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
