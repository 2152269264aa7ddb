/** What a feed has subscribed to, each with word of whether the server serves it. */
import type { PriceStreamError } from '@tickwire/client';
import type { FeedClient } from './feed-client.js';
import { errorOf } from './price-channel.js';

/** Hears why a channel is refused, or `null` once it is served. */
export type Told = (error: PriceStreamError | null) => void;

/** The subscriptions of one feed. */
export interface Subscriptions {
  /** Subscribes. Never throws: what fails is told, and holds nothing. Returns its undo; nothing is told after it. */
  open(channel: string, take: (message: never) => void, options: object | undefined, told: Told): () => void;
  /** Each connection answers anew. */
  askAnew(): void;
}

/** Makes the subscriptions of a client. */
export function createSubscriptions(client: FeedClient): Subscriptions {
  const asks = new Set<() => void>();
  return {
    open: (channel, take, options, told) => {
      let undo: () => void;
      let ready: () => Promise<unknown>;
      try {
        const subscription = client.subscribe(channel, take, options);
        undo = () => subscription.unsubscribe();
        ready = () => subscription.ready();
      } catch (cause) {
        told(errorOf(cause));
        return () => undefined;
      }
      const ask = (): void =>
        void ready().then(
          () => asks.has(ask) && told(null),
          (cause: unknown) => {
            const error = errorOf(cause);
            // A client that is closed says so itself.
            if (asks.has(ask) && error.code !== 'CLOSED') told(error);
          },
        );
      asks.add(ask);
      ask();
      return () => {
        if (asks.delete(ask)) undo();
      };
    },
    askAnew: () => {
      for (const ask of asks) ask();
    },
  };
}
