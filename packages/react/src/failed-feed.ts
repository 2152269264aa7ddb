/** The feed of a client that could not be made. */
import type { Connection, PriceStreamError } from '@tickwire/client';
import { noPrice, type PriceFeed } from './price-feed.js';

/** A wrong URL or option: hooks show it as they show any connection that failed. */
export function failedFeed(error: PriceStreamError): PriceFeed {
  const failed: Connection = { status: 'failed', error };
  const nothing = (): void => undefined;
  return {
    get: () => noPrice,
    getInitial: () => noPrice,
    connection: () => failed,
    subscribe: () => nothing,
    follow: () => nothing,
    guard: () => nothing,
    reached: nothing,
  };
}
