/** Moves to another server before the one that goes away has gone: the old socket is heard until the new one has its acks. */
import type { GoingAway } from '@tickwire/protocol';
import { clampHintMs } from '@tickwire/protocol/rules';
import { dial } from './dialling.js';
import { letLeavingGo, linkTimers } from './endings.js';
import { isResuming } from './implied.js';
import { retryDelayMs } from './reconnect.js';
import { carriage } from './subscriptions.js';
import type { Turn } from './turn.js';

const defaultLeaveMs = 1_000;
const leaveSpread = 0.2;
const defaultDeadlineMs = 10_000;

/** The server says that it goes away: when to move, and by when it will have gone. */
export function goingAway(turn: Turn, { data }: GoingAway): void {
  const hintMs = clampHintMs(data.reconnectAfterMs) ?? defaultLeaveMs;
  turn.changeLink({ leaveBy: turn.now + (clampHintMs(data.deadlineMs) ?? defaultDeadlineMs) });
  const { random } = turn.moment;
  const { retries } = turn.session;
  const { reconnect } = turn.policy;
  // One that goes away again and again is no better than one that breaks: it does not become stable any more.
  turn.stop('stable');
  const backoffMs = retries > 0 ? retryDelayMs(reconnect, retries, random) : 0;
  turn.start('leave', Math.max(backoffMs, hintMs + random * hintMs * leaveSpread));
}

/** Opens the next socket beside this one. Offline or hidden, the close of the server is waited for instead. */
export function move(turn: Turn): void {
  const { link, online, visible, attempt, retries } = turn.session;
  if (link?.up !== true || !online || !visible) return;
  // Never more than two.
  letLeavingGo(turn);
  turn.stop(...linkTimers);
  // One move is what servers do; the next one before anything was stable is a retry.
  turn.change({ leaving: link.socketId, retries: attempt > 1 ? retries + 1 : retries });
  turn.start('farewell', link.leaveBy - turn.now);
  dial(turn);
}

/** Lets the old socket go as soon as the new one carries all that is wanted and nothing is expected on the old one. */
export function endMove(turn: Turn): void {
  const { leaving, link, wanted, requests } = turn.session;
  if (leaving === null || link?.up !== true) return;
  const { status } = link.authentication;
  if (status === 'fetching' || status === 'ready' || status === 'sent') return;
  for (const request of requests.values()) if (request.sentOn === leaving) return;
  for (const channel of wanted.keys()) {
    if (link.dialect === 'undecided') return;
    const carried = carriage(link.dialect, channel);
    const standing = carried.by === 'key' ? link.subscriptions.get(carried.key)?.status : 'confirmed';
    // Older servers do not ack; one that should and did not carries nothing yet.
    const carries = standing === 'confirmed' || (standing === 'unconfirmed' && link.dialect !== 'tickwire');
    if (!carries && standing !== 'refused') return;
  }
  if (isResuming(turn.session, link, turn.moment)) return;
  letLeavingGo(turn);
}
