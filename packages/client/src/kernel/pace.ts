/** How many frames may go out, and when the next one may. */
import type { Pace } from './dialect.js';

const minuteMs = 60_000;
/** What a window looks back at, at least; kept over reconnects, because older servers count that way too. */
const longestWindowMs = 65_000;
/** Instants that are kept at least: the windows of the older servers count no more. */
const mostKept = 100;

/** What has been sent lately, on all sockets of a stream. */
export interface Paced {
  /** Monotonic instants of the frames in the window, the oldest first. */
  sentAt: number[];
  tokens: number;
  refilledAt: number;
}

/** Nothing has been sent. */
export function unpaced(): Paced {
  return { sentAt: [], tokens: 0, refilledAt: 0 };
}

/** A full bucket: what a new connection with a budget of its own starts with. */
export function refill(paced: Paced, pace: Pace, now: number): void {
  if ('burst' in pace) Object.assign(paced, { tokens: pace.burst, refilledAt: now });
}

/** How long the next frame has to wait, in ms. */
export function waitOf(paced: Paced, pace: Pace | undefined, now: number): number {
  if (pace === undefined) return 0;
  if ('count' in pace) {
    const within = paced.sentAt.filter((at) => at > now - pace.windowMs);
    const oldest = within[within.length - pace.count];
    return oldest === undefined ? 0 : oldest + pace.windowMs - now;
  }
  const perMs = pace.perMinute / minuteMs;
  paced.tokens = Math.min(pace.burst, paced.tokens + Math.max(0, now - paced.refilledAt) * perMs);
  paced.refilledAt = now;
  return paced.tokens < 1 ? Math.ceil((1 - paced.tokens) / perMs) : 0;
}

/** A frame goes out. */
export function spend(paced: Paced, pace: Pace | undefined, now: number): void {
  paced.tokens -= 1;
  const { sentAt } = paced;
  const { count = 0, windowMs = 0 } = pace !== undefined && 'count' in pace ? pace : {};
  const most = Math.max(mostKept, count);
  const since = now - Math.max(longestWindowMs, windowMs);
  sentAt.push(now);
  while (sentAt.length > most || (sentAt[0] ?? now) <= since) sentAt.shift();
}
