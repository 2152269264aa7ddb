/** One line for each step, `connected × closed(1006) → reconnecting in 250 ms`; never a token, a frame or an address. */
import type { LifeState } from './life-state.js';

function textOf(state: LifeState, wallNow: number): string {
  switch (state.status) {
    case 'connecting':
      return `, attempt ${state.attempt}`;
    case 'connected':
      return `, ${state.dialect}`;
    case 'reconnecting':
      return ` in ${Math.max(0, Math.round(state.retryAt - wallNow))} ms`;
    case 'paused':
      return `, ${state.reason}`;
    case 'closed':
      return `(${state.code})`;
    case 'failed':
      return `(${state.error.code})`;
    default:
      return '';
  }
}

/** What happened in a state, and what has become of it. */
export function lineOf(before: LifeState['status'], what: string, after: LifeState, wallNow: number): string {
  return `${before} × ${what} → ${after.status}${textOf(after, wallNow)}`;
}
