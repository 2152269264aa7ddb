/** Sends whatever the state owes to the server, in order of urgency and within the budget. Nothing is queued as a frame. */
import type { ClientMessage } from '@tickwire/protocol';
import { authenticateFrame } from './authentication.js';
import { pingSent } from './heartbeat.js';
import { impliedWork } from './implied.js';
import { paceRule, takePace } from './pacer.js';
import { armDeadlines, hasUnsentRequest, nextRequestFrame } from './requests.js';
import type { ExpectedAck, Link } from './session-state.js';
import { subscriptionWork, type SubscriptionWork } from './subscriptions.js';
import type { Turn } from './turn.js';

/** The published coins backend acks at once or, when it is an older build, never. */
const ackDeadlineMs = 5_000;

/** Frames that go out in one turn. */
const mostAtOnce = 100;

/** The version of the contract that this client speaks. */
const protocolVersion = 1;

function send(turn: Turn, link: Link, frame: ClientMessage): void {
  turn.effect({ type: 'send', socketId: link.socketId, frame });
}

function sendPing(turn: Turn, link: Link): void {
  const id = turn.nextRequest();
  pingSent(turn, id);
  send(turn, link, link.dialect === 'tickwire' ? { type: 'ping', id, ts: turn.moment.wallNow } : { type: 'ping' });
}

function sendSubscription(turn: Turn, link: Link, work: SubscriptionWork): void {
  const request = turn.nextRequest();
  let { subscriptions, owing, gone } = link;
  // An older metals server never acks: what it was asked for stands at once, unconfirmed.
  const dueAt = turn.now + (link.dialect === 'metals' ? 0 : ackDeadlineMs);
  for (const { key, signature } of work.entries) {
    owing = owing.without(key);
    gone = gone.without(key);
    subscriptions =
      work.op === 'unsubscribe'
        ? subscriptions.without(key)
        : subscriptions.with(key, { status: 'asked', request, signature });
  }
  const expected: ExpectedAck = { op: work.op, keys: work.entries.map(({ key }) => key), request, dueAt };
  turn.changeLink({ subscriptions, owing, gone, expectedAcks: [...link.expectedAcks, expected] });
  send(turn, link, work.frame(request));
}

/** The most urgent thing that this connection owes, as the act of sending it. */
function nextWork(turn: Turn): ((link: Link) => void) | undefined {
  const { link } = turn.session;
  if (link?.up !== true) return undefined;
  if (link.owesHello) {
    return (current) => {
      turn.changeLink({ owesHello: false });
      send(turn, current, { type: 'hello', data: { protocol: protocolVersion, client: turn.policy.clientName } });
    };
  }
  if (link.authentication.status === 'ready') {
    return (current) => {
      const frame = authenticateFrame(turn);
      if (frame !== undefined) send(turn, current, frame);
    };
  }
  if (link.heartbeat.queued) return (current) => sendPing(turn, current);
  if (link.authentication.held) return undefined;
  const { work: owed, settled } = subscriptionWork(turn.session, link, turn.moment);
  if (settled.length > 0) {
    const without = (map: Link['owing']): Link['owing'] => settled.reduce((rest, key) => rest.without(key), map);
    turn.changeLink({ owing: without(link.owing), gone: without(link.gone) });
  }
  const work = owed ?? impliedWork(turn.session, link, turn.moment);
  if (work !== undefined) return (current) => sendSubscription(turn, current, work);
  if (link.dialect === 'tickwire' && hasUnsentRequest(turn)) {
    return (current) => {
      const frame = nextRequestFrame(turn, current.socketId);
      if (frame !== undefined) send(turn, current, frame);
    };
  }
  return undefined;
}

/** Sends all that is owed and affordable now; what has to wait for budget is looked at again when there is some. */
export function pump(turn: Turn): void {
  const { link: before } = turn.session;
  if (before?.up !== true) return;
  let left = mostAtOnce;
  for (let work = nextWork(turn); work !== undefined; work = nextWork(turn)) {
    if (left === 0) {
      // The page has its turn in between.
      turn.start('pace', 0);
      break;
    }
    left -= 1;
    const { link } = turn.session;
    if (link === null) return;
    const pace = takePace(turn.session.pacer, paceRule(link), turn.now);
    turn.change({ pacer: pace.state });
    if (pace.waitMs > 0) {
      turn.start('pace', pace.waitMs);
      break;
    }
    work(link);
  }
  armDeadlines(turn);
}
