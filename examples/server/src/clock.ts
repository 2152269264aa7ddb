/** Time by injection: the only room that reads the machine's clock, so that everything else can be tested on another. */

/** What the server needs of time. Instants are epoch ms. */
export interface Clock {
  now(): number;
  /** Calls back once after `delayMs`; returns the undo, which is idempotent. */
  after(delayMs: number, callback: () => void): () => void;
}

/** The machine's own clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  after(delayMs, callback) {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  },
};

/** An instant as ISO 8601 in UTC. */
export function toIso(at: number): string {
  return new Date(at).toISOString();
}

/** Runs the callback in a later turn of the event loop, after what waits there; returns the undo. */
export type NextTurn = (callback: () => void) => () => void;

/** The machine's own event loop. */
export const nextTurnOfLoop: NextTurn = (callback) => {
  const immediate = setImmediate(callback);
  return () => clearImmediate(immediate);
};
