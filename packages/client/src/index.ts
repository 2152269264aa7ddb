/** The door of `@tickwire/client`: every public name, and nothing else. */
export { PriceWebSocketClient } from './client.js';
export type { Connection, ConnectionDialect, ConnectionStore } from './connection.js';
export { PriceStreamError, type PriceStreamErrorDetails } from './errors.js';
export type { ClientEventName, ClientEvents, GapEvent, InvalidEvent, StaleEvent, WireEvents } from './events.js';
export type { ClientOptions, Credential, TokenProvider, TokenReason } from './options.js';
export type { Freshness, PriceTick, PriceView } from './price-tick.js';
export type { ChannelDelivery, SubscribeOptions, Subscription } from './subscription.js';
