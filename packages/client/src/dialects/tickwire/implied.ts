/**
 * Channels that come by themselves: `global` with the connection, `user` and `portfolio` with the authentication. They are
 * asked for all the same where something may have been missed: nothing else resumes them.
 */
import type { AuthenticateAck, ChannelRequest } from '@tickwire/protocol';
import { parseChannel, type Channel } from '@tickwire/protocol/rules';
import type { Ask, DialectHost, DialectLink } from '../../kernel/dialect.js';
import type { Authentication } from '../authentication.js';
import type { ChannelPositions } from './channel-positions.js';
import { hearings } from './messages.js';

const privateChannels: readonly Channel[] = ['user', 'portfolio'];
const impliedChannels: readonly Channel[] = ['global', ...privateChannels];

/** The implied channels of one stream. */
export class Implied {
  readonly #host: DialectHost;
  readonly #positions: ChannelPositions;
  readonly #authentication: Authentication;
  /** Those that had no position to resume from when the connection began. */
  #given = new Set<Channel>();
  /** Whose private channels the positions are of; `undefined` until a server has said. */
  #userId: string | undefined;

  constructor(host: DialectHost, positions: ChannelPositions, authentication: Authentication) {
    this.#host = host;
    this.#positions = positions;
    this.#authentication = authentication;
  }

  /** Of what the client has no position in on a new connection, there is nothing to resume. */
  opened(): void {
    this.#given = new Set(impliedChannels.filter((channel) => this.#positions.of(channel) === undefined));
  }

  /** The frame that resumes them, apart from all others: a server that refuses it refuses nothing else with it. */
  ask(id: string, link: DialectLink, most: number): Ask | undefined {
    const channels = this.#owed(link).slice(0, most);
    if (channels.length === 0) return undefined;
    return {
      frame: { type: 'subscribe', id, data: { channels } },
      asked: channels.map(({ channel }) => channel),
      own: true,
    };
  }

  /** Whether the connection has yet to take them over from the one before. */
  isResuming(link: DialectLink): boolean {
    return impliedChannels.some((channel) => link.asked(channel)?.status === 'asked') || this.#owed(link).length > 0;
  }

  /** Those of these that nobody holds are not resumed: what the server told in passing has to do. @returns whether there are any */
  notResumed(keys: readonly string[]): boolean {
    const unheld = keys.filter((key) => impliedChannels.includes(key as Channel) && !this.#host.isWanted(key));
    for (const channel of unheld) this.#positions.notResumed(channel);
    return unheld.length > 0;
  }

  /**
   * The server accepted the user and says where the user's channels stand. A channel that the client has no position in
   * starts there, and so does a value, whose snapshot follows; of events, what came since the position is asked for.
   */
  accepted(link: DialectLink, { userId, subscribed }: AuthenticateAck['data']): void {
    const user = String(userId);
    const isOther = this.#userId !== undefined && user !== this.#userId;
    this.#userId = user;
    for (const channel of privateChannels) {
      // Another user's channels have the same names and nothing else in common.
      if (isOther) this.#positions.forget(channel);
      // Refused to nobody in particular, they are no longer.
      link.forgive(channel);
    }
    for (const ack of subscribed ?? []) {
      const channel = privateChannels.find((each) => each === ack.channel);
      if (channel === undefined) continue;
      const isValue = parseChannel(channel)?.kind === 'state' && ack.recovered === false;
      if (isOther || isValue || this.#positions.of(channel) === undefined) this.#given.add(channel);
      this.#positions.acked(channel, ack, true);
    }
  }

  #owed(link: DialectLink): ChannelRequest[] {
    const requests: ChannelRequest[] = [];
    for (const channel of impliedChannels) {
      const position = this.#positions.of(channel);
      const isOurs = !this.#host.isWanted(channel) && this.#isGranted(channel, position !== undefined);
      if (isOurs && this.#isOwed(link, channel, position !== undefined)) requests.push({ channel, ...position });
    }
    return requests;
  }

  #isGranted(channel: Channel, isKnown: boolean): boolean {
    if (!privateChannels.includes(channel)) return true;
    // Without credentials of our own, who we are may stand in a header or a cookie: the frames that came have said so.
    return this.#authentication.status === 'accepted' || (this.#authentication.kind === 'none' && isKnown);
  }

  #isOwed(link: DialectLink, channel: Channel, isPlaced: boolean): boolean {
    const known = link.asked(channel);
    if (known === undefined) return isPlaced ? !this.#given.has(channel) : this.#isHeard(channel);
    if (known.status === 'refused' || known.status === 'deferred') return false;
    // Whoever held it last may have wanted only a part of it.
    return known.signature !== '' && known.signature !== JSON.stringify({ channel });
  }

  /** Whether somebody listens to what the channel brings, without having asked for it by name. */
  #isHeard(channel: Channel): boolean {
    return [...hearings].some(([event, heard]) => heard === channel && this.#host.listens(event));
  }
}
