/**
 * Channels that come by themselves: `global` with the connection, `user` and `portfolio` with the authentication. They are
 * asked for all the same where something may have been missed: nothing else resumes them.
 */
import type { AuthenticateAck, ChannelRequest } from '@tickwire/protocol';
import { parseChannel, type Channel } from '@tickwire/protocol/rules';
import type { Ask, DialectHost, DialectLink } from '../../kernel/dialect.js';
import type { Authentication } from '../authentication.js';
import type { Positions } from './channel-positions.js';
import { hearings } from './messages.js';

const privateChannels: readonly Channel[] = ['user', 'portfolio'];
const impliedChannels: readonly Channel[] = ['global', ...privateChannels];

/** The implied channels of one stream. */
export type Implied = ReturnType<typeof impliedOf>;

/** @param hasToken whether the user has given the stream a credential */
export function impliedOf(
  host: DialectHost,
  positions: Positions,
  authentication: Authentication,
  hasToken: () => boolean,
) {
  /** Those that had no position to resume from when the connection began. */
  let given = new Set<Channel>();
  /** Whose private channels the positions are of; `undefined` until a server has said. */
  let owner: string | undefined;

  /** Whether the server has to be asked for it. */
  function isOwed(link: DialectLink, channel: Channel, isPlaced: boolean): boolean {
    if (host.isWanted(channel)) return false;
    // Without credentials of our own, who we are may stand in a header or a cookie: the frames that came have said so.
    if (privateChannels.includes(channel) && !authentication.isAccepted() && (hasToken() || !isPlaced)) return false;
    const known = link.asked(channel);
    if (known === undefined) {
      // Somebody listens to what it brings, without having asked for it by name.
      const isHeard = [...hearings].some(([event, heard]) => heard === channel && host.listens(event));
      return isPlaced ? !given.has(channel) : isHeard;
    }
    if (known.status === 'refused' || known.status === 'deferred') return false;
    // Whoever held it last may have wanted only a part of it.
    return known.signature !== '' && known.signature !== JSON.stringify({ channel });
  }

  function owed(link: DialectLink): ChannelRequest[] {
    return impliedChannels.flatMap((channel) => {
      const position = positions.of(channel);
      return isOwed(link, channel, position !== undefined) ? [{ channel, ...position }] : [];
    });
  }

  return {
    /** Of what the client has no position in on a new connection, there is nothing to resume. */
    opened(): void {
      given = new Set(impliedChannels.filter((channel) => positions.of(channel) === undefined));
    },

    /** The frame that resumes them, apart from all others: a server that refuses it refuses nothing else with it. */
    ask(id: string, link: DialectLink, most: number): Ask | undefined {
      const channels = owed(link).slice(0, most);
      if (channels.length === 0) return undefined;
      const asked = channels.map(({ channel }) => channel);
      return { frame: { type: 'subscribe', id, data: { channels } }, asked, own: true };
    },

    /** Whether the connection has yet to take them over from the one before. */
    isResuming: (link: DialectLink): boolean =>
      impliedChannels.some((channel) => link.asked(channel)?.status === 'asked') || owed(link).length > 0,

    /** Those of these that nobody holds are not resumed: what the server told in passing has to do. @returns whether there are any */
    notResumed(keys: readonly string[]): boolean {
      const unheld = impliedChannels.filter((channel) => keys.includes(channel) && !host.isWanted(channel));
      for (const channel of unheld) positions.notResumed(channel);
      return unheld.length > 0;
    },

    /**
     * The server accepted the user and says where the user's channels stand. A channel that the client has no position in
     * starts there, and so does a value, whose snapshot follows; of events, what came since the position is asked for.
     */
    accepted(link: DialectLink, { userId, subscribed }: AuthenticateAck['data']): void {
      const user = String(userId);
      const isOther = owner !== undefined && user !== owner;
      owner = user;
      for (const channel of privateChannels) {
        // Another user's channels have the same names and nothing else in common.
        if (isOther) positions.forget(channel);
        // Refused to nobody in particular, they are no longer.
        link.forgive(channel);
      }
      for (const ack of subscribed ?? []) {
        const channel = privateChannels.find((each) => each === ack.channel);
        if (channel === undefined) continue;
        const isValue = parseChannel(channel)?.kind === 'state' && ack.recovered === false;
        if (isOther || isValue || positions.of(channel) === undefined) given.add(channel);
        positions.acked(channel, ack, true);
      }
    },
  };
}
