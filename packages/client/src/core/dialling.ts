/** When an attempt starts: asked for by the user, planned, or because something woke up. */
import { noAuthentication, tokenDue } from './authentication.js';
import { noBadFrames, nothingHeard } from './heard.js';
import { restingHeartbeat, probe } from './heartbeat.js';
import { defaultLimits } from './negotiation.js';
import { pump } from './outbound.js';
import { pause } from './pausing.js';
import { wakeDelayMs } from './reconnect.js';
import type { SessionEvent } from './session-events.js';
import type { Link } from './session-state.js';
import type { Turn } from './turn.js';
import { VersionedMap } from './versioned-map.js';

/** `connect` was called: now, unless there is a connection already or nobody looks. That the machine says it is offline is no reason not to try. */
export function connectAsked(turn: Turn): void {
  const { status } = turn.session.connection;
  if (status === 'reconnecting' || (status === 'paused' && turn.session.visible)) {
    turn.stop('reconnect');
    dial(turn);
  } else if (status === 'idle') dial(turn);
  else if (status === 'closed' || status === 'failed') {
    turn.change({
      attempt: 0,
      retries: 0,
      notBefore: -Infinity,
      rejections: 0,
      renewal: { at: -Infinity, told: false },
      closesInARow: { kind: '', count: 0, renewToken: false },
      gaveUpFor: {},
      foreignTold: false,
    });
    dial(turn);
  }
}

/** Opens the next socket. */
export function dial(turn: Turn): void {
  const socketId = turn.session.socketId + 1;
  const attempt = turn.session.attempt + 1;
  const link: Link = {
    socketId,
    opened: false,
    up: false,
    dialect: 'undecided',
    // Who asks for a dialect speaks it with any server; nothing has to be proved.
    proved: turn.policy.dialect !== 'auto',
    limits: defaultLimits,
    heartbeat: restingHeartbeat,
    authentication: noAuthentication,
    subscriptions: new VersionedMap(),
    owing: new VersionedMap(),
    gone: new VersionedMap(),
    given: new Set(),
    expectedAcks: [],
    badFrames: noBadFrames,
    heard: nothingHeard,
    owesHello: false,
    leaveBy: Infinity,
  };
  turn.change({ socketId, attempt, link, dialledAt: turn.now });
  // While the socket before is still there to be heard, the user stays connected.
  if (turn.session.leaving === null || turn.session.connection.status !== 'connected') {
    turn.change({ connection: { status: 'connecting', attempt } });
  }
  // The timer goes first: opening may fail at once, and the failure stops it.
  turn.start('connect', turn.policy.connectTimeoutMs);
  turn.effect({ type: 'open-socket', socketId });
}

/** The machine went offline or the page was hidden, or one of them woke up. */
export function environmentChanged(turn: Turn, event: Extract<SessionEvent, { type: 'environment-changed' }>): void {
  const { online, visible, woke } = event;
  const wentOffline = turn.session.online && !online;
  turn.change({ online, visible, ...(woke ? { wokeAt: turn.now } : {}) });
  const { status } = turn.session.connection;
  if (status === 'connected') {
    if (!woke && !wentOffline) return;
    if (woke) tokenDue(turn, true);
    probe(turn);
    pump(turn);
    return;
  }
  if (status !== 'reconnecting' && status !== 'paused') return;
  if (!online || !visible) {
    turn.stop('reconnect');
    pause(turn);
    return;
  }
  if (status === 'reconnecting' && !woke) return;
  const delayMs = wakeDelayMs(turn.now, turn.session.dialledAt, turn.session.notBefore);
  turn.stop('reconnect');
  if (delayMs <= 0) {
    dial(turn);
    return;
  }
  const retryAt = turn.moment.wallNow + delayMs;
  const attempt = turn.session.attempt + 1;
  const cause = turn.session.connection.status === 'reconnecting' ? turn.session.connection.cause : null;
  turn.change({ connection: { status: 'reconnecting', attempt, retryAt, cause } });
  turn.start('reconnect', delayMs);
}
