/** The portfolio of the authenticated user. */
import type { PortfolioUpdate } from '@tickwire/client';
import { useMemo, useSyncExternalStore } from 'react';
import { createEventQueue, type EventQueue } from './event-queue.js';
import { feedClientOf, type FeedClient, type Refusal } from './feed-client.js';
import { sharedBy } from './shared-store.js';
import { useStream } from './stream-context.js';
import { eventStore, whenClosed } from './use-channel-events.js';

/** What is known of the portfolio. */
export interface PortfolioState {
  /** Its last worth; as the server says it. */
  readonly portfolio: PortfolioUpdate['data'] | undefined;
  /** Why none comes: nobody is signed in, or the server has none; `null` otherwise. */
  readonly error: Refusal;
  /** Whether the first one is still waited for. */
  readonly pending: boolean;
}

/** A server sends it when it is asked for and when it changes: who comes later, by another provider, gets the last one. */
const lastOf = new WeakMap<FeedClient, PortfolioUpdate>();

const portfolioOf = /* @__PURE__ */ sharedBy((feed, client) => {
  const queue = createEventQueue<PortfolioUpdate>(1, feed.touch);
  const known = lastOf.get(client);
  if (known !== undefined) queue.add(known);
  const store = eventStore(feed, 'portfolio', queue, { take: (update) => keep(client, update, queue), userOf: client });
  // While nobody looked, the client may have been closed: what the queue still has is of another user.
  const isOther = (): boolean => store.get().items.length > 0 && !lastOf.has(client);
  return { ...store, get: () => (isOther() ? store.getInitial() : store.get()) };
});

/** Remembers it until the client is closed. */
function keep(client: FeedClient, update: PortfolioUpdate, queue: EventQueue<PortfolioUpdate>): void {
  if (!lastOf.has(client)) {
    const unfollow = whenClosed(client, () => {
      unfollow();
      lastOf.delete(client);
    });
  }
  lastOf.set(client, update);
  queue.add(update);
}

/**
 * The portfolio of the user whom the client has authenticated, live while mounted.
 *
 * @throws Error without a provider
 * @example const { portfolio, error, pending } = usePortfolio();
 */
export function usePortfolio(): PortfolioState {
  const { client, feed } = useStream('usePortfolio');
  const store = portfolioOf(feed, feedClientOf(client));
  const { items, error } = useSyncExternalStore(store.subscribe, store.get, store.getInitial);
  const portfolio = items[0]?.data;
  return useMemo(() => ({ portfolio, error, pending: portfolio === undefined && error === null }), [portfolio, error]);
}
