/**
 * Channels that come by themselves: `global` with the connection, `user` and `portfolio` with the authentication. On a
 * `tickwire` connection they are asked for all the same where something may have been missed: nothing else resumes them.
 */
import type { AuthenticateAck, ChannelRequest } from '@tickwire/protocol';
import { parseChannel, type Channel } from '@tickwire/protocol/rules';
import type { Link, Moment, Session } from './session-state.js';
import type { SubscriptionWork } from './subscriptions.js';
import type { Turn } from './turn.js';
import { owe } from './wanted.js';

const privateChannels: readonly Channel[] = ['user', 'portfolio'];
const impliedChannels: readonly Channel[] = ['global', ...privateChannels];

/** What a channel is asked for with that nobody holds; one that is held has a signature of its own. */
export const impliedSignature = '';

function isGranted({ credentials }: Session, link: Link, channel: Channel, isKnown: boolean): boolean {
  if (!privateChannels.includes(channel)) return true;
  // Without credentials of our own, who we are may stand in a header or a cookie: the frames that came have said so.
  return link.authentication.status === 'accepted' || (credentials === 'none' && isKnown);
}

function isOwed(link: Link, channel: Channel, moment: Moment): boolean {
  const known = link.subscriptions.get(channel);
  if (known === undefined) {
    const isPlaced = moment.positionOf(channel) !== undefined;
    return isPlaced ? !link.given.has(channel) : moment.isHeard(channel);
  }
  if (known.status === 'deferred') return moment.now >= (known.notBefore ?? 0);
  if (known.status === 'refused') return false;
  // Whoever held it last may have wanted only a part of it.
  return known.signature !== impliedSignature && known.signature !== JSON.stringify({ channel });
}

function owed(session: Session, link: Link, moment: Moment): ChannelRequest[] {
  const requests: ChannelRequest[] = [];
  for (const channel of impliedChannels) {
    const position = moment.positionOf(channel);
    const isOurs = !session.wanted.has(channel) && isGranted(session, link, channel, position !== undefined);
    if (isOurs && isOwed(link, channel, moment)) requests.push({ channel, ...position });
  }
  return requests;
}

/** The frame that resumes them, apart from all others: a server that refuses it refuses nothing else with it. */
export function impliedWork(session: Session, link: Link, moment: Moment): SubscriptionWork | undefined {
  if (link.dialect !== 'tickwire') return undefined;
  const channels = owed(session, link, moment).slice(0, link.limits.maxChannelsPerFrame);
  if (channels.length === 0) return undefined;
  const entries = channels.map(({ channel }) => ({ key: channel, signature: impliedSignature }));
  return { op: 'subscribe', entries, frame: (id) => ({ type: 'subscribe', id, data: { channels } }) };
}

/** Whether the connection has yet to take them over from the one before. */
export function isResuming(session: Session, link: Link, moment: Moment): boolean {
  if (link.dialect !== 'tickwire') return false;
  const isAsked = impliedChannels.some((channel) => link.subscriptions.get(channel)?.status === 'asked');
  return isAsked || owed(session, link, moment).length > 0;
}

/** Of what the client has no position in on a new connection, there is nothing to resume. */
export function takeAsGiven(turn: Turn): void {
  turn.changeLink({
    given: new Set(impliedChannels.filter((channel) => turn.moment.positionOf(channel) === undefined)),
  });
}

/**
 * The server accepted the user and says where the user's channels stand. A channel that the client has no position in
 * starts there, and so does a value, whose snapshot follows; of events, what came since the position is asked for.
 *
 * @returns whether positions move by it, so that nothing may be asked for before they have
 */
export function positionsTold(turn: Turn, { userId, subscribed }: AuthenticateAck['data']): boolean {
  const { session } = turn;
  if (session.link === null) return false;
  const user = String(userId);
  const isOther = session.userId !== null && user !== session.userId;
  turn.change({ userId: user });
  // Another user's channels have the same names and nothing else in common.
  if (isOther) for (const channel of privateChannels) turn.effect({ type: 'release', channel });
  let { subscriptions } = session.link;
  const given = new Set(session.link.given);
  // Refused to nobody in particular, they are no longer.
  const refused = privateChannels.filter((channel) => subscriptions.get(channel)?.status === 'refused');
  for (const channel of refused) subscriptions = subscriptions.without(channel);
  let moves = isOther;
  for (const ack of subscribed ?? []) {
    const channel = privateChannels.find((each) => each === ack.channel);
    if (channel === undefined) continue;
    const isValue = parseChannel(channel)?.kind === 'state' && ack.recovered === false;
    if (isOther || isValue || turn.moment.positionOf(channel) === undefined) {
      given.add(channel);
      moves = true;
    }
    turn.effect({ type: 'position', channel, ack, implicit: true });
  }
  turn.changeLink({ subscriptions, given });
  owe(turn, refused);
  return moves;
}
