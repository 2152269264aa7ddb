/** What servers say of subscriptions: acks by id or in order, refusals, deadlines. An answer to an older request says nothing. */
import type { SubscribeAck } from '@tickwire/protocol';
import { clampHintMs, type Channel } from '@tickwire/protocol/rules';
import { impliedSignature } from './implied.js';
import type { ExpectedAck, Fault, WireId, WireSubscription } from './session-state.js';
import type { Turn } from './turn.js';

function changeKey(turn: Turn, key: string, request: string, part: Partial<WireSubscription>): void {
  const { link } = turn.session;
  const known = link?.subscriptions.get(key);
  if (link === null || known?.request !== request) return;
  turn.changeLink({ subscriptions: link.subscriptions.with(key, { ...known, ...part }) });
}

function takeExpected(turn: Turn, matches: (expected: ExpectedAck) => boolean): readonly ExpectedAck[] {
  const { link } = turn.session;
  if (link === null) return [];
  const { expectedAcks } = link;
  const from = expectedAcks.findIndex(matches);
  if (from < 0) return [];
  // Those that match stand together: one request, or what is due first.
  let to = from + 1;
  for (let next = expectedAcks[to]; next !== undefined && matches(next); next = expectedAcks[to]) to += 1;
  turn.changeLink({ expectedAcks: [...expectedAcks.slice(0, from), ...expectedAcks.slice(to)] });
  return expectedAcks.slice(from, to);
}

const needsUser = ' It is for users: give the client a credential, by the token option or authenticate().';
/** What the reader of a refusal can do. */
const nextSteps: ReadonlyMap<string, string> = /* @__PURE__ */ new Map([
  ['UNKNOWN_CHANNEL', ' Check the name: client.catalog() lists what the server has.'],
  ['UNAUTHENTICATED', needsUser],
  ['AUTH_REQUIRED', needsUser],
  ['FORBIDDEN_CHANNEL', ' Check the rights of the token.'],
]);

/** A channel that is refused for a while is asked for again when the while is over; one that is refused stays so. */
function refuse(turn: Turn, keys: readonly string[], request: string, refusal: Fault, retryAfterMs: unknown): void {
  const fault = { ...refusal, message: refusal.message + (nextSteps.get(refusal.code) ?? '') };
  const waitMs = fault.retryable ? (clampHintMs(retryAfterMs) ?? defaultRetryMs) : undefined;
  for (const key of keys) {
    if (waitMs === undefined) changeKey(turn, key, request, { status: 'refused', fault });
    else {
      changeKey(turn, key, request, { status: 'deferred', notBefore: turn.now + waitMs });
      const owing = turn.session.link?.owing.with(key, true);
      if (owing !== undefined) turn.changeLink({ owing });
    }
  }
  // Nobody asked for what comes by itself: nobody is told of an error.
  if (waitMs === undefined && !notResumed(turn, keys)) turn.report(fault);
}
const defaultRetryMs = 5_000;

/** Whether these are channels that come by themselves and that nobody holds: they are not resumed then. */
function notResumed(turn: Turn, keys: readonly string[]): boolean {
  const { link, wanted } = turn.session;
  const implied = keys.filter((key) => link?.subscriptions.get(key)?.signature === impliedSignature);
  const unheld = link?.dialect === 'tickwire' ? implied.filter((key) => !wanted.has(key as Channel)) : [];
  for (const channel of unheld) turn.effect({ type: 'not-resumed', channel });
  return unheld.length > 0;
}

/** Starts the timer of the channel that may be asked for again first. */
export function armRefused(turn: Turn): void {
  let notBefore = Infinity;
  for (const known of turn.session.link?.subscriptions.values() ?? []) {
    if (known.status === 'deferred') notBefore = Math.min(notBefore, known.notBefore ?? turn.now);
  }
  if (Number.isFinite(notBefore)) turn.start('refused', notBefore - turn.now);
}

/** An `ack` of a subscribe by channels: each channel is confirmed or refused. */
export function subscribeAcked(turn: Turn, ack: SubscribeAck): void {
  const request = String(ack.id);
  takeExpected(turn, (expected) => expected.request === request);
  // What is confirmed has its position already: a second ack would move it back or ahead of what comes.
  const isOpen = (channel: string): boolean => {
    const known = turn.session.link?.subscriptions.get(channel);
    return known?.request === request && known.status !== 'confirmed';
  };
  for (const position of ack.data.subscribed) {
    const { channel } = position;
    if (!isOpen(channel)) continue;
    changeKey(turn, channel, request, { status: 'confirmed' });
    turn.effect({ type: 'position', channel, ack: position, implicit: false });
  }
  for (const rejected of ack.data.rejected ?? []) {
    if (!isOpen(rejected.channel)) continue;
    const retryable = rejected.retryable === true;
    const fault = { code: rejected.code, message: `The server refused ${rejected.channel}.`, retryable };
    refuse(turn, [rejected.channel], request, fault, rejected.retryAfterMs);
  }
  if ((ack.data.rejected ?? []).length > 0) armRefused(turn);
}

/** An `ack` of an unsubscribe by channels: nothing is left to expect. */
export function unsubscribeAcked(turn: Turn, id: WireId): void {
  takeExpected(turn, (expected) => expected.request === String(id));
}

/** The server refused a whole subscribe request; `false` when the id is of none that is out. */
export function subscribeRefused(turn: Turn, id: WireId, fault: Fault, retryAfterMs: unknown): boolean {
  if (id === undefined || id === null) return false;
  const request = String(id);
  const taken = takeExpected(turn, (expected) => expected.request === request);
  if (taken.length === 0) return false;
  const keys = taken.filter(({ op }) => op === 'subscribe').flatMap((expected) => expected.keys);
  refuse(turn, keys, request, fault, retryAfterMs);
  armRefused(turn);
  return true;
}

/** An older ack, without id: it answers the first request of its kind for that coin. */
export function olderAckReceived(turn: Turn, op: ExpectedAck['op'], coinId: WireId, subscription: unknown): void {
  const { link } = turn.session;
  if (link === null) return;
  const named = typeof subscription === 'string' ? subscription : undefined;
  const keys = [named, coinId === undefined || coinId === null ? undefined : `coin:${String(coinId)}`];
  const anyKey = keys.every((key) => key === undefined);
  const first = link.expectedAcks.find((expected) => expected.op === op && (anyKey || keys.includes(expected.keys[0])));
  if (first === undefined) return;
  takeExpected(turn, (expected) => expected === first);
  if (op !== 'subscribe') return;
  for (const key of first.keys) changeKey(turn, key, first.request, { status: 'confirmed' });
}

/** Subscriptions whose ack did not come in time stand, unconfirmed. */
export function expireAcks(turn: Turn): void {
  for (const expected of takeExpected(turn, (each) => each.dueAt <= turn.now)) {
    if (expected.op !== 'subscribe') continue;
    for (const key of expected.keys) changeKey(turn, key, expected.request, { status: 'unconfirmed' });
    notResumed(turn, expected.keys);
  }
}
