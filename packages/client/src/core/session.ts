/** The decisions of the connection: a pure step from state and event to state and effects. It touches nothing. */
import { CloseCode, closeAction, type Channel } from '@tickwire/protocol';
import { beginAuthentication, credentialGiven, noAuthentication, tokenResolved } from './authentication.js';
import { beginHeartbeat, heartbeatFired, isOverdue, probe, restingHeartbeat } from './heartbeat.js';
import { armRefused } from './confirmations.js';
import { deadlinesPassed, messageReceived } from './inbound.js';
import { abandon, fail, lose, settleClosed } from './endings.js';
import { defaultLimits, dialectAtOpen, dialectOfChannels } from './negotiation.js';
import { pump } from './outbound.js';
import { wakeDelayMs } from './reconnect.js';
import { closedFault, rejectRequests, requestCancelled, requestMade } from './requests.js';
import type { Dialect, Link, Moment, Policy, Session, SessionEvent, Step, TimerName } from './session-state.js';
import { Turn } from './turn.js';
import { letGo, lingerPassed, releaseLingering, wanted } from './wanted.js';

const badFrameWindowMs = 60_000;
const mostBadFrames = 20;
const mostAuthenticateKeys = 100;

/** What the session becomes and what is to be done, when `event` happens at `moment`. Never throws. */
export function step(policy: Policy, session: Session, event: SessionEvent, moment: Moment): Step {
  const turn = new Turn(policy, session, moment);
  take(turn, event);
  return turn.end();
}

function take(turn: Turn, event: SessionEvent): void {
  switch (event.type) {
    case 'connect':
      connectAsked(turn);
      return;
    case 'close':
      settleClosed(turn, CloseCode.NORMAL, event.reason ?? '');
      releaseLingering(turn);
      return;
    case 'subscribe':
      wanted(turn, event.holder, event.channels, event.options);
      if (turn.session.connection.status === 'idle') dial(turn);
      else turn.effect({ type: 'flush-soon' });
      return;
    case 'unsubscribe':
      letGo(turn, event.holder, event.channels);
      turn.effect({ type: 'flush-soon' });
      return;
    case 'flush':
      flush(turn);
      return;
    case 'request':
      requestMade(turn, event.key, event.message);
      if (turn.session.connection.status === 'idle') dial(turn);
      flush(turn);
      return;
    case 'cancel-request':
      requestCancelled(turn, event.key);
      return;
    case 'authenticate':
      authenticateAsked(turn, event.key, () => credentialGiven(turn, event.credential));
      return;
    case 'environment-changed':
      environmentChanged(turn, event);
      return;
    case 'timer-fired':
      timerFired(turn, event.timer);
      return;
    case 'socket-opened':
    case 'socket-closed':
    case 'socket-unavailable':
    case 'message-received':
    case 'frame-refused':
    case 'token-resolved':
      // Anything that belongs to another socket than the current one is stale.
      if (turn.session.link?.socketId === event.socketId) linkEvent(turn, turn.session.link, event);
  }
}

type LinkEvent = Extract<SessionEvent, { readonly socketId: number }>;

function linkEvent(turn: Turn, link: Link, event: LinkEvent): void {
  switch (event.type) {
    case 'socket-opened':
      socketOpened(turn);
      return;
    case 'socket-closed':
      socketClosed(turn, event);
      return;
    case 'socket-unavailable': {
      const message = 'There is no WebSocket here. Pass one as options.WebSocket.';
      fail(turn, { code: 'UNAVAILABLE', message, retryable: false });
      return;
    }
    case 'message-received':
      if (link.opened) messageReceived(turn, event.message, (dialect) => connected(turn, dialect));
      return;
    case 'frame-refused':
      frameRefused(turn);
      return;
    case 'token-resolved':
      tokenResolved(turn, event.credential, event.fault);
      pump(turn);
  }
}

