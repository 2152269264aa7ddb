/** Who the user is, on one connection. Credentials pass through here on their way out and are kept nowhere else. */
import type { ClientMessage } from '@tickwire/protocol';
import { faultOf, type AuthenticationState, type Credential, type Fault, type WireId } from './session-state.js';
import type { Turn } from './turn.js';

/** How long a server may take to accept or refuse; then public subscriptions go out without. */
const answerDeadlineMs = 5_000;
/** Refused twice in a row, the same token is not tried a third time. */
const rejectionsUntilFailed = 2;

/** The authentication of a link before it opens, and of one that needs none. */
export const noAuthentication: AuthenticationState = {
  status: 'none',
  held: false,
  credential: null,
  request: null,
  dueAt: Infinity,
};

function change(turn: Turn, part: Partial<AuthenticationState>): void {
  const { link } = turn.session;
  if (link !== null) turn.changeLink({ authentication: { ...link.authentication, ...part } });
}

/** Asks for a credential when the dialect has a use for one; subscriptions are held until it is settled. */
export function beginAuthentication(turn: Turn): void {
  const { link, credentials, rejections, closesInARow, everConnected } = turn.session;
  if (link === null || credentials === 'none') return;
  if (link.dialect === 'metals' || link.dialect === 'undecided' || link.authentication.status !== 'none') return;
  const rejected = rejections > 0 || closesInARow.renewToken;
  change(turn, { status: 'fetching', held: true });
  const reason = rejected ? 'rejected' : everConnected ? 'reconnect' : 'initial';
  turn.effect({ type: 'fetch-token', socketId: link.socketId, reason });
}

/** The server says that the token ends soon: it is renewed on the living connection. */
export function renewAuthentication(turn: Turn): void {
  const { link, credentials } = turn.session;
  if (link === null || credentials === 'none' || link.authentication.status === 'fetching') return;
  change(turn, { status: 'fetching' });
  turn.effect({ type: 'fetch-token', socketId: link.socketId, reason: 'expired' });
}

/** The provider answered. Without a credential the connection goes on unauthenticated. */
export function tokenResolved(turn: Turn, credential: Credential | null, fault: Fault | undefined): void {
  if (turn.session.link?.authentication.status !== 'fetching') return;
  if (fault !== undefined) {
    change(turn, { status: 'refused', held: false });
    turn.report(fault);
  } else if (credential === null) change(turn, { status: 'none', held: false });
  else change(turn, { status: 'ready', credential });
}

/** The user brings a credential: it replaces the one in use. */
export function credentialGiven(turn: Turn, credential: Credential): void {
  const { link } = turn.session;
  if (link === null || link.dialect === 'undecided' || link.dialect === 'metals') return;
  change(turn, { status: 'ready', credential });
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

/** The server accepted. */
export function authenticationAccepted(turn: Turn): void {
  change(turn, { status: 'accepted', held: false, request: null, dueAt: Infinity });
  turn.change({ rejections: 0 });
  turn.changeConnected({ authenticated: true });
  for (const key of turn.session.authenticateKeys) turn.effect({ type: 'settle', key, data: undefined });
  turn.change({ authenticateKeys: [] });
}

/**
 * The server refused, or did not answer in time. Public subscriptions go out all the same.
 *
 * @returns the fault that ends the session when this was the second refusal in a row
 */
export function authenticationRefused(turn: Turn, fault: Fault, counts: boolean): Fault | undefined {
  change(turn, { status: 'refused', held: false, request: null, dueAt: Infinity });
  turn.changeConnected({ authenticated: false });
  for (const key of turn.session.authenticateKeys) turn.reject(key, fault);
  turn.change({ authenticateKeys: [], rejections: turn.session.rejections + (counts ? 1 : 0) });
  if (turn.session.rejections >= rejectionsUntilFailed) {
    const message = 'The server refused the token twice in a row. Check what the token option returns.';
    return { ...faultOf('TOKEN_REJECTED', message), cause: fault };
  }
  turn.report(fault);
  return undefined;
}
