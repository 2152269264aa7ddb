/** Time and chance from the platform, looked up when called, because tests and pages replace them later. */

/** Where the client gets time from; injectable as `options.clock`. */
export interface Clock {
  /** Epoch milliseconds. */
  now(): number;
  /** Milliseconds that never jump: durations are measured with it. */
  monotonic(): number;
  /** Calls back once after `delayMs`. In Node the timer keeps the process alive only with `keepAlive`. */
  setTimeout(callback: () => void, delayMs: number, options?: { keepAlive?: boolean }): unknown;
  clearTimeout(timer: unknown): void;
}

function unref(timer: unknown): void {
  if (typeof timer === 'object' && timer !== null && 'unref' in timer && typeof timer.unref === 'function') {
    (timer.unref as () => void).call(timer);
  }
}

/** The platform's clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => (typeof globalThis.performance === 'object' ? globalThis.performance.now() : Date.now()),
  setTimeout: (callback, delayMs, options) => {
    const timer: unknown = globalThis.setTimeout(callback, delayMs);
    if (options?.keepAlive !== true) unref(timer);
    return timer;
  },
  clearTimeout: (timer) => globalThis.clearTimeout(timer as number),
};

/** The platform's chance: 0 ≤ n < 1. */
export function systemRandom(): number {
  return Math.random();
}
