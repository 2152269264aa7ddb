/** When a failing upstream is left alone, and when it is asked again. Pure. */
import { backoffMs, type Backoff } from './backoff.js';

/** How patient a breaker is. */
export interface BreakerPolicy {
  /** So many failures in a row open it. */
  readonly failuresToOpen: number;
  /** How long it stays open: longer after each probe that failed. */
  readonly pause: Backoff;
}

/** A breaker. `openUntil` is there while the upstream is left alone; after it one request may probe. */
export interface Breaker {
  readonly failures: number;
  /** By the monotonic clock, like every `now` here. */
  readonly openUntil?: number;
}

/** The policy of a source that was told nothing else. */
export const defaultBreakerPolicy: BreakerPolicy = {
  failuresToOpen: 3,
  pause: { leastMs: 5_000, baseMs: 30_000, mostMs: 300_000 },
};

/** A breaker that has seen no failure. */
export const closedBreaker: Breaker = { failures: 0 };

/** Whether the upstream may be asked now. */
export function mayAsk(breaker: Breaker, now: number): boolean {
  return breaker.openUntil === undefined || now >= breaker.openUntil;
}

/**
 * The breaker after a failure.
 *
 * @param random in [0, 1)
 * @param retryAfterMs what the upstream itself asked for, if it did; it counts at once
 */
export function afterFailure(
  breaker: Breaker,
  policy: BreakerPolicy,
  now: number,
  random: number,
  retryAfterMs = 0,
): Breaker {
  const failures = breaker.failures + 1;
  const beyond = failures - policy.failuresToOpen;
  const pauseMs = beyond < 0 ? 0 : backoffMs(policy.pause, beyond + 1, random);
  const waitMs = Math.max(pauseMs, Math.min(retryAfterMs, policy.pause.mostMs));
  return waitMs > 0 ? { failures, openUntil: now + waitMs } : { failures };
}
