/** How fresh a price is, with one timer that wakes when that changes. */
import type { Freshness, PriceWebSocketClient } from '@tickwire/client';
import { useMemo, useSyncExternalStore } from 'react';
import { derivedPrice, type Derive } from './derived-price.js';
import type { AnyStream } from './feed-client.js';
import type { PriceName } from './price-channel.js';
import { useStream } from './stream-context.js';
import { noStore } from './use-selection.js';

/** Options of {@link useFreshness}. */
export interface FreshnessOptions {
  /** A price that came longer ago is stale here, whatever the client says of it. @default as the client says */
  staleAfterMs?: number | undefined;
}

/** Never fresher than the client says. */
export function freshnessOf(staleAfterMs: number): Derive<Freshness | undefined> {
  return ({ tick }, now) => {
    if (tick === undefined || tick.freshness === 'stale') return { value: tick?.freshness, until: Infinity };
    const staleAt = tick.receivedAt + staleAfterMs;
    return now >= staleAt ? { value: 'stale', until: Infinity } : { value: tick.freshness, until: staleAt };
  };
}

/**
 * The freshness of a channel's price; `undefined` before the first one and without a channel. It renders when the word
 * changes, not with every price. Subscribes while mounted.
 *
 * @throws Error without a provider
 * @example const isOld = useFreshness('coin:bitcoin', { staleAfterMs: 10_000 }) !== 'fresh';
 */
export function useFreshness<Stream extends AnyStream = PriceWebSocketClient>(
  channel: PriceName<Stream> | null | undefined,
  { staleAfterMs = Infinity }: FreshnessOptions = {},
): Freshness | undefined {
  const { feed } = useStream('useFreshness');
  const store = useMemo(
    () =>
      channel === null || channel === undefined
        ? noStore(undefined)
        : derivedPrice(feed, channel, freshnessOf(staleAfterMs), () => feed.getInitial(channel).tick?.freshness),
    [feed, channel, staleAfterMs],
  );
  return useSyncExternalStore(store.subscribe, store.get, store.getInitial);
}
