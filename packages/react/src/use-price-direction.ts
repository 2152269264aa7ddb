/** Which way a price has just gone: what drives a flash. */
import type { PriceWebSocketClient } from '@tickwire/client';
import { useMemo, useSyncExternalStore } from 'react';
import { derivedPrice, type Derive } from './derived-price.js';
import type { AnyStream } from './feed-client.js';
import type { PriceName } from './price-channel.js';
import { useStream } from './stream-context.js';
import { noStore } from './use-selection.js';

/** Up or down; `null` once it has been held long enough, and before the first change. */
export type PriceDirection = 'up' | 'down' | null;

/** Options of {@link usePriceDirection}. */
export interface PriceDirectionOptions {
  /** For how long a change shows, in ms; another change begins anew. @default 800 */
  holdMs?: number | undefined;
}

/** Compares what is shown with what was shown before it. */
export function directionOf(holdMs: number): Derive<PriceDirection> {
  let last: number | undefined;
  let value: PriceDirection = null;
  let until = Infinity;
  return ({ tick }, now) => {
    const price = tick?.price;
    if (last !== undefined && price !== undefined && price !== last) {
      value = price > last ? 'up' : 'down';
      until = now + holdMs;
    }
    last = price ?? last;
    if (now >= until) {
      value = null;
      until = Infinity;
    }
    return { value, until };
  };
}

/**
 * `'up'` or `'down'` for a moment after each change of a channel's price, then `null`. Subscribes while mounted; without
 * a channel it is `null`.
 *
 * @throws Error without a provider
 * @example <td data-direction={usePriceDirection('coin:bitcoin', { holdMs: 500 })}>…</td>
 */
export function usePriceDirection<Stream extends AnyStream = PriceWebSocketClient>(
  channel: PriceName<Stream> | null | undefined,
  { holdMs = 800 }: PriceDirectionOptions = {},
): PriceDirection {
  const { feed } = useStream('usePriceDirection');
  const store = useMemo(
    () =>
      channel === null || channel === undefined
        ? noStore(null)
        : derivedPrice(feed, channel, directionOf(holdMs), () => null),
    [feed, channel, holdMs],
  );
  return useSyncExternalStore(store.subscribe, store.get, store.getInitial);
}
