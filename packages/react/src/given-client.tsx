/** Hands a client down that was made elsewhere, and stays its maker's. */
import { useMemo, useState, type ReactElement, type ReactNode } from 'react';
import { feedClientOf, type AnyStream } from './feed-client.js';
import { FeedGate } from './feed-gate.js';
import type { Flush } from './flush.js';
import { noInitialTicks, readInitialPrices, type InitialPrices } from './initial-prices.js';
import { createPriceFeed } from './price-feed.js';
import { StreamContext } from './stream-context.js';

/** What every provider takes. */
export interface CommonProps {
  /** Shown while rendering on a server, while hydrating, and until the first live price. Read once, and never `fresh`. */
  initialPrices?: InitialPrices | null | undefined;
  /** @default 'frame' */
  flush?: Flush | undefined;
  children?: ReactNode;
}

/** A provider of a client that was made elsewhere, once, outside of components; who made it closes it. */
export interface GivenClientProps extends CommonProps {
  /** A `PriceWebSocketClient`, or a `PriceStream` with any dialect. */
  client: AnyStream;
  url?: undefined;
}

/** Whether a caller without types has passed a client. */
export const isClient = (client: unknown): boolean =>
  typeof client === 'object' && client !== null && 'prices' in client && 'connection' in client;

/**
 * Gives the hooks below it a client, and gathers price changes so that a burst is one render.
 *
 * @throws Error without a client
 * @example <PriceStreamProvider client={stream}>…</PriceStreamProvider>
 */
export function GivenClient({ client, initialPrices, flush = 'frame', children }: GivenClientProps): ReactElement {
  if (!isClient(client))
    throw new Error('<PriceStreamProvider>: its client is none. Pass a PriceStream or a PriceWebSocketClient.');
  // What a page was rendered with belongs to the client that it came with: another one makes its own claims.
  const [first] = useState(() => ({ client, initial: readInitialPrices(initialPrices) }));
  const initial = first.client === client ? first.initial : noInitialTicks;
  const stream = useMemo(
    () => ({ client, feed: createPriceFeed(feedClientOf(client), { flush, initial }) }),
    [client, flush, initial],
  );
  return (
    <StreamContext.Provider value={stream}>
      <FeedGate feed={stream.feed} />
      {children}
    </StreamContext.Provider>
  );
}
