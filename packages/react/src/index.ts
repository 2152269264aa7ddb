'use client';
// The React package's door: it only re-exports. The directive above must stay the first line, in the build too.
export { PriceStreamProvider, type PriceStreamProviderProps } from './provider.js';
export { usePrice } from './use-price.js';
export { usePriceState } from './use-price-state.js';
export { usePrices } from './use-prices.js';
export { useConnection } from './use-connection.js';
export { usePriceClient } from './use-price-client.js';
export {
  useWebSocketPrices,
  type DefaultMetal,
  type UseWebSocketPricesOptions,
  type WebSocketPrices,
} from './use-web-socket-prices.js';
export type { Flush } from './flush.js';
export type { InitialPrice, InitialPrices } from './initial-prices.js';
export type { KeyedPrices } from './keyed-prices.js';
export type { PriceChannel } from './price-channel.js';
export type { PriceState } from './price-feed.js';
export type { Token } from './shared-entry.js';
// What the signatures above are made of: who installs this package alone has a name for it.
export type {
  Channel,
  ClientOptions,
  Connection,
  Credential,
  Freshness,
  PriceStreamError,
  PriceTick,
  PriceWebSocketClient,
  TokenProvider,
  TokenReason,
} from '@tickwire/client';
