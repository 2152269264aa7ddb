/** The provider's client itself. */
import type { PriceWebSocketClient } from '@tickwire/client';
import { useStream } from './stream-context.js';

/**
 * The client of the nearest provider, for what is no rendering: history, the catalog. Who has given the provider a
 * `PriceStream` of `@tickwire/client/core` gets that, which has neither.
 * @throws Error without a provider
 */
export function usePriceClient(): PriceWebSocketClient {
  return useStream('usePriceClient').client as PriceWebSocketClient;
}
