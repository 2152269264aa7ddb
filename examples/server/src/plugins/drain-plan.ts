/** How a stopping server spreads its closes, and how long it asks its clients to spread their return. Pure. */
import type { Limits } from '../limits.js';

/** A plan for so many connections. */
export interface DrainPlan {
  /** Nobody comes back before. */
  readonly reconnectAfterMs: number;
  /** The clients choose a moment in this span after it. */
  readonly spreadMs: number;
  /** From the first close to the last. */
  readonly closeSpanMs: number;
  readonly beatMs: number;
  readonly closesPerBeat: number;
}

/** Clients that the next server should have to take back in a second. */
const reconnectsPerSecond = 200;
const reconnectAfterMs = 500;
const leastSpreadMs = 500;
const beatMs = 50;
/** So many closes hold nobody up. */
const closesAtOnce = 250;

/** Plans the end of so many connections. */
export function planOfDrain(connections: number, { drainSpreadMs }: Pick<Limits, 'drainSpreadMs'>): DrainPlan {
  const neededMs = Math.ceil((connections / reconnectsPerSecond) * 1_000);
  const closeSpanMs = connections <= closesAtOnce ? 0 : Math.min(drainSpreadMs, neededMs);
  const beats = Math.max(1, Math.floor(closeSpanMs / beatMs));
  return {
    reconnectAfterMs,
    spreadMs: Math.max(leastSpreadMs, neededMs),
    closeSpanMs,
    beatMs,
    closesPerBeat: Math.max(1, Math.ceil(connections / beats)),
  };
}
