/** Where each message goes: prices straight to store and listeners, events to listeners, the rest to the session. */
import {
  classifyPriceUpdate,
  coinQuote,
  metalQuotes,
  parseChannel,
  type Channel,
  type CoinPriceMessage,
  type MetalPricesMessage,
  type PriceQuote,
  type ReportedItem,
  type ServerMessage,
  type UnknownMessage,
} from '@tickwire/protocol';
import type { ClientEventName, ClientEvents } from './events.js';
import type { PriceStore } from './price-store.js';
import type { SubscriptionRegistry } from './subscription-registry.js';

type Message = ServerMessage | UnknownMessage;
type PriceMessage = CoinPriceMessage | MetalPricesMessage;
type EventMessage = Extract<
  ServerMessage,
  {
    type:
      | 'whale_movement'
      | 'social_spike'
      | 'alert_triggered'
      | 'portfolio_update'
      | 'portfolio_value_update'
      | 'announcement';
  }
>;

interface RouterHost {
  readonly prices: PriceStore;
  readonly subscriptions: SubscriptionRegistry;
  /** The current socket: a listener may have closed the one that the frame came from. */
  socketId(): number | undefined;
  /** Whether the channel is followed on the wire, held or lingering. */
  isFollowed(channel: string): boolean;
  activeCoins(): readonly string[];
  emit<Name extends ClientEventName>(event: Name, payload: ClientEvents[Name]): void;
  control(message: ServerMessage): void;
  unwanted(): void;
}

/** Where an item stands in its frame, and what a snapshot says of it. */
interface Place {
  readonly path: string;
  /** What leads from an item's place to its message. */
  readonly inner?: string;
  readonly channel?: string;
  readonly seq?: number;
}

const wholeFrame: Place = { path: '' };

/** Routes the messages of one client. */
export class MessageRouter {
  readonly #host: RouterHost;
  #routed: number | undefined;

  constructor(host: RouterHost) {
    this.#host = host;
  }

  /** Routes a decoded frame. Items that the codec reported are left out. */
  route(message: ServerMessage, reported: readonly ReportedItem[] = []): void {
    this.#routed = this.#host.socketId();
    this.#route(message, reported, wholeFrame);
  }

  #route(message: ServerMessage, reported: readonly ReportedItem[], place: Place): void {
    switch (message.type) {
      case 'price_update':
        this.#emit(message);
        // A key decides the union of types, the classification what it means.
        if (classifyPriceUpdate(message) === 'price') this.#coinPrice(message as CoinPriceMessage, place);
        else this.#host.control(message);
        return;
      case 'priceUpdate':
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
          return item === undefined ? { path } : { path, inner: '.message', channel: item.channel, seq: item.seq };
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
        this.#host.emit('gap', { channel, from, to, reason: reason ?? 'unknown', ...named });
        return;
      }
      case 'heartbeat':
        this.#emit(message);
        for (const [channel, head] of Object.entries(message.data.heads)) {
          this.#host.prices.confirmHead(channel as Channel, head);
        }
        return;
      case 'error':
        this.#host.control(message);
        return;
      default:
        this.#emit(message);
        this.#host.control(message);
    }
  }

  #items(messages: readonly Message[], reported: readonly ReportedItem[], placeOf: (index: number) => Place): void {
    const leftOut = new Set(reported.map((item) => item.path));
    for (const [index, message] of messages.entries()) {
      if (!this.#isCurrent()) return;
      const { path, inner = '', ...about } = placeOf(index);
      if (leftOut.has(path) || leftOut.has(`${path}${inner}`)) continue;
      if (isListed(message)) this.#route(message, reported, { ...about, path: `${path}${inner}.` });
      else this.#host.emit('unknown', message);
    }
  }

  #coinPrice(message: CoinPriceMessage, place: Place): void {
    const quote = coinQuote(message, this.#host.activeCoins());
    // The channel of the frame is the truth where it stands; a database id in the body is not a name.
    const stated = parseChannel(place.channel ?? message.sub);
    if (stated?.prefix === 'coin' && stated.id !== undefined && stated.channel !== quote?.channel) {
      const owned = quote ?? coinQuote(message, [stated.id]);
      if (owned !== undefined) this.#price({ ...owned, channel: stated.channel, id: stated.id }, message, place);
    } else if (quote === undefined) this.#host.unwanted();
    else this.#price(quote, message, place);
  }

  #price(quote: PriceQuote, source: PriceMessage, place: Place): void {
    if (!this.#isCurrent()) return;
    if (!this.#host.isFollowed(quote.channel)) {
      this.#host.unwanted();
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
    if (parsed !== undefined && !parsed.implicit && !this.#host.isFollowed(parsed.channel)) {
      this.#host.unwanted();
      return;
    }
    this.#emit(message);
    for (const channel of parsed === undefined ? olderChannels(message) : [parsed.channel]) {
      if (!this.#isCurrent()) return;
      this.#host.subscriptions.deliver(channel, parseChannel(channel)?.kind ?? 'event', message, message.data);
    }
  }

  #isCurrent(): boolean {
    return this.#host.socketId() === this.#routed;
  }

  #emit(message: Exclude<ServerMessage, { type: 'gap' | 'error' }>): void {
    this.#host.emit(message.type, message);
  }
}

/** Every type of the contract; a record, so that the compiler misses none. */
const listed: Readonly<Record<ServerMessage['type'], true>> = {
  price_update: true,
  priceUpdate: true,
  alert_triggered: true,
  whale_movement: true,
  social_spike: true,
  portfolio_update: true,
  portfolio_value_update: true,
  wallet_integration_complete: true,
  announcement: true,
  welcome: true,
  subscribed: true,
  unsubscribed: true,
  authenticated: true,
  error: true,
  pong: true,
  hello: true,
  ack: true,
  snapshot: true,
  heartbeat: true,
  gap: true,
  batch: true,
  going_away: true,
};
const listedTypes: ReadonlySet<string> = new Set(Object.keys(listed));

function isListed(message: Message): message is ServerMessage {
  return listedTypes.has(message.type);
}

/** The channels of an event that names none: older servers route by coin and user. */
function olderChannels(message: EventMessage): readonly Channel[] {
  switch (message.type) {
    case 'whale_movement':
      return ['whales', `whales:${String(message.data.coinId)}`];
    case 'social_spike':
      return ['social', `social:${String(message.data.coinId)}`];
    case 'alert_triggered':
      return ['user'];
    case 'portfolio_update':
    case 'portfolio_value_update':
      return ['portfolio'];
    case 'announcement':
      return ['global'];
  }
}
