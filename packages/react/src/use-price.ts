/** One channel's price, or a part of it. */
import type { PriceTick, PriceWebSocketClient } from '@tickwire/client';
import { useCallback } from 'react';
import type { AnyStream } from './feed-client.js';
import type { PriceName, PriceOf } from './price-channel.js';
import type { PriceState } from './price-feed.js';
import { useChannel } from './use-price-state.js';

const whole = (tick: PriceTick | undefined): PriceTick | undefined => tick;

/**
 * The last price of a channel, or `undefined` before the first one; subscribes while mounted. Without a channel there is
 * none. A channel that is refused, or is none, stays `undefined`, and the console says why: `usePriceState` shows it.
 *
 * @param select what to render by: the component renders again only when that changes
 * @param isEqual for selections that are objects; @default Object.is
 * @throws Error without a provider
 * @example usePrice('coin:bitcoin', (tick) => tick?.price)
 * @example usePrice<typeof stream>('eurusd') // a channel of a dialect of your own
 */
export function usePrice<Stream extends AnyStream = PriceWebSocketClient>(
  channel: PriceName<Stream> | null | undefined,
): PriceOf<Stream> | undefined;
export function usePrice<Selected, Stream extends AnyStream = PriceWebSocketClient>(
  channel: PriceName<Stream> | null | undefined,
  select: (tick: PriceOf<Stream> | undefined) => Selected,
  isEqual?: (a: Selected, b: Selected) => boolean,
): Selected;
export function usePrice(
  channel: string | null | undefined,
  select: (tick: PriceTick | undefined) => unknown = whole,
  isEqual: (a: unknown, b: unknown) => boolean = Object.is,
): unknown {
  const selectTick = useCallback(({ tick }: PriceState) => select(tick), [select]);
  return useChannel(channel, { hook: 'usePrice', tells: false, select: selectTick, isEqual });
}
