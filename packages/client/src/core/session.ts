/** The decisions of the connection: a pure step from state and event to state and effects. It touches nothing. */
import type { Channel } from '@tickwire/protocol';
import { beginAuthentication, credentialGiven, tokenDue, tokenResolved } from './authentication.js';
import { frameRefused, frameSeen, tellForeign, ungreeted } from './bad-frames.js';
import { armRefused } from './confirmations.js';
import { connectAsked, dial, environmentChanged } from './dialling.js';
import { abandon, fail, letLeavingGo, settleClosed, socketClosed } from './endings.js';
import { beginHeartbeat, heartbeatFired, isOverdue, probe } from './heartbeat.js';
import { takeAsGiven } from './implied.js';
import { deadlinesPassed, leavingMessage, messageReceived } from './inbound.js';
import { endMove, move } from './moving.js';
import { dialectAtOpen, dialectOfChannels } from './negotiation.js';
import { pump } from './outbound.js';
import { closedFault, rejectRequests, requestMade, tooManyFault } from './requests.js';
import type { SessionEvent, Step } from './session-events.js';
import {
  faultOf,
  type Dialect,
  type Link,
  type Moment,
  type Policy,
  type Session,
  type TimerName,
} from './session-state.js';
import { Turn } from './turn.js';
import { letGo, lingerPassed, oweAll, wanted } from './wanted.js';

const mostAuthenticateKeys = 100;

/** What the session becomes and what is to be done, when `event` happens at `moment`. Never throws. */
export function step(policy: Policy, session: Session, event: SessionEvent, moment: Moment): Step {
  const turn = new Turn(policy, session, moment);
  take(turn, event);
  endMove(turn);
  return turn.end();
}

function take(turn: Turn, event: SessionEvent): void {
  switch (event.type) {
    case 'connect':
      connectAsked(turn);
      return;
    case 'close':
      settleClosed(turn, 1000, event.reason ?? '');
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
    case 'resubscribe':
      resubscribe(turn, event.channel);
      return;
    case 'request':
      requestMade(turn, event.key, event.message);
      if (turn.session.connection.status === 'idle') dial(turn);
      flush(turn);
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
    case 'frame-seen':
    case 'frame-refused':
    case 'token-resolved':
      // Anything that belongs to another socket than the current one is stale.
      if (turn.session.link?.socketId === event.socketId) linkEvent(turn, turn.session.link, event);
      else if (turn.session.leaving !== event.socketId) return;
      else if (event.type === 'socket-closed') letLeavingGo(turn, 'gone');
      else if (event.type === 'message-received') leavingMessage(turn, event.message);
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
    case 'socket-unavailable':
      fail(turn, faultOf('UNAVAILABLE', 'There is no WebSocket here. Pass one as options.WebSocket.'));
      return;
    case 'message-received':
      if (link.opened) messageReceived(turn, event.message, (dialect) => connected(turn, dialect));
      return;
    case 'frame-seen':
      if (link.opened) frameSeen(turn, event, (dialect) => connected(turn, dialect));
      return;
    case 'frame-refused':
      if (link.opened) frameRefused(turn, event);
      return;
    case 'token-resolved':
      tokenResolved(turn, event.credential, event.fault);
      pump(turn);
  }
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
  if (link.dialect !== dialect) {
    turn.changeLink({ dialect, expectedAcks: [] });
    oweAll(turn);
    takeAsGiven(turn);
  }
  if (!link.up) {
    turn.stop('connect', 'negotiate');
    turn.changeLink({ up: true });
    if (connection.status !== 'connected') {
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
    }
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
  const { link } = turn.session;
  if (link?.up !== true) return;
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

/** Asks for a channel anew, unless that is under way: what `subscriptions` does not know is owed. */
function resubscribe(turn: Turn, channel: Channel): void {
  const { link } = turn.session;
  const known = link?.subscriptions.get(channel);
  if (link === null || known === undefined || known.status === 'asked' || known.status === 'deferred') return;
  turn.changeLink({ subscriptions: link.subscriptions.without(channel), owing: link.owing.with(channel, true) });
  pump(turn);
}

function authenticateAsked(turn: Turn, key: number, give: () => void): void {
  const { connection, authenticateKeys } = turn.session;
  if (connection.status === 'closed' || connection.status === 'failed') {
    turn.reject(key, closedFault);
    return;
  }
  if (authenticateKeys.length >= mostAuthenticateKeys) {
    turn.reject(key, tooManyFault);
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

function timerFired(turn: Turn, timer: TimerName): void {
  const { connection, link } = turn.session;
  const { status } = connection;
  const isUp = link?.up === true;
  switch (timer) {
    case 'connect':
      if (link !== null && !isUp) connectTimedOut(turn);
      return;
    case 'negotiate':
      if (link === null || isUp) return;
      tellForeign(turn);
      connected(turn, dialectOfChannels(turn.session.wanted.keys()) ?? 'undecided');
      return;
    case 'reconnect':
      if (status === 'reconnecting' || (status === 'paused' && turn.session.visible)) dial(turn);
      return;
    case 'stable':
      if (isUp) {
        turn.change({ attempt: 0, retries: 0, closesInARow: { kind: '', count: 0, renewToken: false } });
        tellForeign(turn);
      }
      return;
    case 'heartbeat':
      if (isUp) heartbeatDue(turn);
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
    case 'token':
      tokenDue(turn);
      pump(turn);
      return;
    case 'requests':
      deadlinesPassed(turn);
      pump(turn);
      return;
    case 'leave':
      move(turn);
      return;
    case 'farewell':
      letLeavingGo(turn);
  }
}

function heartbeatDue(turn: Turn): void {
  if (heartbeatFired(turn) === 'alive') {
    pump(turn);
    return;
  }
  abandon(turn, faultOf('HEARTBEAT_TIMEOUT', 'The other side stopped answering.', true), 'heartbeat_timeout');
}

function connectTimedOut(turn: Turn): void {
  const message = `No connection within ${turn.policy.connectTimeoutMs} ms.${ungreeted(turn)}`;
  abandon(turn, faultOf('CONNECT_TIMEOUT', message, true), 'connect_timeout');
}
