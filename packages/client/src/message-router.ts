/** Where each message goes: prices straight to store and listeners, events to listeners, the rest to the session. */
import type { CoinPriceMessage, ReportedItem, ServerMessage, UnknownMessage } from '@tickwire/protocol';
import {
  classifyPriceUpdate,
  coinQuote,
  metalQuotes,
  parseChannel,
  type Channel,
  type PriceQuote,
} from '@tickwire/protocol/rules';
import type { ChannelPositions } from './channel-positions.js';
import type { Placed } from './core/positions.js';
import type { ClientEventName, ClientEvents } from './events.js';
import { isListed, olderChannels, type EventMessage, type Message, type PriceMessage } from './message-kinds.js';
import type { PriceStore } from './price-store.js';
import type { SubscriptionRegistry } from './subscription-registry.js';

type PlacedMessage = PriceMessage | EventMessage | Extract<ServerMessage, { type: 'price_update' }>;

/** What the router asks of the client. */
export interface RouterHost {
  readonly prices: PriceStore;
  readonly subscriptions: SubscriptionRegistry;
  readonly positions: ChannelPositions;
  /** Whether frames of a socket still count: a listener may have closed it. */
  isLive(socketId: number | undefined): boolean;
  /** The socket that counts from now on; another live one is being left. */
  currentSocket(): number | undefined;
  /** Whether the channel is followed on the wire, held or lingering. */
  isFollowed(channel: string): boolean;
  activeCoins(): readonly string[];
  emit<Name extends ClientEventName>(event: Name, payload: ClientEvents[Name]): void;
  control(message: ServerMessage, socketId: number): void;
  unwanted(channel: string | undefined): void;
}

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

/** Routes the messages of one client. */
export class MessageRouter {
  readonly #host: RouterHost;
  #routed = 0;

  constructor(host: RouterHost) {
    this.#host = host;
  }

  /** Routes a decoded frame. Items that the codec reported are left out. */
  route(message: Message, reported: readonly ReportedItem[] = [], socketId: number): void {
    // A listener may lead to another frame, of the other socket.
    const before = this.#routed;
    this.#routed = socketId;
    if (isListed(message)) this.#route(message, reported, wholeFrame);
    else this.#unknown(message, wholeFrame);
    this.#routed = before;
  }

  /** Delivers a message of a channel whose turn has come: its place has been looked at. */
  deliver(channel: Channel, message: Message): void {
    if (!isListed(message)) this.#host.emit('unknown', message);
    else if (message.type !== 'gap' && message.type !== 'error') {
      this.#emit(message);
      const data = 'data' in message ? message.data : undefined;
      this.#host.subscriptions.deliver(channel, 'event', message, data);
    }
  }

