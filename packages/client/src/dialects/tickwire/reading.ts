/** What each message of the contract means: prices and events to those who follow them, the rest to whoever controls the link. */
import type { CoinPriceMessage, ReportedItem, ServerMessage, UnknownMessage } from '@tickwire/protocol';
import { judgeServerMessage } from '@tickwire/protocol/codec';
import {
  classifyPriceUpdate,
  coinQuote,
  metalQuotes,
  parseChannel,
  type Channel,
  type PriceQuote,
} from '@tickwire/protocol/rules';
import type { DialectHost, DialectLink, Fault } from '../../kernel/dialect.js';
import { activeCoins } from '../coins.js';
import type { ChannelPositions } from './channel-positions.js';
import { isListed, olderChannels, type EventMessage, type Message, type PriceMessage } from './messages.js';
import type { Placed } from './positions.js';

type PlacedMessage = PriceMessage | EventMessage | Extract<ServerMessage, { type: 'price_update' }>;

/** Where an item stands in its frame, and what a snapshot says of it. */
interface Place {
  readonly path: string;
  /** What leads from an item's place to its message. */
  readonly inner?: string;
  readonly channel?: string;
  readonly seq?: number;
  readonly epoch?: string;
}

const wholeFrame: Place = { path: '' };

/** Reads the messages of one stream. */
export class Reading {
  readonly #host: Pick<DialectHost, 'isWanted' | 'channels'>;
  readonly #positions: ChannelPositions;
  readonly #control: (message: ServerMessage, link: DialectLink) => void;

  /** @param control takes what is neither a price nor an event */
  constructor(
    host: Pick<DialectHost, 'isWanted' | 'channels'>,
    positions: ChannelPositions,
    control: (message: ServerMessage, link: DialectLink) => void,
  ) {
    this.#host = host;
    this.#positions = positions;
    this.#control = control;
  }

  /** Says what a message means. @returns what is wrong with it */
  read(given: unknown, link: DialectLink): Fault | undefined {
    const result = judgeServerMessage(given);
    if (!result.ok) return result;
    const { reported } = result;
    const [first, ...others] = reported ?? [];
    if (first !== undefined) {
      const more = others.length === 0 ? '' : ` (and ${others.length} more parts)`;
      link.leftOut({ path: first.path, reason: first.reason + more });
    }
    if (result.kind === 'known') this.route(result.message, reported, link);
    else this.#unknown(result.message, wholeFrame, link);
    return undefined;
  }

  /** Delivers a message of a channel whose turn has come: its place has been looked at. */
  deliver(channel: Channel, message: Message, link: DialectLink): void {
    if (!isListed(message)) link.unknown(message);
    else if (message.type !== 'gap' && message.type !== 'error') {
      link.emit(message.type, message);
      link.event(channel, message, 'data' in message ? message.data : undefined);
    }
  }

