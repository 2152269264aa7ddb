/** Several prices as one object that stays the same until one of them changes, as React's stores ask for. */
import type { PriceTick } from '@tickwire/client';

/** Prices by channel or by id; a key is absent until its first price. */
export type KeyedPrices<Key extends string, Tick = PriceTick> = Readonly<Partial<Record<Key, Tick>>>;

/**
 * Makes a reader of several channels.
 *
 * @param channels the channel of each key
 * @returns a function that gives the same object as long as `read` gives the same ticks
 */
export function keyedReader<Key extends string>(
  channels: ReadonlyMap<Key, string>,
  read: (channel: string) => PriceTick | undefined,
): () => KeyedPrices<Key> {
  let last: readonly (PriceTick | undefined)[] | undefined;
  let prices = {} as KeyedPrices<Key>;
  return () => {
    const ticks = Array.from(channels.values(), read);
    if (last === undefined || ticks.some((tick, index) => tick !== last?.[index])) {
      const present = Array.from(channels.keys(), (key, index) => [key, ticks[index]] as const).filter(
        ([, tick]) => tick !== undefined,
      );
      // fromEntries defines keys of any name as own ones; an assignment would not.
      prices = Object.fromEntries(present) as KeyedPrices<Key>;
      last = ticks;
    }
    return prices;
  };
}
