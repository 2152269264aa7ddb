/** How a stopping server spreads its closes, and how long it asks its clients to spread their return. Pure. */
import type { Limits } from '../limits.js';

/** A plan for so many connections. */
export interface DrainPlan {
  readonly connections: number;
  /** The clients choose a moment in this span after they may come back. */
  readonly spreadMs: number;
  /** From the first close to the last. */
  readonly closeSpanMs: number;
  readonly beatMs: number;
}

/** Clients that the next server should have to take back in a second. */
const reconnectsPerSecond = 250;
const leastWaitMs = 500;
const leastSpreadMs = 500;
const beatMs = 50;
/** So many closes hold nobody up. */
const closesAtOnce = 250;
/** What the next server needs to be up: a crowd that comes before would come twice. */
const restartMs = 2_000;

/** Plans the end of so many connections. */
export function planOfDrain(connections: number, { drainSpreadMs }: Pick<Limits, 'drainSpreadMs'>): DrainPlan {
  const neededMs = Math.ceil((connections / reconnectsPerSecond) * 1_000);
  return {
    connections,
    spreadMs: Math.max(leastSpreadMs, neededMs),
    closeSpanMs: connections <= closesAtOnce ? 0 : Math.min(drainSpreadMs, neededMs),
    beatMs,
  };
}

/** How many should be closed so long after the first. A beat that comes late closes more: the end does not move. */
export function closesDue({ connections, closeSpanMs }: DrainPlan, elapsedMs: number): number {
  if (elapsedMs >= closeSpanMs) return connections;
  return Math.max(1, Math.ceil((connections * (elapsedMs + beatMs)) / (closeSpanMs + beatMs)));
}

/** How long a client that is let go so long after the first close should stay away, before its part of the spread. */
export function returnAfterMs({ closeSpanMs }: DrainPlan, elapsedMs: number): number {
  if (closeSpanMs === 0) return leastWaitMs;
  return Math.round(Math.max(0, closeSpanMs - elapsedMs) + restartMs);
}
