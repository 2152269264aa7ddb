/** The events of one channel as a list. Every hook of events stands on this one. */
import type { FilterCondition } from '@tickwire/client';
import { useMemo, useSyncExternalStore } from 'react';
import { createEventQueue, type EventList, type EventQueue } from './event-queue.js';
import { feedClientOf, type FeedClient } from './feed-client.js';
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

/** Runs `forget` whenever the client is closed: what it had of a user is not for the next one. Returns the undo. */
export function whenClosed({ connection }: FeedClient, forget: () => void): () => void {
  return connection.subscribe(({ status }) => {
    if (status === 'closed') forget();
  });
}

/** How a queue is filled. */
interface Filling<Event> {
  readonly options?: object | undefined;
  /** What is done with each event. @default it goes into the queue */
  readonly take?: ((event: Event) => void) | undefined;
  /** Where the events belong to the user of this client, whom closing it signs out. */
  readonly userOf?: FeedClient | undefined;
}

/** Fills a queue from a channel while somebody looks. */
export function eventStore<Event>(
  feed: StreamFeed,
  channel: string | null,
  queue: EventQueue<Event>,
  { options, take = queue.add, userOf }: Filling<Event> = {},
): ReadableStore<EventList<Event>> {
  const forget = (): void => queue.get().clear();
  return {
    get: queue.get,
    getInitial: queue.getInitial,
    subscribe: (listener) => {
      const own = (): void => listener();
      const isFirst = queue.listeners.size === 0;
      queue.listeners.add(own);
      queue.refresh();
      const isOpener = channel !== null && isFirst;
      const close = isOpener ? feed.open(channel, take, options, queue.fail) : undefined;
      const unfollow = isOpener && userOf !== undefined ? whenClosed(userOf, forget) : undefined;
      return () => {
        queue.listeners.delete(own);
        if (queue.listeners.size === 0) feed.forget(queue);
        close?.();
        unfollow?.();
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
  const { client, feed } = useStream(hook);
  const conditions = JSON.stringify(filter ?? null);
  const store = useMemo(() => {
    const given = JSON.parse(conditions) as FilterCondition[] | null;
    const queue = createEventQueue<Event>(max, feed.touch);
    return eventStore(feed, channel, queue, {
      options: given === null ? undefined : { filter: given },
      userOf: channel === 'user' ? feedClientOf(client) : undefined,
    });
  }, [client, feed, channel, conditions, max]);
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
