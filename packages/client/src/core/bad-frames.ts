/** What follows from frames that say nothing to us: when a new link may cure it, and when the user has to hear of it. */
import { abandon } from './endings.js';
import { noBadFrames } from './heard.js';
import { dialectOfFrame } from './negotiation.js';
import type { SessionEvent } from './session-events.js';
import { faultOf, type Dialect } from './session-state.js';
import type { Turn } from './turn.js';

const windowMs = 60_000;
const mostBadFrames = 20;
/** A burst of bad values, as of a list that is sent at once, is not yet what a link is like. */
const leastMs = 10_000;
/** What a new link has not cured is left at that for so long. */
const curedMs = 600_000;
const mostForeign = 3;

/**
 * A frame did not decode. A new link may cure broken JSON in a row, and bad frames that outweigh the good ones; where the last
 * one has not, the link is kept: a bad value among good ones harms its own frame alone.
 */
export function frameRefused(turn: Turn, event: Extract<SessionEvent, { type: 'frame-refused' }>): void {
  const { link, gaveUpFor } = turn.session;
  if (link === null) return;
  const { code, good, what } = event;
  let bad = link.badFrames;
  if (turn.now - bad.since > windowMs) bad = { ...noBadFrames, since: turn.now, goodAtStart: good };
  const inARow = code === 'BAD_JSON' ? (good === bad.goodAtLast || bad.count === 0 ? bad.inARow : 0) + 1 : 0;
  bad = { ...bad, count: bad.count + 1, inARow, goodAtLast: good };
  turn.changeLink({ badFrames: bad });
  foreignSeen(turn, what);
  const outweighs = bad.count > good - bad.goodAtStart && turn.now - bad.since >= leastMs;
  if (bad.inARow < mostBadFrames && (bad.count < mostBadFrames || !outweighs)) return;
  turn.changeLink({ badFrames: noBadFrames });
  const happened = `${bad.count} frames of ${bad.count + good - bad.goodAtStart} did not decode; the last: ${what}.`;
  const before = gaveUpFor[code];
  if (before === undefined || turn.now - before.at >= curedMs) {
    turn.change({ gaveUpFor: { ...gaveUpFor, [code]: { at: turn.now, told: false } } });
    const fault = faultOf('BAD_MESSAGE', `${happened} Trying a new connection.`, true);
    turn.report(fault);
    abandon(turn, fault, 'bad_messages');
  } else if (!before.told) {
    turn.change({ gaveUpFor: { ...gaveUpFor, [code]: { ...before, told: true } } });
    turn.report(faultOf('BAD_MESSAGE', `${happened} A new connection was no cure. ${advice}`));
  }
}

const advice =
  "Check the address, and the dialect option: 'coins', 'metals' or 'tickwire' where the server is known, else leave it out.";

/** A frame of no dialect came; `what` it was. After a few, with nothing known between them, that is told. */
function foreignSeen(turn: Turn, what: string): void {
  const { link } = turn.session;
  if (link === null || link.heard.known) return;
  const { foreign, first } = link.heard;
  turn.changeLink({ heard: { known: false, foreign: foreign + 1, first: foreign === 0 ? what : first } });
  if (foreign + 1 >= mostForeign) tellForeign(turn);
}

/** Says, once, that nothing of what the server sends is known; nothing where something is, or nothing has come. */
export function tellForeign(turn: Turn): void {
  const { link, foreignTold } = turn.session;
  if (foreignTold || link === null || link.heard.known || link.heard.foreign === 0) return;
  turn.change({ foreignTold: true });
  const message = `The server speaks no dialect that this client knows; the first that came: ${link.heard.first}. ${advice}`;
  turn.report(faultOf('BAD_MESSAGE', message));
}

/** A frame of this type arrived before any that proved the dialect, or before any that is known. */
export function frameSeen(
  turn: Turn,
  { messageType, known }: Extract<SessionEvent, { type: 'frame-seen' }>,
  decided: (dialect: Dialect) => void,
): void {
  const { policy } = turn;
  if (!known) {
    foreignSeen(turn, `a message of type '${messageType.slice(0, 40)}'`);
    return;
  }
  const dialect = dialectOfFrame(messageType);
  if (turn.session.link?.heard.known === false) {
    turn.changeLink({ heard: { known: true, foreign: 0, first: messageType } });
    // A server of ours speaks the older dialects as well; the older ones speak nothing else.
    if (policy.dialect !== 'auto' && dialect !== undefined && dialect !== 'tickwire' && dialect !== policy.dialect)
      tellOtherDialect(turn, messageType, dialect, policy.dialect);
    else turn.change({ foreignTold: false });
  }
  // A greeting has more to say than its type: it decides when it is read.
  if (dialect === undefined || dialect === 'tickwire' || turn.session.link?.proved === true) return;
  turn.changeLink({ proved: true });
  if (turn.session.link?.dialect !== dialect) decided(dialect);
}

function tellOtherDialect(turn: Turn, type: string, speaks: Dialect, asked: Dialect): void {
  if (turn.session.foreignTold) return;
  turn.change({ foreignTold: true });
  const message = `The server speaks ${speaks} (it sent ${type}), the dialect option says ${asked}. Leave the option out, or say '${speaks}'.`;
  turn.report(faultOf('BAD_MESSAGE', message));
}

/** Why no greeting has come, where one was waited for; the empty text for a socket that has not even opened. */
export function ungreeted(turn: Turn): string {
  const { link } = turn.session;
  if (link?.opened !== true) return '';
  const came =
    link.heard.first === '' ? 'The server sent nothing' : `The server sent ${link.heard.first} instead of hello`;
  return ` ${came}: is it a tickwire server? Without the dialect option the client finds out.`;
}
