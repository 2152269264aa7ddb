/** The prices of several channels as one object. */
import { useMemo, useSyncExternalStore } from 'react';
import { keyedReader, type KeyedPrices } from './keyed-prices.js';
import type { PriceChannel } from './price-feed.js';
import { useStream } from './stream-context.js';

/**
 * The last prices by channel; a key is absent until its first price. Subscribes while mounted.
 *
 * @param channels compared by value: an inline array is as good as a constant one
 * @throws Error without a provider
 * @example usePrices(['coin:bitcoin', 'metal:gold'])['metal:gold']?.price
 */
export function usePrices<const Name extends PriceChannel>(channels: readonly Name[]): KeyedPrices<Name> {
  const { feed, initial } = useStream('usePrices');
  const names = JSON.stringify(channels);
  const store = useMemo(() => {
    const byName = new Map((JSON.parse(names) as Name[]).map((name) => [name, name]));
    return {
      subscribe: (listener: () => void) => feed.subscribe(byName.values(), listener),
      get: keyedReader(byName, (channel) => feed.get(channel) ?? initial.get(channel)),
      getInitial: keyedReader(byName, (channel) => initial.get(channel)),
    };
  }, [feed, initial, names]);
  return useSyncExternalStore(store.subscribe, store.get, store.getInitial);
}
