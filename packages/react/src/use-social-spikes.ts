/** Sudden talk about coins. */
import type { SocialSpike } from '@tickwire/client';
import type { EventList } from './event-queue.js';
import { familyChannel, useChannelEvents, type CoinEventsOptions } from './use-channel-events.js';

/**
 * The newest spikes of what is said about coins, while mounted. `null` is none.
 *
 * @throws Error without a provider
 * @example const { items, clear } = useSocialSpikes({ coinId: 'bitcoin', max: 20 });
 */
export function useSocialSpikes(options: CoinEventsOptions | null = {}): EventList<SocialSpike> {
  return useChannelEvents('useSocialSpikes', familyChannel('social', options), options ?? {});
}
