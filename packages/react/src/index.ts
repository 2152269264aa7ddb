'use client';
// The React package's door: it only re-exports. The directive above must stay the first line, in the build too.
export { PriceStreamProvider, type PriceStreamProviderProps } from './provider.js';
export { usePrice } from './use-price.js';
export { usePriceState } from './use-price-state.js';
export { usePrices } from './use-prices.js';
export { useConnection } from './use-connection.js';
export { usePriceClient } from './use-price-client.js';
export { usePriceDirection, type PriceDirection, type PriceDirectionOptions } from './use-price-direction.js';
export { useFreshness, type FreshnessOptions } from './use-freshness.js';
export { usePriceHistory, type PriceHistoryOptions } from './use-price-history.js';
export { useAlerts, type AlertList } from './use-alerts.js';
export { useWhaleMovements } from './use-whale-movements.js';
export { useSocialSpikes } from './use-social-spikes.js';
export { usePortfolio, type PortfolioState } from './use-portfolio.js';
export { useStreamEvent } from './use-stream-event.js';
export {
  useWebSocketPrices,
  type DefaultMetal,
  type UseWebSocketPricesOptions,
  type WebSocketPrices,
} from './use-web-socket-prices.js';
export type { AlertRow, RulesState } from './alert-rules.js';
export type { EventList } from './event-queue.js';
export type { AnyStream } from './feed-client.js';
export type { Flush } from './flush.js';
export type { InitialPrice, InitialPrices } from './initial-prices.js';
export type { KeyedPrices } from './keyed-prices.js';
export type { PriceChannel, PriceName, PriceOf } from './price-channel.js';
export type { PricePoint } from './price-history.js';
export type { PriceState } from './price-feed.js';
export type { CoinEventsOptions, EventListOptions } from './use-channel-events.js';
export type { Token } from './shared-entry.js';
// What the signatures above are made of: who installs this package alone has a name for it.
export type {
  AlertCreateAck,
  AlertItem,
  AlertRule,
  AlertTriggered,
  Channel,
  ClientEventName,
  ClientEvents,
  ClientOptions,
  Connection,
  Credential,
  FilterCondition,
  Freshness,
  PortfolioUpdate,
  PriceStreamError,
  PriceTick,
  PriceWebSocketClient,
  TokenProvider,
  SocialSpike,
  TokenReason,
  WhaleMovement,
} from '@tickwire/client';
