/** What channels of prices are called, and what is wrong with a name that carries none. */
import type { Channel, PriceTick, PriceWebSocketClient } from '@tickwire/client';
import { PriceStreamError, type DeliveryOf, type NameOf, type PriceStream } from '@tickwire/client/core';
import type { AnyStream } from './feed-client.js';

/** A channel that carries prices: `coin:<id>` or `metal:<name>`. */
export type PriceChannel = Extract<Channel, `coin:${string}` | `metal:${string}`>;

/** What a stream's channels of prices are called: for a client a {@link PriceChannel}, for others what their dialect says. */
export type PriceName<Stream extends AnyStream> = Stream extends PriceWebSocketClient
  ? PriceChannel
  : Stream extends PriceStream<infer Channels, infer _Events>
    ? NameOf<Channels>
    : never;

/** The price that a stream delivers in a channel. */
export type PriceOf<Stream extends AnyStream> = Stream extends PriceWebSocketClient
  ? PriceTick
  : Stream extends PriceStream<infer Channels, infer _Events>
    ? DeliveryOf<Channels, NameOf<Channels>>
    : never;

/** Channels of the contract that carry something else. */
const unpriced = /^(?:whales|social|global|user|portfolio)(?::|$)/;

/** What to write instead of a name that is one, but of no price; what is no name at all, the stream itself refuses. */
export function wrongChannel(channel: unknown): PriceStreamError | undefined {
  if (typeof channel !== 'string' || !unpriced.test(channel)) return undefined;
  return new PriceStreamError('CONFIGURATION', `'${channel}' carries no prices. Write for example 'coin:bitcoin'.`);
}

/** Whatever was thrown, as the error that hooks show. */
export function errorOf(cause: unknown): PriceStreamError {
  if (cause instanceof PriceStreamError) return cause;
  const message = cause instanceof Error ? cause.message : 'The client refused without a reason.';
  return new PriceStreamError('UNAVAILABLE', message, { cause });
}
