/** What control messages do to a session. Prices and events do not come here, except as a connection's first frame. */
import type { ErrorMessage, ServerMessage } from '@tickwire/protocol';
import { clampHintMs, classifyPriceUpdate } from '@tickwire/protocol/rules';
import {
  authenticationAccepted,
  authenticationRefused,
  isAuthenticationAnswer,
  renewAuthentication,
} from './authentication.js';
import { expireAcks, olderAckReceived, subscribeAcked, subscribeRefused, unsubscribeAcked } from './confirmations.js';
import { fail } from './endings.js';
import { pongReceived } from './heartbeat.js';
import { positionsTold } from './implied.js';
import { goingAway } from './moving.js';
import { limitsOf } from './negotiation.js';
import { pump } from './outbound.js';
import { filledPacer } from './pacer.js';
import { expireRequests, takeRequest, unansweredFault } from './requests.js';
import type { SessionEvent } from './session-events.js';
import type { Dialect, Fault, WireId } from './session-state.js';
import type { Turn } from './turn.js';

type Inbound = Extract<SessionEvent, { type: 'message-received' }>['message'];
type Ack = Extract<ServerMessage, { type: 'ack' }>;
type PriceUpdate = Extract<ServerMessage, { type: 'price_update' }>;

/** A message of the current socket. `decided` is called when it settles or changes the dialect. */
export function messageReceived(turn: Turn, message: Inbound, decided: (dialect: Dialect) => void): void {
  if (message.type === 'hello' && greet(turn, message)) decided('tickwire');
  read(turn, message);
}

/** A `hello` counts where it may decide: in `auto`, or where `tickwire` was asked for. */
function greet(turn: Turn, hello: Extract<ServerMessage, { type: 'hello' }>): boolean {
  const { link } = turn.session;
  if (link === null || link.dialect === 'tickwire') return false;
  if (turn.policy.dialect !== 'auto' && turn.policy.dialect !== 'tickwire') return false;
  const limits = limitsOf(hello);
  turn.changeLink({ limits, owesHello: true, proved: true });
  turn.change({ pacer: filledPacer(turn.session.pacer, limits.burst, turn.now) });
  return true;
}

function read(turn: Turn, message: ServerMessage): void {
  switch (message.type) {
    case 'pong':
      pongReceived(turn, message);
      return;
    case 'ack':
      if (ackReceived(turn, message)) turn.effect({ type: 'flush-soon' });
      else pump(turn);
      return;
    case 'error':
      errorReceived(turn, message);
      pump(turn);
      return;
    case 'going_away':
      goingAway(turn, message);
      return;
    case 'price_update':
      noticeReceived(turn, message);
      return;
    case 'subscribed':
    case 'unsubscribed':
      olderAckReceived(
        turn,
        message.type === 'subscribed' ? 'subscribe' : 'unsubscribe',
        message.data?.coinId ?? message.coinId,
        message.data?.subscription,
      );
      return;
    case 'authenticated':
      if (isAuthenticationAnswer(turn, undefined)) authenticationAccepted(turn);
      pump(turn);
      return;
    default:
      return;
  }
}

function noticeReceived(turn: Turn, message: PriceUpdate): void {
  const data: Readonly<Record<string, unknown>> = message.data;
  switch (classifyPriceUpdate(message)) {
    case 'liveness':
      if (data['type'] === 'pong') pongReceived(turn);
      return;
    case 'ack': {
      const op = /^Unsubscribed/.test(String(data['message'])) ? 'unsubscribe' : 'subscribe';
      olderAckReceived(turn, op, message.data.coinId ?? message.coinId, data['subscription']);
      return;
    }
    case 'auth':
      if (isAuthenticationAnswer(turn, undefined)) authenticationAccepted(turn);
      pump(turn);
      return;
    case 'error': {
      const text = data['message'] ?? data['error'];
      refusedOrReported(turn, serverFault(undefined, text, false), undefined);
      pump(turn);
      return;
    }
    default:
      return;
  }
}

/** @returns whether positions move by it, before which nothing may be asked for */
function ackReceived(turn: Turn, ack: Ack): boolean {
  let moves = false;
  if (ack.op === 'subscribe') subscribeAcked(turn, ack);
  else if (ack.op === 'unsubscribe') unsubscribeAcked(turn, ack.id);
  else if (ack.op === 'authenticate' && isAuthenticationAnswer(turn, ack.id)) {
    authenticationAccepted(turn, ack.data.expiresAt);
    moves = positionsTold(turn, ack.data);
  }
  settleRequest(turn, ack);
  return moves;
}

/** Of a socket that is being left, only answers to what went out on it count; its data comes another way. */
export function leavingMessage(turn: Turn, message: ServerMessage): void {
  if (message.type !== 'ack' && message.type !== 'error') return;
  if (turn.session.requests.get(String(message.id))?.sentOn !== turn.session.leaving) return;
  if (message.type === 'ack') settleRequest(turn, message);
  else {
    const { code, message: text, error, retryable } = message.data ?? {};
    const request = takeRequest(turn, message.id);
    const fault = serverFault(code, text ?? error, retryable === true);
    if (request !== undefined) turn.reject(request.key, fault);
  }
}

function settleRequest(turn: Turn, ack: Ack): void {
  const request = takeRequest(turn, ack.id);
  if (request !== undefined) turn.effect({ type: 'settle', key: request.key, data: ack.data });
}

const longestText = 256;

/** What a server says of a fault; its text is for people and shortened. */
function serverFault(code: unknown, text: unknown, retryable: boolean): Fault {
  const message =
    typeof text === 'string' && text !== '' ? text.slice(0, longestText) : 'The server reported an error.';
  return { code: typeof code === 'string' && code !== '' ? code.slice(0, 64) : 'INTERNAL', message, retryable };
}

function errorReceived(turn: Turn, error: ErrorMessage): void {
  const { code, message, error: repeated, retryable, retryAfterMs } = error.data ?? {};
  if (code === 'TOKEN_EXPIRING') {
    renewAuthentication(turn);
    return;
  }
  const fault = serverFault(code, message ?? repeated, retryable === true);
  if (subscribeRefused(turn, error.id, fault, retryAfterMs)) return;
  const request = takeRequest(turn, error.id);
  if (request !== undefined) turn.reject(request.key, fault);
  else refusedOrReported(turn, fault, error.id, retryAfterMs);
}

function refusedOrReported(turn: Turn, fault: Fault, id: WireId, retryAfterMs?: unknown): void {
  if (!isAuthenticationAnswer(turn, id)) {
    turn.report(fault);
    return;
  }
  const final = authenticationRefused(turn, fault, !fault.retryable, clampHintMs(retryAfterMs));
  if (final !== undefined) fail(turn, final);
}

/** The timer of deadlines fired: requests, expected acks, the authentication. */
export function deadlinesPassed(turn: Turn): void {
  expireRequests(turn);
  expireAcks(turn);
  const authentication = turn.session.link?.authentication;
  if (authentication === undefined || authentication.dueAt > turn.now) return;
  authenticationRefused(turn, unansweredFault('authenticate'), false);
}
