/** A channel's price over time: what a sparkline or a chart draws. */
import type { PriceWebSocketClient } from '@tickwire/client';
import { useMemo, useSyncExternalStore } from 'react';
import { derivedPrice } from './derived-price.js';
import { feedClientOf, type AnyStream, type FeedClient } from './feed-client.js';
import type { PriceName } from './price-channel.js';
import type { StreamFeed } from './price-feed.js';
import { createPriceHistory, pointsOf, type HistoryShape, type PricePoint } from './price-history.js';
import { useStream } from './stream-context.js';
import { noStore, type ReadableStore } from './use-selection.js';

/** Options of {@link usePriceHistory}. */
export interface PriceHistoryOptions {
  /** At most so many points, the newest. @default 60 */
  points?: number | undefined;
  /** At most one point in so many ms: the last price of each span. @default 1000 */
  everyMs?: number | undefined;
}

const none: readonly PricePoint[] = [];
/** One answer of the server carries no more messages. */
const mostAsked = 1_000;

function historyStore(
  feed: StreamFeed,
  client: FeedClient,
  channel: string,
  shape: HistoryShape,
): ReadableStore<readonly PricePoint[]> {
  const history = createPriceHistory(shape);
  const store = derivedPrice(feed, channel, history.derive, () => none);
  let isAsked = false;
  return {
    ...store,
    subscribe: (listener) => {
      if (!isAsked) {
        isAsked = true;
        const id = channel.slice(channel.indexOf(':') + 1);
        // A server without a history has none to add: what comes from now on is all there is.
        void client.history?.(channel, { limit: mostAsked }).then(
          (page) => {
            history.put(pointsOf(page, id));
            store.touch();
          },
          () => {
            // Too many asked at once, or the link broke: who looks again asks again.
            isAsked = false;
          },
        );
      }
      return store.subscribe(listener);
    },
  };
}

/**
 * The prices of a channel over time, the oldest first: what the server remembers where it has a history, then what comes
 * while mounted. The same array until a point is added. Without a channel it is empty.
 *
 * @throws Error without a provider
 * @example const points = usePriceHistory('coin:bitcoin', { points: 120, everyMs: 5_000 });
 */
export function usePriceHistory<Stream extends AnyStream = PriceWebSocketClient>(
  channel: PriceName<Stream> | null | undefined,
  { points = 60, everyMs = 1_000 }: PriceHistoryOptions = {},
): readonly PricePoint[] {
  const { client, feed } = useStream('usePriceHistory');
  const store = useMemo(
    () =>
      channel === null || channel === undefined
        ? noStore(none)
        : historyStore(feed, feedClientOf(client), channel, { points, everyMs }),
    [client, feed, channel, points, everyMs],
  );
  return useSyncExternalStore(store.subscribe, store.get, store.getInitial);
}
