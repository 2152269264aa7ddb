/** Whether the other side is still there. Any inbound frame is proof of life; one lazy timer looks now and then. */
import type { HeartbeatState, Link, SentPing, WireId } from './session-state.js';
import type { Turn } from './turn.js';

/** An older coins backend drops who has not pinged for 5 min, without closing; stay well inside a minute. */
const coinsPingEveryMs = 45_000;
/** An older metals backend counts pings against 10 messages a minute. */
const metalsIdleMs = 15_000;
/** A timer that fires this late slept or was throttled: what has arrived meanwhile is read before a verdict. */
const overdueMs = 1_000;
const graceMs = 1_000;
/** After a wake-up the other side has this long to answer. */
const probeDeadlineMs = 3_000;
const keptSamples = 8;

/** The heartbeat of a link before it opens. */
export const restingHeartbeat: HeartbeatState = {
  dueAt: 0,
  dueWallAt: 0,
  queued: false,
  pingAt: null,
  deadlineMs: 0,
  lastPingAt: 0,
  graced: false,
  sent: null,
  samples: [],
};

function change(turn: Turn, part: Partial<HeartbeatState>): void {
  const { link } = turn.session;
  if (link !== null) turn.changeLink({ heartbeat: { ...link.heartbeat, ...part } });
}

function arm(turn: Turn, delayMs: number): void {
  change(turn, { dueAt: turn.now + delayMs, dueWallAt: turn.moment.wallNow + delayMs });
  turn.start('heartbeat', delayMs);
}

/** How late the timer is, by whichever clock saw the time pass. */
function lateMs(turn: Turn, { dueAt, dueWallAt }: HeartbeatState): number {
  return Math.max(turn.now - dueAt, turn.moment.wallNow - dueWallAt);
}

function idleMs(turn: Turn, link: Link): number {
  const { idleMs: asked } = turn.policy.heartbeat;
  return link.dialect === 'metals' ? Math.max(metalsIdleMs, asked) : asked;
}

function nextPingAt(turn: Turn, link: Link): number {
  const idleUntil = turn.moment.lastFrameAt + idleMs(turn, link);
  return link.dialect === 'coins' ? Math.min(idleUntil, link.heartbeat.lastPingAt + coinsPingEveryMs) : idleUntil;
}

/** Starts the heartbeat of a connection that has just come up. */
export function beginHeartbeat(turn: Turn): void {
  const { link } = turn.session;
  if (link === null) return;
  change(turn, { lastPingAt: turn.now });
  arm(turn, Math.min(idleMs(turn, link), link.dialect === 'coins' ? coinsPingEveryMs : Infinity));
}

/**
 * What the heartbeat's timer finds: `dead` when a ping went unanswered past its deadline. An overdue timer is given
 * one grace first, so that frames which have already arrived are read before the link is declared dead.
 */
export function heartbeatFired(turn: Turn): 'alive' | 'dead' {
  const { link } = turn.session;
  if (link === null) return 'alive';
  const { heartbeat } = link;
  const isLate = lateMs(turn, heartbeat) >= overdueMs;
  if (heartbeat.pingAt !== null && turn.moment.lastFrameAt < heartbeat.pingAt) {
    if (isLate && !heartbeat.graced) {
      change(turn, { graced: true });
      turn.changeConnected({ mute: true });
      arm(turn, graceMs);
      return 'alive';
    }
    const leftMs = heartbeat.pingAt + heartbeat.deadlineMs - turn.now;
    if (leftMs <= 0) return 'dead';
    arm(turn, leftMs);
    return 'alive';
  }
  change(turn, { pingAt: null, graced: false });
  turn.changeConnected({ mute: false });
  const dueInMs = nextPingAt(turn, link) - turn.now;
  const { timeoutMs } = turn.policy.heartbeat;
  // Who slept asks sooner.
  if (dueInMs <= 0)
    change(turn, { queued: true, deadlineMs: isLate ? Math.min(probeDeadlineMs, timeoutMs) : timeoutMs });
  // A ping that waits for budget re-arms the timer when it is sent.
  arm(turn, dueInMs <= 0 ? idleMs(turn, link) : dueInMs);
  return 'alive';
}

/** Asks for a sign of life soon: after a wake-up, or when the clock says that much time has passed unseen. */
export function probe(turn: Turn): void {
  const { link } = turn.session;
  if (link === null || link.heartbeat.queued) return;
  const deadlineMs = Math.min(probeDeadlineMs, turn.policy.heartbeat.timeoutMs);
  if (link.heartbeat.pingAt !== null && turn.moment.lastFrameAt < link.heartbeat.pingAt) {
    // One ping is out already: it may take no longer than a probe from now.
    const leftMs = link.heartbeat.pingAt + link.heartbeat.deadlineMs - turn.now;
    if (leftMs <= deadlineMs) return;
    change(turn, { deadlineMs: turn.now - link.heartbeat.pingAt + deadlineMs });
    arm(turn, deadlineMs);
    return;
  }
  change(turn, { queued: true, deadlineMs });
}

/** A ping went out: its deadline starts now. */
export function pingSent(turn: Turn, id: string): void {
  const { link } = turn.session;
  if (link === null) return;
  const sent: SentPing = { id, at: turn.now, wallAt: turn.moment.wallNow };
  change(turn, { queued: false, pingAt: turn.now, lastPingAt: turn.now, graced: false, sent });
  // A short idle is looked at before a long deadline, so that an answered ping does not delay the next.
  arm(turn, Math.min(link.heartbeat.deadlineMs, idleMs(turn, link)));
}

/** An answer to a ping: its round trip, and on `tickwire` the offset of the server's clock. */
export function pongReceived(turn: Turn, pong: { id?: WireId; ts?: unknown } = {}): void {
  const { link } = turn.session;
  const sent = link?.heartbeat.sent ?? null;
  if (link === null || sent === null) return;
  if (pong.id !== undefined && pong.id !== null && String(pong.id) !== sent.id) return;
  const rttMs = turn.now - sent.at;
  const offsetMs = typeof pong.ts === 'number' ? pong.ts - (sent.wallAt + turn.moment.wallNow) / 2 : null;
  const samples = [...link.heartbeat.samples, { rttMs, offsetMs }].slice(-keptSamples);
  change(turn, { sent: null, samples });
  turn.changeConnected({ rttMs });
}

/**
 * Whether more time has passed than the heartbeat would ever let pass unseen: the machine slept, or timers stood still.
 * Asked before something is sent: then a probe goes ahead of it, and what it carries is sent again after a reconnect.
 */
export function isOverdue(turn: Turn): boolean {
  const { link } = turn.session;
  if (link === null) return false;
  return lateMs(turn, link.heartbeat) >= overdueMs + graceMs;
}

/** The server's clock minus ours in milliseconds, from the sample with the shortest round trip; `null` without one. */
export function clockOffsetMs(link: Link | null): number | null {
  let best: HeartbeatState['samples'][number] | undefined;
  for (const sample of link?.heartbeat.samples ?? []) {
    if (sample.offsetMs !== null && (best === undefined || sample.rttMs < best.rttMs)) best = sample;
  }
  return best?.offsetMs ?? null;
}
