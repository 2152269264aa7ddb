/** Waiting for the machine or the page to come back. */
import { offlineDelayMs } from './reconnect.js';
import type { Turn } from './turn.js';

/** Offline or hidden: nothing is planned, but for a slow try where somebody looks. */
export function pause(turn: Turn, leastMs?: number): void {
  const { online, visible } = turn.session;
  turn.change({ connection: { status: 'paused', reason: online ? 'hidden' : 'offline' } });
  if (visible) turn.start('reconnect', offlineDelayMs(turn.policy.reconnect, turn.moment.random, leastMs));
}
