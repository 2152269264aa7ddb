/** When the next attempt starts. Full jitter: https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/ */
import type { Policy } from './session-state.js';

/** The upper end of the back-off of retry `n`, counted from 0. */
export function backoffCeilingMs(policy: Policy['reconnect'], n: number): number {
  // Beyond all exponents the power is infinite, and the cap holds.
  return Math.max(policy.minDelayMs, Math.min(policy.maxDelayMs, policy.baseDelayMs * 2 ** n));
}

/**
 * The delay of retry `n`: `min + random × (min(max, base × 2^n) − min)`. A server's `minDelayMs` moves the floor, its
 * `spreadMs` replaces the span; it stays jittered in every case, because everybody else was told the same.
 */
export function retryDelayMs(
  policy: Policy['reconnect'],
  n: number,
  random: number,
  server: { readonly minDelayMs: number; readonly spreadMs: number } = { minDelayMs: 0, spreadMs: 0 },
): number {
  const floor = Math.max(policy.minDelayMs, server.minDelayMs);
  const span = server.spreadMs > 0 ? server.spreadMs : backoffCeilingMs(policy, n) - policy.minDelayMs;
  return Math.round(floor + random * span);
}

/** An offline flag may be wrong: what is paused for it is tried all the same, at least the longest back-off apart. */
export function offlineDelayMs(policy: Policy['reconnect'], random: number, leastMs = 0): number {
  return Math.max(leastMs, Math.round(policy.maxDelayMs * (1 + random)));
}

/** Wake-ups (online, visible, resumed) skip the back-off but stay this far apart. */
export const wakeSpacingMs = 1_000;

/** How long an attempt after a wake-up still has to wait. */
export function wakeDelayMs(now: number, dialledAt: number | null, notBefore: number): number {
  const spaced = dialledAt === null ? 0 : dialledAt + wakeSpacingMs - now;
  return Math.max(0, spaced, notBefore - now);
}