function connectAsked(turn: Turn): void {
  const { status } = turn.session.connection;
  if (status === 'reconnecting') {
    turn.stop('reconnect');
    dial(turn);
  } else if (status === 'idle') dial(turn);
  else if (status === 'closed' || status === 'failed') {
    turn.change({
      attempt: 0,
      retries: 0,
      notBefore: -Infinity,
      rejections: 0,
      closesInARow: { kind: '', count: 0, renewToken: false },
      badFrames: [],
    });
    dial(turn);
  }
}

function dial(turn: Turn): void {
  const socketId = turn.session.socketId + 1;
  const attempt = turn.session.attempt + 1;
  const link: Link = {
    socketId,
    opened: false,
    dialect: 'undecided',
    proved: false,
    limits: defaultLimits,
    heartbeat: restingHeartbeat,
    authentication: noAuthentication,
    subscriptions: new Map(),
    expectedAcks: [],
    owesHello: false,
  };
  turn.change({ socketId, attempt, link, dialledAt: turn.now, connection: { status: 'connecting', attempt } });
  // The timer goes first: opening may fail at once, and the failure stops it.
  turn.start('connect', turn.policy.connectTimeoutMs);
  turn.effect({ type: 'open-socket', socketId });
}

function socketOpened(turn: Turn): void {
  const { link, remembered } = turn.session;
  if (link === null || link.opened) return;
  turn.changeLink({ opened: true });
  const dialect = dialectAtOpen(turn.policy.dialect, remembered);
  if (dialect !== undefined) connected(turn, dialect);
  else if (turn.policy.dialect === 'auto') turn.start('negotiate', turn.policy.negotiateMs);
}

/** The connection is up, or its dialect has just been told (anew): everything that depends on the dialect starts here. */
function connected(turn: Turn, dialect: Dialect | 'undecided'): void {
  const { link, connection } = turn.session;
  if (link === null) return;
  if (link.dialect !== dialect) turn.changeLink({ dialect, subscriptions: new Map(), expectedAcks: [] });
  if (connection.status !== 'connected') {
    turn.stop('connect', 'negotiate');
    turn.change({
      connection: {
        status: 'connected',
        since: turn.moment.wallNow,
        dialect,
        authenticated: false,
        rttMs: null,
        mute: false,
      },
    });
    turn.start('stable', turn.policy.reconnect.stableAfterMs);
    beginHeartbeat(turn);
  }
  turn.changeConnected({ dialect });
  if (dialect !== 'undecided') {
    turn.change({ remembered: dialect });
    rejectRequests(turn, 'unanswerable');
  }
  beginAuthentication(turn);
  turn.change({ everConnected: true });
  pump(turn);
}

function flush(turn: Turn): void {
  const { link, connection } = turn.session;
  if (link === null || connection.status !== 'connected') return;
  if (isOverdue(turn)) probe(turn);
  if (link.dialect === 'undecided') {
    const dialect = dialectOfChannels(turn.session.wanted.keys());
    if (dialect !== undefined) {
      connected(turn, dialect);
      return;
    }
  }
  pump(turn);
}

function authenticateAsked(turn: Turn, key: number, give: () => void): void {
  const { connection, authenticateKeys } = turn.session;
  if (connection.status === 'closed' || connection.status === 'failed') {
    turn.effect({ type: 'reject', key, fault: closedFault });
    return;
  }
  if (authenticateKeys.length >= mostAuthenticateKeys) {
    const message = 'Too many calls of authenticate() wait for an answer.';
    turn.effect({ type: 'reject', key, fault: { code: 'RATE_LIMITED', message, retryable: true } });
    return;
  }
  turn.change({
    authenticateKeys: [...authenticateKeys, key],
    credentials: turn.session.credentials === 'provider' ? 'provider' : 'fixed',
  });
  if (connection.status === 'idle') dial(turn);
  else if (connection.status === 'connected') {
    give();
    pump(turn);
  }
}

function frameRefused(turn: Turn): void {
  const badFrames = [...turn.session.badFrames.filter((at) => at > turn.now - badFrameWindowMs), turn.now];
  turn.change({ badFrames });
  if (badFrames.length < mostBadFrames) return;
  turn.change({ badFrames: [] });
  const message = `${mostBadFrames} frames within a minute did not decode.`;
  abandon(turn, { code: 'BAD_MESSAGE', message, retryable: true }, 'bad_messages');
}

