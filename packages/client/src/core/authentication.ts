/** Who the user is, on one connection. Credentials pass through here on their way out and are kept nowhere else. */
import type { ClientMessage } from '@tickwire/protocol';
import type { AuthenticationState, Credential, TokenReason } from './credentials.js';
import { clockOffsetMs } from './heartbeat.js';
import { retryDelayMs } from './reconnect.js';
import { faultOf, type Fault, type Link, type WireId } from './session-state.js';
import type { Turn } from './turn.js';

/** How long a server may take to accept or refuse; then public subscriptions go out without. */
const answerDeadlineMs = 5_000;
/** Refused twice in a row, the same token is not tried a third time. */
const rejectionsUntilFailed = 2;
/** Renewals are at least this far apart, and at most half of what is left of the credential. */
const leastRenewalMs = 5_000;
const mostRenewalMs = 30_000;

/** The authentication of a link before it opens, and of one that needs none. */
export const noAuthentication: AuthenticationState = {
  status: 'none',
  held: false,
  credential: null,
  request: null,
  dueAt: Infinity,
  reason: 'initial',
  failures: 0,
  waits: false,
  expiresAt: null,
};

function change(turn: Turn, part: Partial<AuthenticationState>): void {
  const { link } = turn.session;
  if (link !== null) turn.changeLink({ authentication: { ...link.authentication, ...part } });
}

function ask(turn: Turn, reason: TokenReason): void {
  const { link } = turn.session;
  if (link === null) return;
  turn.stop('token');
  change(turn, { status: 'fetching', reason, waits: false });
  if (reason === 'expired') turn.change({ renewal: { ...turn.session.renewal, at: turn.now } });
  turn.effect({ type: 'fetch-token', socketId: link.socketId, reason });
}

function askLater(turn: Turn, delayMs: number, part: Partial<AuthenticationState>): void {
  change(turn, { ...part, waits: true });
  turn.start('token', delayMs);
}

/** None could be had, or the server had no time for it: asked again with a back-off, on the living connection. */
function askAgain(turn: Turn, waitMs: number): void {
  const { link, connection } = turn.session;
  const failures = link?.authentication.failures ?? 0;
  const delayMs = Math.max(waitMs, retryDelayMs(turn.policy.reconnect, failures, turn.moment.random));
  // What was accepted before counts until the server says otherwise.
  const stands = connection.status === 'connected' && connection.authenticated;
  askLater(turn, delayMs, { status: stands ? 'accepted' : 'refused', failures: failures + 1 });
}

/** The wait is over; `woke`: something woke up, which ends the back-off after a failure. */
export function tokenDue(turn: Turn, woke = false): void {
  const authentication = turn.session.link?.authentication;
  if (authentication?.waits !== true || (woke && authentication.failures === 0)) return;
  ask(turn, authentication.reason);
}

/** Asks for a credential when the dialect has a use for one; subscriptions are held until it is settled. */
export function beginAuthentication(turn: Turn): void {
  const { link, credentials, rejections, closesInARow, everConnected } = turn.session;
  if (link === null || credentials === 'none') return;
  if (link.dialect === 'metals' || link.dialect === 'undecided' || link.authentication.status !== 'none') return;
  const rejected = rejections > 0 || closesInARow.renewToken;
  change(turn, { held: true });
  ask(turn, rejected ? 'rejected' : everConnected ? 'reconnect' : 'initial');
}

/** How far apart renewals are: often enough for credentials that end soon, and never a storm. */
function renewalFloorMs(turn: Turn, link: Link): number {
  const { expiresAt } = link.authentication;
  if (expiresAt === null) return mostRenewalMs;
  const leftMs = expiresAt - turn.moment.wallNow - (clockOffsetMs(link) ?? 0);
  return Math.min(mostRenewalMs, Math.max(leastRenewalMs, leftMs / 2));
}

