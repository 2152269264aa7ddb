/** Requests with an answer, and everything else that has a deadline: one timer for the earliest. */
import type { ClientMessage } from '@tickwire/protocol';
import type { Fault, Link, PendingRequest, WireId } from './session-state.js';
import type { Turn } from './turn.js';

/** Requests that may wait at a time, sent or not. */
const mostRequests = 100;
/** What may wait to be sent, as text. */
const mostWaitingLength = 65_536;

const lostFault: Fault = {
  code: 'CONNECT_FAILED',
  message: 'The connection was lost before the answer came. Ask again once it is back.',
  retryable: true,
};

/** The fault of everything that is asked of a closed or failed client. */
export const closedFault: Fault = {
  code: 'CLOSED',
  message: 'The client is closed. Call connect() to start again.',
  retryable: false,
};

function unavailable(link: Link, message: ClientMessage): Fault | undefined {
  if (link.dialect === 'tickwire' || link.dialect === 'undecided') return undefined;
  const text = `A server of the ${link.dialect} dialect has no answer to ${message.type}.`;
  return { code: 'UNAVAILABLE', message: text, retryable: false };
}

/** Takes a request of the user; while there is no connection it waits, within bounds. */
export function requestMade(turn: Turn, key: number, message: ClientMessage): void {
  const { connection, link, requests } = turn.session;
  const reject = (fault: Fault): void => turn.effect({ type: 'reject', key, fault });
  if (connection.status === 'closed' || connection.status === 'failed') {
    reject(closedFault);
    return;
  }
  const fault = connection.status === 'connected' && link !== null ? unavailable(link, message) : undefined;
  if (fault !== undefined) {
    reject(fault);
    return;
  }
  let waiting = JSON.stringify(message).length;
  for (const request of requests.values())
    if (request.sentOn === null) waiting += JSON.stringify(request.message).length;
  if (requests.size >= mostRequests || waiting > mostWaitingLength) {
    const text = 'Too many requests wait for an answer. Await some of them first.';
    reject({ code: 'RATE_LIMITED', message: text, retryable: true });
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
    turn.effect({ type: 'reject', key: request.key, fault });
  }
  if (kept.size < turn.session.requests.size) turn.change({ requests: kept });
  if (which !== 'all') return;
  for (const key of turn.session.authenticateKeys) turn.effect({ type: 'reject', key, fault: end });
  turn.change({ authenticateKeys: [] });
}

/** Starts the one timer of all deadlines: requests, expected acks, the authentication. */
export function armDeadlines(turn: Turn): void {
  const { link, requests } = turn.session;
  let dueAt = link?.authentication.dueAt ?? Infinity;
  for (const request of requests.values()) dueAt = Math.min(dueAt, request.dueAt);
  for (const expected of link?.expectedAcks ?? []) dueAt = Math.min(dueAt, expected.dueAt);
  if (Number.isFinite(dueAt)) turn.start('requests', dueAt - turn.now);
  else turn.stop('requests');
}

/** Rejects the requests whose deadline has passed. */
export function expireRequests(turn: Turn): void {
  const kept = new Map(turn.session.requests);
  for (const [id, request] of turn.session.requests) {
    if (request.dueAt > turn.now) continue;
    kept.delete(id);
    const message = `The server did not answer ${request.message.type} in time.`;
    turn.effect({ type: 'reject', key: request.key, fault: { code: 'REQUEST_TIMEOUT', message, retryable: true } });
  }
  if (kept.size < turn.session.requests.size) turn.change({ requests: kept });
}
