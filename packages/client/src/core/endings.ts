/** How a connection ends: for now, on purpose, or for good. The link is torn down first; only then the state changes. */
import { closeAction, type CloseAction, type CloseCode, type ErrorCode } from '@tickwire/protocol/rules';
import { pause } from './pausing.js';
import { retryDelayMs, wakeDelayMs } from './reconnect.js';
import { rejectRequests } from './requests.js';
import type { SessionEvent } from './session-events.js';
import { faultOf, type ConnectionState, type Fault, type TimerName } from './session-state.js';
import type { Turn } from './turn.js';
import { refusalAction } from './upgrade-refusal.js';
import { releaseLingering } from './wanted.js';

/** Timers that belong to a link. */
export const linkTimers: readonly TimerName[] = [
  'connect',
  'negotiate',
  'stable',
  'heartbeat',
  'pace',
  'refused',
  'token',
  'leave',
];

const normal = 1000 satisfies CloseCode;
const reconnect = 4000 satisfies CloseCode;

/** Whether the socket has already closed by itself. */
type Gone = 'gone' | 'open';

const noDelay: Pick<CloseAction, 'minDelayMs' | 'spreadMs'> = { minDelayMs: 0, spreadMs: 0 };

/** Gives the socket that is gone with its link. */
function tearDown(turn: Turn, gone: Gone, code: number, reason: string): number | undefined {
  const { link } = turn.session;
  if (link === null) return undefined;
  turn.stop(...linkTimers);
  if (gone === 'open') turn.effect({ type: 'drop-socket', socketId: link.socketId, code, reason });
  turn.change({ link: null });
  return link.socketId;
}

/** The socket that was kept until its successor could take over is let go. */
export function letLeavingGo(turn: Turn, gone: Gone = 'open'): void {
  const { leaving, link, connection } = turn.session;
  if (leaving === null) return;
  turn.stop('farewell');
  if (gone === 'open') turn.effect({ type: 'drop-socket', socketId: leaving, code: normal, reason: '' });
  turn.change({ leaving: null });
  rejectRequests(turn, leaving);
  // With nothing heard any more, the attempt is what it is.
  if (connection.status === 'connected' && link?.up === false) {
    turn.change({ connection: { status: 'connecting', attempt: turn.session.attempt } });
  }
}

/** As long as the probe of a wake-up takes, with its grace. */
const wokenMs = 5_000;

/** The connection is lost: the next attempt is planned, unless the machine is offline or the page hidden. */
export function lose(turn: Turn, cause: Fault | null, server: typeof noDelay, gone: Gone, reason = ''): void {
  const lost = tearDown(turn, gone, reconnect, reason);
  const { retries, dialledAt, wokeAt } = turn.session;
  if (retries >= turn.policy.reconnect.maxAttempts && turn.session.online) {
    const message = `Gave up after ${retries} attempts to reconnect.`;
    fail(turn, { ...faultOf('CONNECT_FAILED', message), cause: cause ?? undefined });
    return;
  }
  if (lost !== undefined) rejectRequests(turn, lost);
  // A link from before a wake-up that turns out to be gone is replaced as the wake-up would have done it, once.
  const slept = dialledAt !== null && dialledAt < wokeAt && turn.now - wokeAt < wokenMs;
  const delayMs =
    slept && server.minDelayMs === 0 && server.spreadMs === 0
      ? wakeDelayMs(turn.now, dialledAt, turn.now)
      : retryDelayMs(turn.policy.reconnect, retries, turn.moment.random, server);
  const notBefore = server.minDelayMs > 0 ? turn.now + server.minDelayMs : -Infinity;
  const mayTry = turn.session.online && turn.session.visible;
  // A slow try while offline costs none of the attempts.
  turn.change({ retries: mayTry ? retries + 1 : retries, notBefore });
  if (!mayTry) {
    pause(turn, server.minDelayMs);
    return;
  }
  const retryAt = turn.moment.wallNow + delayMs;
  const attempt = turn.session.attempt + 1;
  turn.change({ connection: { status: 'reconnecting', attempt, retryAt, cause } });
  turn.start('reconnect', delayMs);
}