function socketClosed(turn: Turn, event: Extract<SessionEvent, { type: 'socket-closed' }>): void {
  const known = closeAction(event.code, event.reason);
  const action = event.verdict ?? known.action;
  const wasConnected = turn.session.connection.status === 'connected';
  const fault = {
    code: known.renewToken ? 'TOKEN_REJECTED' : 'CONNECT_FAILED',
    message: wasConnected
      ? `The connection was closed: ${known.meaning} (${event.code}).`
      : `The connection could not be made: ${known.meaning} (${event.code}).`,
    retryable: action === 'retry',
    closeCode: event.code,
    ...(event.cause === undefined ? {} : { cause: event.cause }),
  };
  if (action === 'stop') {
    settleClosed(turn, event.code, event.reason, 'gone');
    return;
  }
  if (action === 'fail') {
    fail(turn, fault, 'gone');
    return;
  }
  const before = turn.session.closesInARow;
  const count = before.kind === known.meaning ? before.count + 1 : 1;
  turn.change({ closesInARow: { kind: known.meaning, count, renewToken: known.renewToken } });
  const mostInARow = known.renewToken ? (turn.session.credentials === 'provider' ? 1 : 0) : known.maxInARow;
  // The user's word counts more than the table's.
  if (event.verdict !== 'retry' && count > mostInARow) fail(turn, { ...fault, retryable: false }, 'gone');
  else lose(turn, fault, known, 'gone');
}

function environmentChanged(turn: Turn, event: Extract<SessionEvent, { type: 'environment-changed' }>): void {
  const { online, visible, woke } = event;
  const wentOffline = turn.session.online && !online;
  turn.change({ online, visible });
  const { status } = turn.session.connection;
  if (status === 'connected') {
    if (!woke && !wentOffline) return;
    probe(turn);
    pump(turn);
    return;
  }
  if (status !== 'reconnecting' && status !== 'paused') return;
  if (!online || !visible) {
    turn.stop('reconnect');
    turn.change({ connection: { status: 'paused', reason: online ? 'hidden' : 'offline' } });
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

function timerFired(turn: Turn, timer: TimerName): void {
  const { status } = turn.session.connection;
  switch (timer) {
    case 'connect':
      if (status === 'connecting') connectTimedOut(turn);
      return;
    case 'negotiate':
      if (status === 'connecting') connected(turn, dialectOfChannels(turn.session.wanted.keys()) ?? 'undecided');
      return;
    case 'reconnect':
      if (status === 'reconnecting') dial(turn);
      return;
    case 'stable':
      if (status === 'connected') {
        turn.change({ attempt: 0, retries: 0, closesInARow: { kind: '', count: 0, renewToken: false } });
      }
      return;
    case 'heartbeat':
      if (status === 'connected') heartbeatDue(turn);
      return;
    case 'linger':
      lingerPassed(turn);
      flush(turn);
      return;
    case 'pace':
      pump(turn);
      return;
    case 'refused':
      pump(turn);
      armRefused(turn);
      return;
    case 'requests':
      deadlinesPassed(turn);
      pump(turn);
      return;
    case 'leave':
      if (status !== 'connected') return;
      abandon(turn, null, 'going_away');
      connectAsked(turn);
  }
}

function heartbeatDue(turn: Turn): void {
  if (heartbeatFired(turn) === 'alive') {
    pump(turn);
    return;
  }
  const message = 'The other side stopped answering.';
  abandon(turn, { code: 'HEARTBEAT_TIMEOUT', message, retryable: true }, 'heartbeat_timeout');
}

function connectTimedOut(turn: Turn): void {
  const message = `No connection within ${turn.policy.connectTimeoutMs} ms.`;
  abandon(turn, { code: 'CONNECT_TIMEOUT', message, retryable: true }, 'connect_timeout');
}

/** The channels that are wanted, in the order in which they were first asked for. */
export function wantedChannels(session: Session): readonly Channel[] {
  return [...session.wanted.keys()];
}
