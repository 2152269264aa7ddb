/** What a provider hands down: the client, and the feed that its components share. */
import type { PriceWebSocketClient } from '@tickwire/client';
import { createContext, useContext } from 'react';
import type { PriceFeed } from './price-feed.js';

/** One provider's stream. */
export interface PriceStream {
  client: PriceWebSocketClient;
  feed: PriceFeed;
}

export const StreamContext = createContext<PriceStream | null>(null);

/** The nearest provider's stream. Throws where there is none: a hook cannot guess a client. */
export function useStream(hook: string): PriceStream {
  const stream = useContext(StreamContext);
  if (stream === null) {
    throw new Error(
      `${hook} needs a <PriceStreamProvider url="wss://…"> (or client={…}) above it. useWebSocketPrices works without.`,
    );
  }
  return stream;
}
