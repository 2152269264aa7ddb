/** What each message of the contract means: prices and events to those who follow them, the rest to whoever controls the link. */
import type { ReportedItem, ServerMessage, UnknownMessage } from '@tickwire/protocol';
import { judgeServerMessage } from '@tickwire/protocol/codec';
import { metalQuotes, parseChannel, type Channel, type PriceQuote } from '@tickwire/protocol/rules';
import type { DialectHost, DialectLink, Fault } from '../../kernel/dialect.js';
import { coinPriceOf } from '../coins.js';
import type { Positions } from './channel-positions.js';
import { isListed, olderChannels, type EventMessage, type Message, type PriceMessage } from './messages.js';
import type { Placed } from './positions.js';

type PlacedMessage = PriceMessage | EventMessage | Extract<ServerMessage, { type: 'price_update' }>;

/** Where an item stands in its frame, and what a snapshot says of it. */
interface Place {
  /** What stands before the keys of its message. */
  readonly path: string;
  readonly channel?: string;
  readonly seq?: number;
  readonly epoch?: string;
}

const wholeFrame: Place = { path: '' };

/** Reads the messages of one stream. @param control takes what is neither a price nor an event */
export function readingOf(
  host: Pick<DialectHost, 'isWanted' | 'channels'>,
  positions: Pick<Positions, 'takeValue' | 'takeSnapshot' | 'takeEvent' | 'takeGap' | 'heads'>,
  control: (message: ServerMessage, link: DialectLink) => void,
) {
  /** Whether messages of a channel are to be looked at: it is followed, or comes without being asked for. */
  const isExpected = (channel: string): boolean => host.isWanted(channel) || parseChannel(channel)?.implicit === true;

  /** Routes a message that has been judged. Items that were reported are left out. */
  function route(
    message: ServerMessage,
    reported: readonly ReportedItem[],
    link: DialectLink,
    place: Place = wholeFrame,
  ): void {
    let quote: PriceQuote | undefined;
    switch (message.type) {
      case 'price_update':
        if (!isNewValue(message, place, link)) return;
        link.emit(message.type, message);
        quote = coinPriceOf(message, host.channels, place.channel ?? message.sub);
        if (quote === undefined) control(message, link);
        else link.price(quote, message, place.seq ?? message.seq);
        return;
      case 'priceUpdate':
        if (!isNewValue(message, place, link)) return;
        link.emit(message.type, message);
        for (const metal of metalQuotes(message, reported, place.path))
          link.price(metal, message, place.seq ?? message.seq);
        return;
      case 'batch':
        link.emit(message.type, message);
        items(message.messages, reported, link, (index) => ({ path: `${place.path}messages.${index}` }));
        return;
      case 'snapshot': {
        link.emit(message.type, message);
        const list = message.data.items;
        const about = (index: number): Place => ({ ...list[index], path: `${place.path}data.items.${index}` });
        items(
          list.map((item) => item.message as Message),
          reported,
          link,
          about,
          '.message',
        );
        return;
      }
      case 'whale_movement':
      case 'social_spike':
      case 'alert_triggered':
      case 'portfolio_update':
      case 'portfolio_value_update':
      case 'announcement':
        event(message, place, link);
        return;
      case 'gap': {
        const { channel, from, to, reason, epoch } = message.data;
        const named = epoch === undefined || epoch === null ? {} : { epoch };
        const gap = { channel, from, to, reason: reason ?? 'unknown', ...named };
        if (isExpected(channel)) positions.takeGap(gap, !link.current);
        else link.unwanted(channel);
        return;
      }
      case 'heartbeat':
        link.emit(message.type, message);
        if (link.current) positions.heads(message.data.heads);
        return;
      default:
        if (message.type !== 'error') link.emit(message.type, message);
        control(message, link);
    }
  }

  function items(
    messages: readonly Message[],
    reported: readonly ReportedItem[],
    link: DialectLink,
    placeOf: (index: number) => Place,
    inner = '',
  ): void {
    const leftOut = new Set(reported.map((item) => item.path));
    for (const [index, message] of messages.entries()) {
      if (!link.live) return;
      const place = placeOf(index);
      if (leftOut.has(place.path)) continue;
      if (isListed(message)) route(message, reported, link, { ...place, path: `${place.path}${inner}.` });
      else unknown(message, place, link);
    }
  }

  /** A message of a later version: where it has a place in a channel, it takes that place. */
  function unknown(message: UnknownMessage, about: Place, link: DialectLink): void {
    const { sub, seq, skip, epoch } = message as { sub?: unknown; seq?: unknown; skip?: unknown; epoch?: unknown };
    const parsed = parseChannel(about.channel ?? sub);
    const isPlaced = parsed?.kind === 'event' && about.seq === undefined && Number.isSafeInteger(seq);
    if (isPlaced && isExpected(parsed.channel)) {
      const place = {
        seq: seq as number,
        skip: typeof skip === 'number' ? skip : undefined,
        epoch: typeof epoch === 'string' ? epoch : undefined,
      };
      if (!positions.takeEvent(parsed.channel, place, message, !link.current)) return;
    }
    link.unknown(message);
  }

  /** Whether a value is newer than what has come of its channel; one without a place always is. */
  function isNewValue(
    message: PlacedMessage,
    { channel = message.sub, seq, epoch }: Place,
    link: DialectLink,
  ): boolean {
    const isItem = seq !== undefined;
    if (channel === undefined || (!isItem && message.seq === undefined)) return true;
    const placed = isItem ? { seq, epoch } : (message as Placed);
    return isItem || message.snapshot === true
      ? positions.takeSnapshot(channel, placed, !link.current)
      : positions.takeValue(channel, placed, !link.current);
  }

  function event(message: EventMessage, place: Place, link: DialectLink): void {
    const parsed = parseChannel(place.channel ?? message.sub);
    if (parsed !== undefined) {
      if (!isExpected(parsed.channel)) {
        link.unwanted(parsed.channel);
        return;
      }
      const isPlaced = parsed.kind === 'event' && place.seq === undefined && message.snapshot !== true;
      const isNext =
        isPlaced && message.seq !== undefined
          ? positions.takeEvent(parsed.channel, message as Placed, message, !link.current)
          : isNewValue(message, place, link);
      if (!isNext) return;
    }
    link.emit(message.type, message);
    for (const channel of parsed === undefined ? olderChannels(message) : [parsed.channel])
      link.event(channel, message);
  }

  return {
    route,

    /** Says what a message means. @returns what is wrong with it */
    read: (given: unknown, link: DialectLink): Fault | undefined => {
      const result = judgeServerMessage(given);
      if (!result.ok) return result;
      const { reported = [] } = result;
      const [first, ...others] = reported;
      if (first !== undefined) {
        const more = others.length === 0 ? '' : ` (and ${others.length} more parts)`;
        link.leftOut({ path: first.path, reason: first.reason + more });
      }
      if (result.kind === 'known') route(result.message, reported, link);
      else unknown(result.message, wholeFrame, link);
      return undefined;
    },

    /** Delivers a message of a channel whose turn has come: its place has been looked at. */
    deliver(channel: Channel, message: Message, link: DialectLink): void {
      if (!isListed(message)) link.unknown(message);
      else if (message.type !== 'gap' && message.type !== 'error') {
        link.emit(message.type, message);
        link.event(channel, message);
      }
    },
  };
}
