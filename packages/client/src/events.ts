/** The channels and events of the contract, with what each delivers. */
import type {
  AlertTriggered,
  Announcement,
  Channel,
  CoinPriceMessage,
  FilterCondition,
  MetalPricesMessage,
  PortfolioUpdate,
  ServerMessage,
  SocialSpike,
  UnknownMessage,
  WhaleMovement,
} from '@tickwire/protocol';
import type { ConnectionView } from './kernel/connection.js';
import type { Subscription as StreamSubscription } from './kernel/handle.js';
import type { LifeState } from './kernel/life-state.js';
import type { PriceView as AnyPriceView, Tick } from './kernel/prices.js';
import type { StreamOptions } from './kernel/queue.js';
import type { StreamEvents } from './kernel/stream.js';
import type { GapEvent } from './dialects/tickwire/messages.js';

/** The three wire dialects; `undecided` while an older server has neither spoken nor been asked for anything. */
export type ConnectionDialect = 'coins' | 'metals' | 'tickwire' | 'undecided';

/**
 * The state of the connection. The same object until it changes; instants (`since`, `retryAt`) are epoch milliseconds.
 * A lost network is a state here, not an error: `cause` says why, `retryAt` when the next attempt starts.
 */
export type Connection =
  | Exclude<LifeState, { status: 'connected' }>
  | (Extract<LifeState, { status: 'connected' }> & { readonly dialect: ConnectionDialect });

/** `client.connection`: a value to read and to follow, made for `useSyncExternalStore`. */
export type ConnectionStore = ConnectionView<Connection>;

/** One price of one channel; immutable, the same object until it changes. */
export type PriceTick = Tick<Channel, CoinPriceMessage | MetalPricesMessage>;

/** `client.prices`: the last price of each channel. */
export type PriceView = AnyPriceView<Channel, CoinPriceMessage | MetalPricesMessage>;

/** A subscription to one or more channels. Several on one channel share one subscription on the wire. */
export type Subscription<Delivery> = StreamSubscription<Delivery, Channel>;

/** How a subscription is thinned and when it ends. */
export interface SubscribeOptions extends StreamOptions {
  /** At most one delivery per channel in this many milliseconds, the last value wins; state channels only. */
  minIntervalMs?: number | undefined;
  /** 1 to 8 conditions that must all hold. */
  filter?: readonly FilterCondition[] | undefined;
}

/** What each channel of the contract delivers. */
export interface ContractChannels {
  [channel: `coin:${string}`]: PriceTick;
  [channel: `metal:${string}`]: PriceTick;
  [channel: `whales:${string}`]: WhaleMovement;
  [channel: `social:${string}`]: SocialSpike;
  whales: WhaleMovement;
  social: SocialSpike;
  global: Announcement;
  user: AlertTriggered;
  portfolio: PortfolioUpdate;
}

/** What a channel delivers, by its prefix. */
export type ChannelDelivery<C extends Channel> = C extends keyof ContractChannels ? ContractChannels[C] : never;

type WireMessage = Exclude<ServerMessage, { type: 'gap' | 'error' }>;

/** Wire types by their `type`, each with its message; `gap` and `error` have events of their own. */
export type WireEvents = {
  [Type in WireMessage['type']]: Extract<WireMessage, { type: Type }>;
};

/** Every event of the client by name, with its payload. */
export interface ClientEvents extends WireEvents, Omit<StreamEvents, 'price' | 'connection' | 'unknown'> {
  /** One normalised tick of a subscribed channel, whatever the dialect. */
  price: PriceTick;
  /** The new state of the connection. */
  connection: Connection;
  /** Messages that are lost for good. */
  gap: GapEvent;
  /** A message of a type that this version does not know. */
  unknown: UnknownMessage;
}

/** The name of an event of the client. */
export type ClientEventName = keyof ClientEvents;
