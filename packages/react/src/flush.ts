/** When changed prices are shown: the only room of this package that waits for a frame or a timer to do so. */

/**
 * How changes are gathered before components hear of them: `'frame'` once per animation frame, `'sync'` at once,
 * or a number of ms. Events are never gathered, only prices.
 * @default 'frame'
 */
export type Flush = 'frame' | 'sync' | number;

/** Runs something later, once; returns its undo. */
export type Schedule = (run: () => void) => () => void;

/** A hidden page gets no frames: this long after a change its prices (a title, say) are shown all the same. */
const hiddenPageMs = 1_000;
const longestTimerMs = 2 ** 31 - 1;

function after(delayMs: number): Schedule {
  return (run) => {
    const timer = setTimeout(run, Math.min(Math.max(0, delayMs), longestTimerMs));
    return () => clearTimeout(timer);
  };
}

const nextFrame: Schedule = (run) => {
  // Without a document (a test, a worker) a frame's length stands for the frame.
  if (typeof requestAnimationFrame !== 'function') return after(16)(run);
  const undo = (): void => {
    cancelAnimationFrame(frame);
    cancelTimer();
  };
  const once = (): void => {
    undo();
    run();
  };
  const frame = requestAnimationFrame(once);
  const cancelTimer = after(hiddenPageMs)(once);
  return undo;
};

const atOnce: Schedule = (run) => {
  run();
  return () => undefined;
};

/** The schedule that a `flush` option stands for. */
export function flushSchedule(flush: Flush): Schedule {
  if (flush === 'frame') return nextFrame;
  return flush === 'sync' ? atOnce : after(flush);
}
