/** What is known of one channel's price. Every hook of a channel stands on this one. */
import type { PriceWebSocketClient } from '@tickwire/client';
import { useMemo } from 'react';
import type { AnyStream } from './feed-client.js';
import type { PriceName, PriceOf } from './price-channel.js';
import { noPrice, type PriceState } from './price-feed.js';
import { useStream } from './stream-context.js';
import { noStore, useSelection, type ReadableStore } from './use-selection.js';

const whole = (state: PriceState): PriceState => state;

/** How a hook looks at a channel. */
interface View<Selected> {
  /** The hook's name, for the error without a provider. */
  readonly hook: string;
  /** Whether it shows errors; the console tells of those that no hook shows. */
  readonly tells: boolean;
  readonly select: (state: PriceState) => Selected;
  readonly isEqual: (a: Selected, b: Selected) => boolean;
}

/** A part of a channel's state; no channel is none, and one that is refused says so in its state. */
export function useChannel<Selected>(
  channel: string | null | undefined,
  { hook, tells, select, isEqual }: View<Selected>,
): Selected {
  const { feed } = useStream(hook);
  const store = useMemo(
    (): ReadableStore<PriceState> =>
      channel === null || channel === undefined
        ? noStore(noPrice)
        : {
            subscribe: (listener) => feed.subscribe([channel], listener, tells),
            get: () => feed.get(channel),
            getInitial: () => feed.getInitial(channel),
          },
    [feed, channel, tells],
  );
  return useSelection(store, select, isEqual);
}

/**
 * A channel's last price, and why there is none: `{ tick, error, pending }`. Without a channel all three are empty; while
 * the first price is waited for, `pending`; where the server refuses the channel, or it is none, `error` says why.
 * Subscribes while mounted.
 *
 * @throws Error without a provider
 * @example const { tick, error, pending } = usePriceState('coin:bitcoin');
 */
export function usePriceState<Stream extends AnyStream = PriceWebSocketClient>(
  channel: PriceName<Stream> | null | undefined,
): PriceState<PriceOf<Stream>> {
  const state = useChannel(channel, { hook: 'usePriceState', tells: true, select: whole, isEqual: Object.is });
  return state as PriceState<PriceOf<Stream>>;
}
