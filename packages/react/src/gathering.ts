/** Gathers wishes for one thing into one run of it. */
import type { Schedule } from './flush.js';

/** A gathering of wishes. */
export interface Gathering {
  /** Asks for a run; all that ask until then get the same one. */
  request(): void;
  /** Nothing is waited for any more. */
  stop(): void;
}

/**
 * Makes a gathering; it holds a timer only after a request.
 *
 * @param begin `'later'`: a run ends the schedule that the first request begins. `'now'`: the first request runs at once,
 * those that come before its schedule has ended together, at that end.
 */
export function createGathering(schedule: Schedule, run: () => void, begin: 'now' | 'later'): Gathering {
  let waiting = false;
  let wanted = false;
  let cancel: () => void = () => undefined;

  function start(): void {
    waiting = true;
    wanted = begin === 'later';
    cancel = schedule(ended);
    if (begin === 'now') run();
  }

  function ended(): void {
    waiting = false;
    if (!wanted) return;
    if (begin === 'now') start();
    else run();
  }

  return {
    request: () => {
      if (waiting) wanted = true;
      else start();
    },
    stop: () => {
      cancel();
      waiting = false;
      wanted = false;
    },
  };
}
