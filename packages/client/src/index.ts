/** The door of `@tickwire/client`: every public name, and nothing else. */
export { PriceWebSocketClient } from './client.js';
export type { AlertRule, Alerts, Catalog, HistoryPage, HistoryQuery } from './dialects/tickwire/requests.js';
export type { GapEvent } from './dialects/tickwire/messages.js';
export type { Credential, TokenProvider, TokenReason } from './dialects/tokens.js';
export type {
  ChannelDelivery,
  ClientEventName,
  ClientEvents,
  Connection,
  ConnectionDialect,
  ConnectionStore,
  PriceTick,
  PriceView,
  SubscribeOptions,
  Subscription,
  WireEvents,
} from './events.js';
export type { InspectedSubscription, Inspection } from './inspection.js';
export type { Clock } from './io/clock.js';
export type { Environment, EnvironmentState } from './io/environment.js';
export type { Fetch, HttpResponse } from './io/http.js';
export type { WebSocketConstructor, WebSocketLike } from './io/web-socket-like.js';
export { PriceStreamError, type PriceStreamErrorDetails } from './kernel/errors.js';
export type { InvalidEvent } from './kernel/frames.js';
export type { ReadyOptions } from './kernel/handle.js';
export type { Logger, UrlSource } from './kernel/options.js';
export type { Freshness } from './kernel/prices.js';
export type { Overflow, StreamOptions } from './kernel/queue.js';
export type { ClientStats } from './kernel/statistics.js';
export type { StaleEvent } from './kernel/stream.js';
export type { ClientOptions } from './options.js';
export type {
  AlertCreateAck,
  AlertCreateMessage,
  AlertItem,
  AlertTriggered,
  Announcement,
  CatalogAck,
  Channel,
  CoinPriceMessage,
  FilterCondition,
  HistoryAck,
  MetalPricesMessage,
  PortfolioUpdate,
  ServerMessage,
  SocialSpike,
  UnknownMessage,
  WhaleMovement,
} from '@tickwire/protocol';
