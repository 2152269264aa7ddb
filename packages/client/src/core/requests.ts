/** Requests with an answer, and everything else that has a deadline: one timer for the earliest. */
import type { ClientMessage } from '@tickwire/protocol';
import { faultOf, type Fault, type Link, type PendingRequest, type WireId } from './session-state.js';
import type { Turn } from './turn.js';

/** Requests that may wait at a time, sent or not. */
const mostRequests = 100;
/** What may wait to be sent, as text. */
const mostWaitingLength = 65_536;

const lostFault = /* @__PURE__ */ faultOf('CONNECT_FAILED', 'The connection was lost before the answer came.', true);

/** The fault of asking more than may wait at a time. */
export const tooManyFault: Fault = /* @__PURE__ */ faultOf(
  'RATE_LIMITED',
  'Too many requests wait for an answer.',
  true,
);

/** The fault of everything that is asked of a closed or failed client. */
export const closedFault: Fault = /* @__PURE__ */ faultOf(
  'CLOSED',
  'The client is closed. Call connect() to start again.',
);

function unavailable(link: Link, message: ClientMessage): Fault | undefined {
  if (link.dialect === 'tickwire' || link.dialect === 'undecided') return undefined;
  return faultOf('UNAVAILABLE', `The ${link.dialect} dialect has no ${message.type}.`);
}

/** The fault of a message that is not answered in time. */
export function unansweredFault(type: string): Fault {
  return faultOf('REQUEST_TIMEOUT', `The server did not answer ${type} in time.`, true);
}

/** Takes a request of the user; while there is no connection it waits, within bounds. */
export function requestMade(turn: Turn, key: number, message: ClientMessage): void {
  const { connection, link, requests } = turn.session;
  let waiting = JSON.stringify(message).length;
  for (const request of requests.values())
    if (request.sentOn === null) waiting += JSON.stringify(request.message).length;
  const fault =
    connection.status === 'closed' || connection.status === 'failed'
      ? closedFault
      : ((connection.status === 'connected' && link !== null ? unavailable(link, message) : undefined) ??
        (requests.size >= mostRequests || waiting > mostWaitingLength ? tooManyFault : undefined));
  if (fault !== undefined) {
    turn.reject(key, fault);
    return;
  }
  const id = turn.nextRequest();
  const request: PendingRequest = { key, message, sentOn: null, dueAt: turn.now + turn.policy.requestTimeoutMs };
  turn.change({ requests: new Map(requests).set(id, request) });
  armDeadlines(turn);
}

/** Takes the request with this id on the wire out, when it is waiting for its answer. */
export function takeRequest(turn: Turn, id: WireId): PendingRequest | undefined {
  if (id === undefined || id === null) return undefined;
  const wireId = String(id);
  const request = turn.session.requests.get(wireId);
  if (request === undefined || request.sentOn === null) return undefined;
  const requests = new Map(turn.session.requests);
  requests.delete(wireId);
  turn.change({ requests });
  return request;
}

/** The first request that has not gone out, marked as sent; its frame carries its id. */
export function nextRequestFrame(turn: Turn, sentOn: number): ClientMessage | undefined {
  for (const [id, request] of turn.session.requests) {
    if (request.sentOn !== null) continue;
    turn.change({ requests: new Map(turn.session.requests).set(id, { ...request, sentOn }) });
    return { ...request.message, id };
  }
  return undefined;
}

/** Whether a request waits to be sent. */
export function hasUnsentRequest(turn: Turn): boolean {
  for (const request of turn.session.requests.values()) if (request.sentOn === null) return true;
  return false;
}

/** Rejects what will not be answered: what went out on a socket that is gone, what this server cannot answer, or all, with `end`. */
export function rejectRequests(turn: Turn, which: number | 'all' | 'unanswerable', end: Fault = closedFault): void {
  const { link } = turn.session;
  const kept = new Map(turn.session.requests);
  for (const [id, request] of turn.session.requests) {
    const refused = which === 'unanswerable' && link !== null ? unavailable(link, request.message) : undefined;
    const fault = which === 'all' ? end : request.sentOn === which ? lostFault : refused;
    if (fault === undefined) continue;
    kept.delete(id);
    turn.reject(request.key, fault);
  }
  if (kept.size < turn.session.requests.size) turn.change({ requests: kept });
  if (which !== 'all') return;
  for (const key of turn.session.authenticateKeys) turn.reject(key, end);
  turn.change({ authenticateKeys: [] });
}

/** Starts the one timer of all deadlines: requests, expected acks, the authentication. */
export function armDeadlines(turn: Turn): void {
  const { link, requests } = turn.session;
  let dueAt = link?.authentication.dueAt ?? Infinity;
  for (const request of requests.values()) dueAt = Math.min(dueAt, request.dueAt);
  // What was asked first is due first.
  dueAt = Math.min(dueAt, link?.expectedAcks[0]?.dueAt ?? Infinity);
  if (Number.isFinite(dueAt)) turn.start('requests', dueAt - turn.now);
  else turn.stop('requests');
}

/** Rejects the requests whose deadline has passed. */
export function expireRequests(turn: Turn): void {
  const kept = new Map(turn.session.requests);
  for (const [id, request] of turn.session.requests) {
    if (request.dueAt > turn.now) continue;
    kept.delete(id);
    turn.reject(request.key, unansweredFault(request.message.type));
  }
  if (kept.size < turn.session.requests.size) turn.change({ requests: kept });
}
