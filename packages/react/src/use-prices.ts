/** The prices of several channels as one object. */
import { useMemo, useSyncExternalStore } from 'react';
import { keyedReader, type KeyedPrices } from './keyed-prices.js';
import type { AnyStream } from './feed-client.js';
import type { PriceChannel, PriceName, PriceOf } from './price-channel.js';
import { useStream } from './stream-context.js';

/**
 * The last prices by channel; a key is absent until its first price. Subscribes while mounted.
 *
 * @param channels compared by value: an inline array is as good as a constant one; none gives an empty object, and so
 * does a place in it that is `undefined`
 * @throws Error without a provider
 * @example usePrices(['coin:bitcoin', 'metal:gold'])['metal:gold']?.price
 */
export function usePrices<const Name extends PriceChannel>(
  channels: readonly (Name | null | undefined)[] | null | undefined,
): KeyedPrices<Name>;
export function usePrices<Stream extends AnyStream>(
  channels: readonly (PriceName<Stream> | null | undefined)[] | null | undefined,
): KeyedPrices<PriceName<Stream>, PriceOf<Stream>>;
export function usePrices(channels: readonly (string | null | undefined)[] | null | undefined): KeyedPrices<string> {
  const { feed } = useStream('usePrices');
  const names = JSON.stringify(channels ?? []);
  const store = useMemo(() => {
    const given = JSON.parse(names) as (string | null)[];
    const byName = new Map(given.flatMap((name) => (name === null ? [] : [[name, name]])));
    return {
      subscribe: (listener: () => void) => feed.subscribe(byName.values(), listener),
      get: keyedReader(byName, (channel) => feed.get(channel).tick),
      getInitial: keyedReader(byName, (channel) => feed.getInitial(channel).tick),
    };
  }, [feed, names]);
  return useSyncExternalStore(store.subscribe, store.get, store.getInitial);
}
