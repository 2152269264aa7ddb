/** Movements of whales. */
import type { WhaleMovement } from '@tickwire/client';
import type { EventList } from './event-queue.js';
import { familyChannel, useChannelEvents, type CoinEventsOptions } from './use-channel-events.js';

/**
 * The newest movements of large holders, while mounted. `null` is none.
 *
 * @throws Error without a provider
 * @example const { items, total } = useWhaleMovements({ filter: [{ key: 'usdValue', cmp: 'gte', val: 1_000_000 }] });
 */
export function useWhaleMovements(options: CoinEventsOptions | null = {}): EventList<WhaleMovement> {
  return useChannelEvents('useWhaleMovements', familyChannel('whales', options), options ?? {});
}
