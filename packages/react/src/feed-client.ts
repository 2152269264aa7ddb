/** What hooks need of a client: a `PriceStream` of `@tickwire/client/core` has all of it, a `PriceWebSocketClient` more. */
import type { Alerts, Connection, HistoryPage, HistoryQuery, PriceStreamError, PriceTick } from '@tickwire/client';
import type { PriceStream } from '@tickwire/client/core';

/** Whatever a provider takes: a client, or a stream with any dialect. */
export type AnyStream = Pick<PriceStream, 'prices' | 'connection' | 'connect' | 'close' | 'stats'>;

/** The same without its types, which a context cannot carry: the hooks say what stands in each channel. */
export interface FeedClient {
  subscribe(
    channel: string,
    listener: (message: never) => void,
    options?: object,
  ): { ready(): Promise<unknown>; unsubscribe(): void };
  on(event: string, listener: (payload: never) => void): () => void;
  readonly prices: {
    get(channel: string): PriceTick | undefined;
    subscribe(channel: string, listener: (tick: PriceTick) => void): () => void;
  };
  readonly connection: { get(): Connection; subscribe(listener: (connection: Connection) => void): () => void };
  /** Missing where the stream is none of the contract. */
  readonly alerts?: Alerts;
  history?(channel: string, query?: HistoryQuery): Promise<HistoryPage>;
}

/** A stream as hooks use it. */
export const feedClientOf = (stream: AnyStream): FeedClient => stream as unknown as FeedClient;

/** Whether a channel is refused or its stream cannot serve it. */
export type Refusal = PriceStreamError | null;
