/** A clock that moves only when a test says so; timers run in the order of their time. */
import { systemClock, type Clock } from '../src/clock.js';

export interface ManualClock extends Clock {
  /** Moves on, running what falls due on the way. */
  advance(ms: number): void;
  /** Time passes and no timer runs, as when the process stands still. */
  leap(ms: number): void;
  /** Somebody sets the clock by so much: no time passes. */
  set(ms: number): void;
  /** Timers that wait. */
  readonly waiting: number;
}

export function createManualClock(startAt = 1_767_225_600_000): ManualClock {
  let now = startAt;
  let shift = 0;
  let timers: { at: number; callback: () => void }[] = [];
  return {
    now: () => now + shift,
    monotonic: () => now,
    set(ms) {
      shift += ms;
    },
    after(delayMs, callback) {
      const timer = { at: now + delayMs, callback };
      timers.push(timer);
      return () => {
        timers = timers.filter((other) => other !== timer);
      };
    },
    advance(ms) {
      const until = now + ms;
      for (;;) {
        const next = timers.toSorted((a, b) => a.at - b.at)[0];
        if (next === undefined || next.at > until) break;
        timers = timers.filter((other) => other !== next);
        now = Math.max(now, next.at);
        next.callback();
      }
      now = until;
    },
    leap(ms) {
      now += ms;
    },
    get waiting() {
      return timers.length;
    },
  };
}

/** A clock whose time stands still until a test says so, while its timers are the machine's: nothing grows old by itself. */
export interface StandingClock extends Clock {
  leap(ms: number): void;
}

export function createStandingClock(): StandingClock {
  let now = Date.now();
  return {
    now: () => now,
    monotonic: () => now,
    after: (delayMs, callback) => systemClock.after(delayMs, callback),
    leap(ms) {
      now += ms;
    },
  };
}