/** The server says that the token ends soon: it is renewed on the living connection. */
export function renewAuthentication(turn: Turn): void {
  const { link, credentials } = turn.session;
  if (link === null || credentials === 'none' || link.authentication.waits) return;
  const { status } = link.authentication;
  if (status === 'fetching' || status === 'ready' || status === 'sent') return;
  const { at, told } = turn.session.renewal;
  const waitMs = at + renewalFloorMs(turn, link) - turn.now;
  if (waitMs <= 0) {
    ask(turn, 'expired');
    return;
  }
  askLater(turn, waitMs, { reason: 'expired', failures: 0 });
  if (told) return;
  turn.change({ renewal: { at, told: true } });
  const message =
    'The new token ends as soon as the old one. Let the token option give a fresh one, of more than a minute.';
  turn.report(faultOf('TOKEN_EXPIRING', message, true));
}

/** The provider answered. Without a credential the connection goes on unauthenticated. */
export function tokenResolved(turn: Turn, credential: Credential | null, fault: Fault | undefined): void {
  if (turn.session.link?.authentication.status !== 'fetching') return;
  if (fault !== undefined) {
    change(turn, { held: false });
    askAgain(turn, 0);
    turn.report(fault);
  } else if (credential === null) change(turn, { status: 'none', held: false });
  else change(turn, { status: 'ready', credential });
}

/** The user brings a credential: it replaces the one in use. */
export function credentialGiven(turn: Turn, credential: Credential): void {
  const { link } = turn.session;
  if (link === null || link.dialect === 'undecided' || link.dialect === 'metals') return;
  turn.stop('token');
  change(turn, { status: 'ready', credential, waits: false });
}

/** The `authenticate` frame that is owed; afterwards the credential is forgotten. */
export function authenticateFrame(turn: Turn): ClientMessage | undefined {
  const { link } = turn.session;
  if (link?.authentication.status !== 'ready' || link.authentication.credential === null) return undefined;
  const { credential } = link.authentication;
  const id = turn.nextRequest();
  change(turn, { status: 'sent', credential: null, request: id, dueAt: turn.now + answerDeadlineMs });
  const withId = link.dialect === 'tickwire' ? { id } : {};
  return typeof credential === 'string'
    ? { type: 'authenticate', ...withId, data: { token: credential } }
    : { type: 'authenticate', ...withId, data: { apiKey: credential.apiKey } };
}

/** Whether an answer with this request id belongs to the `authenticate` that is out. Older servers send no id. */
export function isAuthenticationAnswer(turn: Turn, id: WireId): boolean {
  const authentication = turn.session.link?.authentication;
  if (authentication?.status !== 'sent') return false;
  return id === undefined || id === null || String(id) === authentication.request;
}

/** The server accepted. `expiresAt`: until when, by its clock. */
export function authenticationAccepted(turn: Turn, expiresAt: number | null = null): void {
  change(turn, { status: 'accepted', held: false, request: null, dueAt: Infinity, failures: 0, expiresAt });
  turn.change({ rejections: 0 });
  turn.changeConnected({ authenticated: true });
  for (const key of turn.session.authenticateKeys) turn.effect({ type: 'settle', key, data: undefined });
  turn.change({ authenticateKeys: [] });
}

/**
 * The server refused, or did not answer in time. Public subscriptions go out all the same.
 *
 * @param counts whether it is about the credential; otherwise it is brought again, after `waitMs` at least
 * @returns the fault that ends the session when this was the second refusal in a row
 */
export function authenticationRefused(turn: Turn, fault: Fault, counts: boolean, waitMs = 0): Fault | undefined {
  change(turn, { status: 'refused', held: false, request: null, dueAt: Infinity });
  if (counts) turn.changeConnected({ authenticated: false });
  else askAgain(turn, waitMs);
  for (const key of turn.session.authenticateKeys) turn.reject(key, fault);
  turn.change({ authenticateKeys: [], rejections: turn.session.rejections + (counts ? 1 : 0) });
  if (turn.session.rejections >= rejectionsUntilFailed) {
    const message = 'The server refused the token twice in a row. Check what the token option returns.';
    return { ...faultOf('TOKEN_REJECTED', message), cause: fault };
  }
  turn.report(fault);
  return undefined;
}