/** The client itself gives the socket up and plans the next attempt, without waiting for any close of the other side. */
export function abandon(turn: Turn, cause: Fault | null, reason: string): void {
  lose(turn, cause, noDelay, 'open', reason);
}

/** Nothing reconnects before the next `connect`. */
function end(turn: Turn, connection: ConnectionState, gone: Gone, fault?: Fault): void {
  tearDown(turn, gone, normal, '');
  letLeavingGo(turn);
  turn.stop('reconnect', 'requests');
  turn.change({ connection });
  rejectRequests(turn, 'all', fault);
  releaseLingering(turn);
}

/** A refusal for good. `known`: the user has been told of it already, on this connection. */
export function fail(turn: Turn, fault: Fault, gone: Gone = 'open', known = false): void {
  end(turn, { status: 'failed', error: fault }, gone, fault);
  if (!known) turn.report(fault);
}

/** Closed, by the user or by a server that wants no retry. */
export function settleClosed(turn: Turn, code: number, reason: string, gone: Gone = 'open'): void {
  const { connection } = turn.session;
  end(turn, connection.status === 'closed' ? connection : { status: 'closed', code, reason }, gone);
}

/** Refusals for good by close code: what they are called, and what the reader can do about them. */
const refusals: ReadonlyMap<number, readonly [code: ErrorCode, advice: string]> = /* @__PURE__ */ new Map<
  CloseCode,
  readonly [ErrorCode, string]
>([
  [4400, ['BAD_MESSAGE', ' Does the server speak what the dialect option says?']],
  [4403, ['FORBIDDEN_CHANNEL', ' Check the rights of the token and the origins that the server allows.']],
  [4406, ['UNSUPPORTED_VERSION', ' Update @tickwire/client.']],
]);

const afterStop =
  "It stays closed until connect() is called; an onClose option that returns 'retry' reconnects instead.";
const neverOpened =
  ' Check the address and its path, and whether the server allows this origin: a refusal (HTTP 403) looks like this to a page.';
const nothingListens = ' ECONNREFUSED: is the server running at that address? Check host and port.';
const hintAfter = 3;

/** The socket closed by itself: the table of close codes, or the user's word, says what follows. */
export function socketClosed(turn: Turn, event: Extract<SessionEvent, { type: 'socket-closed' }>): void {
  const { upgrade } = event;
  const known = upgrade === undefined ? closeAction(event.code, event.reason) : refusalAction(upgrade);
  const action = event.verdict ?? known.action;
  const wasConnected = turn.session.link?.up === true;
  const [code, advice = ''] = refusals.get(event.code) ?? [];
  const { everConnected, retries } = turn.session;
  const isLost = !everConnected && !turn.session.link?.opened && retries + 1 >= hintAfter;
  const isRefused = typeof event.cause === 'string' && event.cause.includes('ECONNREFUSED');
  const hint = isRefused ? nothingListens : isLost ? neverOpened : '';
  const happened = wasConnected ? 'The connection was closed' : 'The connection could not be made';
  const fault = {
    code: code ?? (known.renewToken || upgrade?.status === 401 ? 'TOKEN_REJECTED' : 'CONNECT_FAILED'),
    message: `${happened}: ${known.meaning} (${upgrade === undefined ? event.code : `HTTP ${upgrade.status}`}).${advice}${hint}`,
    retryable: action === 'retry',
    closeCode: event.code,
    cause: event.cause,
  };
  if (action === 'stop') {
    settleClosed(turn, event.code, event.reason, 'gone');
    // Whose word it was knows of it.
    if (event.verdict === undefined)
      turn.report({ ...fault, code: 'CLOSED', message: `${fault.message} ${afterStop}` });
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
  // A server that refuses a token says so first and closes then: one refusal, one error.
  const told = known.renewToken && turn.session.link?.authentication.status === 'refused';
  // The user's word counts more than the table's.
  if (event.verdict !== 'retry' && count > mostInARow) fail(turn, { ...fault, retryable: false }, 'gone', told);
  else lose(turn, fault, known, 'gone');
}
