/** Time by injection: the only room that reads the machine's clock, so that everything else can be tested on another. */

/** What the server needs of time. */
export interface Clock {
  /** The instant, epoch ms: for what is told, and for what tokens say. It jumps when the machine's clock is set. */
  now(): number;
  /** Ms since some moment; it never jumps. Spans, limits and deadlines are measured with it. */
  monotonic(): number;
  /** Calls back once after `delayMs`; returns the undo, which is idempotent. */
  after(delayMs: number, callback: () => void): () => void;
}

/** A moment on both clocks. */
export interface Moment {
  /** The instant, epoch ms: told, kept, and compared with instants of others. */
  readonly at: number;
  /** By the monotonic clock: spans are measured between two of these. */
  readonly elapsed: number;
}

/** The present. */
export function momentOf(clock: Pick<Clock, 'now' | 'monotonic'>): Moment {
  return { at: clock.now(), elapsed: clock.monotonic() };
}

/** The longest delay that a timer can hold; a longer one would fire at once. */
export const longestTimerMs = 2_147_483_647;

/** The machine's own clock. Longer spans than a timer can hold are waited for in parts. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(delayMs, callback) {
    let timer: NodeJS.Timeout;
    const wait = (leftMs: number): void => {
      const partMs = Math.min(longestTimerMs, leftMs);
      timer = setTimeout(leftMs > partMs ? () => wait(leftMs - partMs) : callback, partMs);
    };
    wait(delayMs);
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
