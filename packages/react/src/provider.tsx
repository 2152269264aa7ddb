/** Hands a client down to the hooks; the client stays its maker's: nothing here connects or closes it. */
import type { PriceWebSocketClient } from '@tickwire/client';
import { useMemo, useState, type ReactElement, type ReactNode } from 'react';
import { FeedGate } from './feed-gate.js';
import type { Flush } from './flush.js';
import { noInitialTicks, readInitialPrices, type InitialPrices } from './initial-prices.js';
import { createPriceFeed } from './price-feed.js';
import { StreamContext } from './stream-context.js';

/** Props of {@link PriceStreamProvider}. */
export interface PriceStreamProviderProps {
  /** Made once, outside of components; who made it closes it. */
  client: PriceWebSocketClient;
  /** Shown while rendering on a server, while hydrating, and until the first live price. Read once, and never `fresh`. */
  initialPrices?: InitialPrices | null | undefined;
  /** @default 'frame' */
  flush?: Flush | undefined;
  children?: ReactNode;
}

/** Gives the hooks below it their client, and gathers price changes so that a burst is one render. */
export function PriceStreamProvider({
  client,
  initialPrices,
  flush = 'frame',
  children,
}: PriceStreamProviderProps): ReactElement {
  // What a page was rendered with belongs to the client that it came with: another one makes its own claims.
  const [first] = useState(() => ({ client, initial: readInitialPrices(initialPrices) }));
  const initial = first.client === client ? first.initial : noInitialTicks;
  const stream = useMemo(
    () => ({ client, feed: createPriceFeed(client, { flush, initial }) }),
    [client, flush, initial],
  );
  return (
    <StreamContext.Provider value={stream}>
      <FeedGate feed={stream.feed} />
      {children}
    </StreamContext.Provider>
  );
}