  /** Routes a message that has been judged. Items that were reported are left out. */
  route(message: ServerMessage, reported: readonly ReportedItem[] = [], link: DialectLink, place = wholeFrame): void {
    switch (message.type) {
      case 'price_update':
        if (!this.#isNewValue(message, place, link)) return;
        link.emit(message.type, message);
        // A key decides the union of types, the classification what it means.
        if (classifyPriceUpdate(message) === 'price') this.#coinPrice(message as CoinPriceMessage, place, link);
        else this.#control(message, link);
        return;
      case 'priceUpdate':
        if (!this.#isNewValue(message, place, link)) return;
        link.emit(message.type, message);
        for (const quote of metalQuotes(message, reported, place.path)) this.#price(quote, message, place, link);
        return;
      case 'batch':
        link.emit(message.type, message);
        this.#items(message.messages, reported, (index) => ({ path: `${place.path}messages.${index}` }), link);
        return;
      case 'snapshot': {
        link.emit(message.type, message);
        const { items } = message.data;
        const messages = items.map((item) => item.message as Message);
        const placeOf = (index: number): Place => {
          const item = items[index];
          const path = `${place.path}data.items.${index}`;
          return item === undefined
            ? { path }
            : { path, inner: '.message', channel: item.channel, seq: item.seq, epoch: item.epoch };
        };
        this.#items(messages, reported, placeOf, link);
        return;
      }
      case 'whale_movement':
      case 'social_spike':
      case 'alert_triggered':
      case 'portfolio_update':
      case 'portfolio_value_update':
      case 'announcement':
        this.#event(message, place, link);
        return;
      case 'gap': {
        const { channel, from, to, reason, epoch } = message.data;
        const named = epoch === undefined || epoch === null ? {} : { epoch };
        const gap = { channel, from, to, reason: reason ?? 'unknown', ...named };
        if (this.#isExpected(channel)) this.#positions.takeGap(gap, !link.current);
        else link.unwanted(channel);
        return;
      }
      case 'heartbeat':
        link.emit(message.type, message);
        if (link.current) this.#positions.heads(message.data.heads);
        return;
      case 'error':
        this.#control(message, link);
        return;
      default:
        link.emit(message.type, message);
        this.#control(message, link);
    }
  }

  #items(
    messages: readonly Message[],
    reported: readonly ReportedItem[],
    placeOf: (index: number) => Place,
    link: DialectLink,
  ): void {
    const leftOut = new Set(reported.map((item) => item.path));
    for (const [index, message] of messages.entries()) {
      if (!link.live) return;
      const { path, inner = '', ...about } = placeOf(index);
      if (leftOut.has(path) || leftOut.has(`${path}${inner}`)) continue;
      if (isListed(message)) this.route(message, reported, link, { ...about, path: `${path}${inner}.` });
      else this.#unknown(message, about, link);
    }
  }

  /** A message of a later version: where it has a place in a channel, it takes that place. */
  #unknown(message: UnknownMessage, about: Omit<Place, 'path'>, link: DialectLink): void {
    const { sub, seq, skip, epoch } = message as { sub?: unknown; seq?: unknown; skip?: unknown; epoch?: unknown };
    const parsed = parseChannel(about.channel ?? sub);
    const isPlaced = parsed?.kind === 'event' && about.seq === undefined && Number.isSafeInteger(seq);
    if (isPlaced && this.#isExpected(parsed.channel)) {
      const place = {
        seq: seq as number,
        skip: typeof skip === 'number' ? skip : undefined,
        epoch: typeof epoch === 'string' ? epoch : undefined,
      };
      if (!this.#positions.takeEvent(parsed.channel, place, message, !link.current)) return;
    }
    link.unknown(message);
  }

  /** Whether a value is newer than what has come of its channel; one without a place always is. */
  #isNewValue(message: PlacedMessage, { channel = message.sub, seq, epoch }: Place, link: DialectLink): boolean {
    if (channel === undefined) return true;
    if (seq !== undefined) return this.#positions.takeSnapshot(channel, { seq, epoch }, !link.current);
    if (message.seq === undefined) return true;
    const placed = message as Placed;
    return message.snapshot === true
      ? this.#positions.takeSnapshot(channel, placed, !link.current)
      : this.#positions.takeValue(channel, placed, !link.current);
  }

  #coinPrice(message: CoinPriceMessage, place: Place, link: DialectLink): void {
    // Only a price that names no coin needs to know which there are.
    const isNamed = (message.data.coinId ?? message.coinId ?? undefined) !== undefined;
    const quote = coinQuote(message, isNamed ? [] : activeCoins(this.#host.channels));
    // The plain case needs no second look at the name.
    if (quote !== undefined && quote.channel === message.sub && place.channel === undefined) {
      this.#price(quote, message, place, link);
      return;
    }
    // The channel of the frame is the truth where it stands; a database id in the body is not a name.
    const stated = parseChannel(place.channel ?? message.sub);
    if (stated?.prefix === 'coin' && stated.id !== undefined && stated.channel !== quote?.channel) {
      const owned = quote ?? coinQuote(message, [stated.id]);
      if (owned !== undefined) this.#price({ ...owned, channel: stated.channel, id: stated.id }, message, place, link);
    } else if (quote === undefined) link.unwanted();
    else this.#price(quote, message, place, link);
  }

  #price(quote: PriceQuote, source: PriceMessage, place: Place, link: DialectLink): void {
    link.price(quote, source, place.seq ?? source.seq);
  }

  #event(message: EventMessage, place: Place, link: DialectLink): void {
    const stated = place.channel ?? message.sub;
    const parsed = stated === undefined ? undefined : parseChannel(stated);
    if (parsed !== undefined) {
      if (!this.#isExpected(parsed.channel)) {
        link.unwanted(parsed.channel);
        return;
      }
      const isPlaced = parsed.kind === 'event' && place.seq === undefined && message.snapshot !== true;
      const isNext =
        isPlaced && message.seq !== undefined
          ? this.#positions.takeEvent(parsed.channel, message as Placed, message, !link.current)
          : this.#isNewValue(message, place, link);
      if (!isNext) return;
    }
    link.emit(message.type, message);
    for (const channel of parsed === undefined ? olderChannels(message) : [parsed.channel])
      link.event(channel, message, message.data);
  }

  /** Whether messages of a channel are to be looked at: it is followed, or comes without being asked for. */
  #isExpected(channel: string): boolean {
    return this.#host.isWanted(channel) || parseChannel(channel)?.implicit === true;
  }
}
