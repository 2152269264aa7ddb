/** The client: wires core, io, price store and router together and decides nothing itself. */
import type { CatalogAck, Channel } from '@tickwire/protocol';
import type { ConnectionStore } from './connection.js';
import type { ClientEventName, ClientEvents } from './events.js';
import type { ClientOptions } from './options.js';
import type { PriceView } from './price-tick.js';
import type { ChannelDelivery, SubscribeOptions, Subscription } from './subscription.js';

export declare class PriceWebSocketClient {
  constructor(url: string | (() => string | Promise<string>), options?: ClientOptions);
  readonly connection: ConnectionStore;
  readonly prices: PriceView;
  connect(options?: { signal?: AbortSignal }): Promise<void>;
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
  subscribe<const C extends Channel>(
    channels: C | readonly C[],
    listener?: (message: ChannelDelivery<C>) => void,
    options?: SubscribeOptions,
  ): Subscription<ChannelDelivery<C>>;
  on<Name extends ClientEventName>(event: Name, listener: (payload: ClientEvents[Name]) => void): () => void;
  off<Name extends ClientEventName>(event: Name, listener: (payload: ClientEvents[Name]) => void): void;
  catalog(): Promise<CatalogAck['data']>;
}
