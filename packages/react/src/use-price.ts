/** One channel's price, or a part of it. */
import type { PriceTick } from '@tickwire/client';
import { useMemo } from 'react';
import type { PriceChannel } from './price-feed.js';
import { useStream } from './stream-context.js';
import { useSelection, type ReadableStore } from './use-selection.js';

const whole = (tick: PriceTick | undefined): PriceTick | undefined => tick;

/**
 * The last price of a channel, or `undefined` before the first one; subscribes while mounted.
 *
 * @param select what to render by: the component renders again only when that changes
 * @param isEqual for selections that are objects; @default Object.is
 * @throws Error without a provider
 */
export function usePrice(channel: PriceChannel): PriceTick | undefined;
export function usePrice<Selected>(
  channel: PriceChannel,
  select: (tick: PriceTick | undefined) => Selected,
  isEqual?: (a: Selected, b: Selected) => boolean,
): Selected;
export function usePrice(
  channel: PriceChannel,
  select: (tick: PriceTick | undefined) => unknown = whole,
  isEqual: (a: unknown, b: unknown) => boolean = Object.is,
): unknown {
  const { feed, initial } = useStream('usePrice');
  const store = useMemo(
    (): ReadableStore<PriceTick | undefined> => ({
      subscribe: (listener) => feed.subscribe([channel], listener),
      get: () => feed.get(channel) ?? initial.get(channel),
      getInitial: () => initial.get(channel),
    }),
    [feed, initial, channel],
  );
  return useSelection(store, select, isEqual);
}
