/** How long a `ready` may wait: while there is a connection, anew for each; and, in all, while servers are open that do not greet. */
import type { Clock } from '../io/clock.js';
import { Timers } from './timers.js';

/** Where the wait stands: the clock runs while `connected` and while `ungreeted`. */
export type WaitPhase = 'connected' | 'ungreeted' | 'away';

/** The bound of one wait. */
export class ReadyBound {
  readonly #clock: Clock;
  readonly #timers: Timers<'ready'>;
  readonly #timeoutMs: number;
  readonly #passed: (phase: WaitPhase) => void;
  #phase: WaitPhase = 'away';
  /** What is left for servers that do not greet: each of them is let go long before a patient wait is over. */
  #ungreetedMs: number;
  #since = 0;

  constructor(clock: Clock, timeoutMs: number, passed: (phase: WaitPhase) => void) {
    this.#clock = clock;
    this.#timers = new Timers(clock);
    this.#timeoutMs = timeoutMs;
    this.#passed = passed;
    this.#ungreetedMs = timeoutMs;
  }

  follow(phase: WaitPhase): void {
    if (phase === this.#phase) return;
    const now = this.#clock.monotonic();
    if (this.#phase === 'ungreeted') this.#ungreetedMs = Math.max(0, this.#ungreetedMs - (now - this.#since));
    if (phase === 'connected') this.#ungreetedMs = this.#timeoutMs;
    this.#phase = phase;
    this.#since = now;
    if (phase === 'away') this.#timers.stopAll();
    else this.#timers.start('ready', this.#ungreetedMs, () => this.#passed(phase));
  }

  stop(): void {
    this.#timers.stopAll();
  }
}
