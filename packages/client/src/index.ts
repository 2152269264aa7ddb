/** The door of `@tickwire/client`: every public name, and nothing else. */
export { PriceWebSocketClient } from './client.js';
export type { Connection, ConnectionDialect, ConnectionStore } from './connection.js';
export { PriceStreamError, type PriceStreamErrorDetails } from './errors.js';
export type { ClientEventName, ClientEvents, GapEvent, InvalidEvent, StaleEvent, WireEvents } from './events.js';
export type { InspectedSubscription, Inspection } from './inspection.js';
export type { Clock } from './io/clock.js';
export type { Environment, EnvironmentState } from './io/environment.js';
export type { Fetch, HttpResponse } from './io/http.js';
export type { WebSocketConstructor, WebSocketLike } from './io/web-socket-like.js';
export type { Credential, TokenProvider, TokenReason } from './credentials.js';
export type { ClientOptions, UrlSource } from './options.js';
export type { Overflow } from './async-queue.js';
export type { Freshness, PriceTick, PriceView } from './price-tick.js';
export type { AlertRule, Alerts, Catalog, HistoryPage, HistoryQuery } from './requests.js';
export type { Logger } from './step-log.js';
export type { ClientStats } from './statistics.js';
export type { ChannelDelivery, ReadyOptions, StreamOptions, SubscribeOptions, Subscription } from './subscription.js';
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
