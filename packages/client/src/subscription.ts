/** The handle that `subscribe` returns, as users see it. */
import type {
  AlertTriggered,
  Announcement,
  Channel,
  FilterCondition,
  PortfolioUpdate,
  SocialSpike,
  WhaleMovement,
} from '@tickwire/protocol';
import type { Overflow } from './async-queue.js';
import type { Disposes } from './disposal.js';
import type { PriceTick } from './price-tick.js';

/** What a channel delivers, by its prefix. */
export type ChannelDelivery<C extends Channel> = C extends `coin:${string}` | `metal:${string}`
  ? PriceTick
  : C extends 'whales' | `whales:${string}`
    ? WhaleMovement
    : C extends 'social' | `social:${string}`
      ? SocialSpike
      : C extends 'global'
        ? Announcement
        : C extends 'user'
          ? AlertTriggered
          : C extends 'portfolio'
            ? PortfolioUpdate
            : never;

/** How a subscription is thinned and when it ends. */
export interface SubscribeOptions extends StreamOptions {
  /** At most one delivery per channel in this many milliseconds, the last value wins; state channels only. */
  minIntervalMs?: number | undefined;
  /** 1 to 8 conditions that must all hold. */
  filter?: readonly FilterCondition[] | undefined;
}

/** How an async iteration buffers what its loop has not read yet. */
export interface StreamOptions {
  /** Aborting ends it. */
  signal?: AbortSignal | undefined;
  /** Messages that may wait. @default 256 */
  bufferSize?: number | undefined;
  /** `latest` keeps the newest of each channel. @default 'latest' for prices, 'drop-oldest' for events */
  overflow?: Overflow | undefined;
}

/** How long `ready` waits. */
export interface ReadyOptions {
  /** Aborting ends the wait. */
  signal?: AbortSignal | undefined;
  /**
   * Milliseconds, counted while there is a connection, anew for each; with `dialect: 'tickwire'` also while a socket is
   * open whose server does not greet, all of these together.
   *
   * @default 15_000
   */
  timeoutMs?: number | undefined;
}

/** A subscription to one or more channels. Several on one channel share one subscription on the wire. */
export interface Subscription<Delivery> extends AsyncIterable<Delivery>, Disposes {
  readonly channels: readonly Channel[];
  /**
   * Whether it delivers, or will once the connection is there: it has not ended, and the client is neither closed nor
   * failed, whoever ended that. One with a listener outlives such an end: it is active again after `connect()`.
   */
  readonly active: boolean;
  /**
   * Resolves once the server has confirmed every channel, or cannot (`confirmed: false`, older dialects).
   *
   * @throws PriceStreamError when the server refuses a channel; `REQUEST_TIMEOUT` when the connection has been up for
   * `timeoutMs` (default 15,000) and there is no answer yet, or a server opens and sends no `hello` for as long: the
   * subscription stands and goes on being asked for;
   * `CLOSED` when the client or the handle is closed.
   */
  ready(options?: ReadyOptions): Promise<{ confirmed: boolean }>;
  /** Ends it; nothing is delivered after this returns. Idempotent. */
  unsubscribe(): void;
  /** Leaving the loop in any way unsubscribes. */
  [Symbol.asyncIterator](): AsyncIterableIterator<Delivery>;
}
