/** What all components below one provider share beside prices: made when the first of them asks, gone with the feed. */
import type { FeedClient } from './feed-client.js';
import type { StreamFeed } from './price-feed.js';

/** @returns a function that gives the same thing for the same feed */
export function sharedBy<Thing>(
  make: (feed: StreamFeed, client: FeedClient) => Thing,
): (feed: StreamFeed, client: FeedClient) => Thing {
  const things = new WeakMap<StreamFeed, Thing>();
  return (feed, client) => {
    const thing = things.get(feed) ?? make(feed, client);
    things.set(feed, thing);
    return thing;
  };
}
