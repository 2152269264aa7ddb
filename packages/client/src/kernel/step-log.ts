/** One line for each step, `connected × closed(1006) → reconnecting in 250 ms`; never a token, a frame or an address. */
import type { LifeState } from './life-state.js';
import type { Logger } from './options.js';

const mostLines = 50;

function textOf(state: LifeState, wallNow: number): string {
  switch (state.status) {
    case 'connecting':
      return `connecting, attempt ${state.attempt}`;
    case 'connected':
      return `connected, ${state.dialect}`;
    case 'reconnecting':
      return `reconnecting in ${Math.max(0, Math.round(state.retryAt - wallNow))} ms`;
    case 'paused':
      return `paused, ${state.reason}`;
    case 'closed':
      return `closed(${state.code})`;
    case 'failed':
      return `failed(${state.error.code})`;
    default:
      return state.status;
  }
}

/** The last 50 lines, for a bug report; each goes on to the user's logger. */
export class StepLog {
  readonly lines: string[] = [];
  readonly #logger: Logger | undefined;

  constructor(logger: Logger | undefined) {
    this.#logger = logger;
  }

  /** What happened in a state, and what has become of it. */
  step(before: LifeState['status'], what: string, after: LifeState, wallNow: number): void {
    const line = `${before} × ${what} → ${textOf(after, wallNow)}`;
    if (this.lines.push(line) > mostLines) this.lines.shift();
    try {
      this.#logger?.debug(line);
    } catch {
      // A logger that throws has nowhere to be logged.
    }
  }
}