  #route(message: ServerMessage, reported: readonly ReportedItem[], place: Place): void {
    switch (message.type) {
      case 'price_update':
        if (!this.#isNewValue(message, place)) return;
        this.#emit(message);
        // A key decides the union of types, the classification what it means.
        if (classifyPriceUpdate(message) === 'price') this.#coinPrice(message as CoinPriceMessage, place);
        else this.#host.control(message, this.#routed);
        return;
      case 'priceUpdate':
        if (!this.#isNewValue(message, place)) return;
        this.#emit(message);
        for (const quote of metalQuotes(message, reported, place.path)) this.#price(quote, message, place);
        return;
      case 'batch':
        this.#emit(message);
        this.#items(message.messages, reported, (index) => ({ path: `${place.path}messages.${index}` }));
        return;
      case 'snapshot': {
        this.#emit(message);
        const { items } = message.data;
        const messages = items.map((item) => item.message as Message);
        this.#items(messages, reported, (index) => {
          const item = items[index];
          const path = `${place.path}data.items.${index}`;
          return item === undefined
            ? { path }
            : { path, inner: '.message', channel: item.channel, seq: item.seq, epoch: item.epoch };
        });
        return;
      }
      case 'whale_movement':
      case 'social_spike':
      case 'alert_triggered':
      case 'portfolio_update':
      case 'portfolio_value_update':
      case 'announcement':
        this.#event(message, place);
        return;
      case 'gap': {
        const { channel, from, to, reason, epoch } = message.data;
        const named = epoch === undefined || epoch === null ? {} : { epoch };
        const gap = { channel, from, to, reason: reason ?? 'unknown', ...named };
        if (this.#isExpected(channel)) this.#host.positions.takeGap(gap, this.#isLate());
        else this.#host.unwanted(channel);
        return;
      }
      case 'heartbeat':
        this.#emit(message);
        if (!this.#isLate()) this.#host.positions.heads(message.data.heads);
        return;
      case 'error':
        this.#host.control(message, this.#routed);
        return;
      default:
        this.#emit(message);
        this.#host.control(message, this.#routed);
    }
  }

  #items(messages: readonly Message[], reported: readonly ReportedItem[], placeOf: (index: number) => Place): void {
    const leftOut = new Set(reported.map((item) => item.path));
    for (const [index, message] of messages.entries()) {
      if (!this.#isCurrent()) return;
      const { path, inner = '', ...about } = placeOf(index);
      if (leftOut.has(path) || leftOut.has(`${path}${inner}`)) continue;
      if (isListed(message)) this.#route(message, reported, { ...about, path: `${path}${inner}.` });
      else this.#unknown(message, about);
    }
  }

  /** A message of a later version: where it has a place in a channel, it takes that place. */
  #unknown(message: UnknownMessage, about: Omit<Place, 'path'>): void {
    const { sub, seq, skip, epoch } = message as { sub?: unknown; seq?: unknown; skip?: unknown; epoch?: unknown };
    const parsed = parseChannel(about.channel ?? sub);
    const isPlaced = parsed?.kind === 'event' && about.seq === undefined && Number.isSafeInteger(seq);
    if (isPlaced && this.#isExpected(parsed.channel)) {
      const place = {
        seq: seq as number,
        skip: typeof skip === 'number' ? skip : undefined,
        epoch: typeof epoch === 'string' ? epoch : undefined,
      };
      if (!this.#host.positions.takeEvent(parsed.channel, place, message, this.#isLate())) return;
    }
    this.#host.emit('unknown', message);
  }

  /** Whether a value is newer than what has come of its channel; one without a place always is. */
  #isNewValue(message: PlacedMessage, { channel = message.sub, seq, epoch }: Place): boolean {
    if (channel === undefined) return true;
    const { positions } = this.#host;
    if (seq !== undefined) return positions.takeSnapshot(channel, { seq, epoch }, this.#isLate());
    if (message.seq === undefined) return true;
    const placed = message as Placed;
    return message.snapshot === true
      ? positions.takeSnapshot(channel, placed, this.#isLate())
      : positions.takeValue(channel, placed, this.#isLate());
  }

  #coinPrice(message: CoinPriceMessage, place: Place): void {
    // Only a price that names no coin needs to know which there are.
    const isNamed = (message.data.coinId ?? message.coinId ?? undefined) !== undefined;
    const quote = coinQuote(message, isNamed ? [] : this.#host.activeCoins());
    // The plain case needs no second look at the name.
    if (quote !== undefined && quote.channel === message.sub && place.channel === undefined) {
      this.#price(quote, message, place);
      return;
    }
    // The channel of the frame is the truth where it stands; a database id in the body is not a name.
    const stated = parseChannel(place.channel ?? message.sub);
    if (stated?.prefix === 'coin' && stated.id !== undefined && stated.channel !== quote?.channel) {
      const owned = quote ?? coinQuote(message, [stated.id]);
      if (owned !== undefined) this.#price({ ...owned, channel: stated.channel, id: stated.id }, message, place);
    } else if (quote === undefined) this.#host.unwanted(undefined);
    else this.#price(quote, message, place);
  }

  #price(quote: PriceQuote, source: PriceMessage, place: Place): void {
    if (!this.#isCurrent()) return;
    if (!this.#host.isFollowed(quote.channel)) {
      this.#host.unwanted(quote.channel);
      // It may never be sent again: who asks for it later is to have it.
      this.#host.prices.keep(quote, source);
      return;
    }
    const tick = this.#host.prices.accept(quote, source, place.seq ?? source.seq);
    if (!this.#host.subscriptions.isHeld(quote.channel)) return;
    this.#host.emit('price', tick);
    this.#host.subscriptions.deliver(quote.channel, 'state', tick, source.data);
  }

  #event(message: EventMessage, place: Place): void {
    const stated = place.channel ?? message.sub;
    const parsed = stated === undefined ? undefined : parseChannel(stated);
    if (parsed !== undefined) {
      if (!this.#isExpected(parsed.channel)) {
        this.#host.unwanted(parsed.channel);
        return;
      }
      const isPlaced = parsed.kind === 'event' && place.seq === undefined && message.snapshot !== true;
      const isNext =
        isPlaced && message.seq !== undefined
          ? this.#host.positions.takeEvent(parsed.channel, message as Placed, message, this.#isLate())
          : this.#isNewValue(message, place);
      if (!isNext) return;
    }
    this.#emit(message);
    for (const channel of parsed === undefined ? olderChannels(message) : [parsed.channel]) {
      if (!this.#isCurrent()) return;
      this.#host.subscriptions.deliver(channel, parseChannel(channel)?.kind ?? 'event', message, message.data);
    }
  }

  #isCurrent(): boolean {
    return this.#host.isLive(this.#routed);
  }

  /** Whether the frame came over a socket that is being left. */
  #isLate(): boolean {
    return this.#routed !== this.#host.currentSocket();
  }

  /** Whether messages of a channel are to be looked at: it is followed, or comes without being asked for. */
  #isExpected(channel: string): boolean {
    return this.#host.isFollowed(channel) || parseChannel(channel)?.implicit === true;
  }

  #emit(message: Exclude<ServerMessage, { type: 'gap' | 'error' }>): void {
    this.#host.emit(message.type, message);
  }
}
