/** What follows when a connection ends, and when the next attempt starts. Full jitter: https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/ */

/** What a close means and what is done about it. Durations in ms. */
export interface Verdict {
  /** `retry`: reconnect with back-off · `stop`: stay closed · `fail`: stay closed and say that it is for good. */
  readonly action: 'retry' | 'stop' | 'fail';
  /** In words. */
  readonly meaning: string;
  /** The next attempt starts no sooner, whatever the back-off says. @default 0 */
  readonly minDelayMs?: number;
  /** The next attempt is spread over this span on top. @default 0 */
  readonly spreadMs?: number;
  /** After so many closes of this meaning in a row the connection has failed. @default Infinity */
  readonly maxInARow?: number;
  /** What the error is called. @default 'CONNECT_FAILED' */
  readonly code?: string;
  /** What the reader can do about it. */
  readonly advice?: string;
  /** Whether the user has been told already, on this connection. */
  readonly told?: boolean;
}

/** The back-off, complete. */
export interface Backoff {
  readonly minDelayMs: number;
  readonly baseDelayMs: number;
  readonly maxDelayMs: number;
  readonly maxAttempts: number;
  readonly stableAfterMs: number;
}

const few = 5;
const overloadedMs = 5_000;

const meanings: ReadonlyMap<number, string> = /* @__PURE__ */ new Map([
  [1000, 'normal closure'],
  [1001, 'the server is going away'],
  [1002, 'framing error'],
  [1003, 'binary data is not supported'],
  [1005, 'closed without a code'],
  [1006, 'the connection broke off'],
  [1007, 'invalid UTF-8'],
  [1008, 'policy violation'],
  [1009, 'a frame was too big'],
  [1011, 'internal server error'],
  [1012, 'the server restarts'],
  [1013, 'the server is overloaded'],
]);

/** What RFC 6455 (section 7.4 and the registry that it opens) says of a close. */
export function verdictOf(code: number): Verdict {
  const meaning = meanings.get(code) ?? 'a reason that this version does not know';
  if (code === 1000) return { action: 'stop', meaning };
  const isBroken = code === 1002 || code === 1003 || code === 1007;
  return {
    action: 'retry',
    meaning,
    ...(isBroken ? { maxInARow: few } : {}),
    ...(code === 1013 ? { minDelayMs: overloadedMs } : {}),
  };
}

/** A server's hint in ms, clamped to 250 ms … 5 min; `undefined` for what is no finite number. */
export function hintMs(hint: unknown): number | undefined {
  return Number.isFinite(hint) ? Math.min(300_000, Math.max(250, hint as number)) : undefined;
}

/** The upper end of the back-off of retry `n`, counted from 0. */
export function backoffCeilingMs(backoff: Backoff, n: number): number {
  // Beyond all exponents the power is infinite, and the cap holds.
  return Math.max(backoff.minDelayMs, Math.min(backoff.maxDelayMs, backoff.baseDelayMs * 2 ** n));
}

/**
 * The delay of retry `n`: `min + random × (min(max, base × 2^n) − min)`. A server's `minDelayMs` moves the floor, its
 * `spreadMs` replaces the span; it stays jittered in every case, because everybody else was told the same.
 */
export function retryDelayMs(backoff: Backoff, n: number, random: number, minDelayMs = 0, spreadMs = 0): number {
  const floor = Math.max(backoff.minDelayMs, minDelayMs);
  const span = spreadMs > 0 ? spreadMs : backoffCeilingMs(backoff, n) - backoff.minDelayMs;
  return Math.round(floor + random * span);
}

/** An offline flag may be wrong: what is paused for it is tried all the same, at least the longest back-off apart. */
export function offlineDelayMs(backoff: Backoff, random: number, leastMs = 0): number {
  return Math.max(leastMs, Math.round(backoff.maxDelayMs * (1 + random)));
}

/** Wake-ups (online, visible, resumed) skip the back-off but stay this far apart. */
const wakeSpacingMs = 1_000;

/** How long an attempt after a wake-up still has to wait. */
export function wakeDelayMs(now: number, dialledAt: number, notBefore: number): number {
  return Math.max(0, dialledAt + wakeSpacingMs - now, notBefore - now);
}
