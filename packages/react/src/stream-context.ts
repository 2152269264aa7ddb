/** What a provider hands down: the client, and the feed that its components share. */
import { createContext, useContext } from 'react';
import type { AnyStream } from './feed-client.js';
import type { StreamFeed } from './price-feed.js';

/** One provider's stream. */
export interface PriceStream {
  client: AnyStream;
  feed: StreamFeed;
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
