/** The events of one channel as a list. Every hook of events stands on this one. */
import type { FilterCondition } from '@tickwire/client';
import { useMemo, useSyncExternalStore } from 'react';
import { createEventQueue, type EventList, type EventQueue } from './event-queue.js';
import type { StreamFeed } from './price-feed.js';
import { useStream } from './stream-context.js';
import type { ReadableStore } from './use-selection.js';

/** What every list of events takes; compared by value, so that inline literals are fine. */
export interface EventListOptions {
  /** How many are kept, the newest. @default 100 */
  max?: number | undefined;
  /** 1 to 8 conditions that must all hold, as `filter` of the client's `subscribe`. */
  filter?: readonly FilterCondition[] | null | undefined;
}

/** Fills a queue from a channel while somebody looks. @param take what is done with each event */
export function eventStore<Event>(
  feed: StreamFeed,
  channel: string | null,
  queue: EventQueue<Event>,
  options?: object,
  take = queue.add,
): ReadableStore<EventList<Event>> {
  return {
    get: queue.get,
    getInitial: queue.getInitial,
    subscribe: (listener) => {
      const own = (): void => listener();
      const isFirst = queue.listeners.size === 0;
      queue.listeners.add(own);
      queue.refresh();
      const close = channel === null || !isFirst ? undefined : feed.open(channel, take, options, queue.fail);
      return () => {
        queue.listeners.delete(own);
        if (queue.listeners.size === 0) feed.forget(queue);
        close?.();
      };
    },
  };
}

/** @param channel `null`: none, the list stays empty */
export function useChannelEvents<Event>(
  hook: string,
  channel: string | null,
  { max = 100, filter }: EventListOptions,
): EventList<Event> {
  const { feed } = useStream(hook);
  const conditions = JSON.stringify(filter ?? null);
  const store = useMemo(() => {
    const given = JSON.parse(conditions) as FilterCondition[] | null;
    const queue = createEventQueue<Event>(max, feed.touch);
    return eventStore(feed, channel, queue, given === null ? undefined : { filter: given });
  }, [feed, channel, conditions, max]);
  return useSyncExternalStore(store.subscribe, store.get, store.getInitial);
}

/** Options of a list whose events are of coins. */
export interface CoinEventsOptions extends EventListOptions {
  /** Of one coin alone; a `coinId` that is there and `undefined` or `null` is none. @default of all coins */
  coinId?: string | null | undefined;
}

/** The channel of a family of events: of all coins, of one, or `null` where none is selected. */
export function familyChannel(family: 'whales' | 'social', options: CoinEventsOptions | null): string | null {
  if (options === null) return null;
  if (!('coinId' in options)) return family;
  return typeof options.coinId === 'string' ? `${family}:${options.coinId}` : null;
}
