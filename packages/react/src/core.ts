'use client';
// The door for pages that make their stream themselves: the provider without a url, so that no client is in the bundle
// but the one that the page has. The directive above must stay the first line, in the build too.
export {
  GivenClient as PriceStreamProvider,
  type GivenClientProps as PriceStreamProviderProps,
} from './given-client.js';
export { usePrice } from './use-price.js';
export { usePriceState } from './use-price-state.js';
export { usePrices } from './use-prices.js';
export { useConnection } from './use-connection.js';
export { usePriceClient } from './use-price-client.js';
export { usePriceDirection } from './use-price-direction.js';
export { useFreshness } from './use-freshness.js';
export { usePriceHistory } from './use-price-history.js';
export { useAlerts } from './use-alerts.js';
export { useWhaleMovements } from './use-whale-movements.js';
export { useSocialSpikes } from './use-social-spikes.js';
export { usePortfolio } from './use-portfolio.js';
export { useStreamEvent } from './use-stream-event.js';
