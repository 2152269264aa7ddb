/** One normalised price, whatever dialect brought it. */
import type { Channel, CoinPriceMessage, MetalPricesMessage } from '@tickwire/protocol';

/**
 * `fresh`: as recent as the server has it. `stale`: older than `staleAfterMs` and not confirmed. `unverified`: that old,
 * since it came or by its own time, from an older backend whose link answers but that cannot confirm a price; or younger,
 * while no link stands, or the new one has not confirmed it yet.
 */
export type Freshness = 'fresh' | 'stale' | 'unverified';

/** One price of one channel; immutable, the same object until it changes. */
export interface PriceTick {
  readonly channel: Channel;
  /** The coin's id or the metal's name. */
  readonly id: string;
  readonly price: number;
  readonly change?: number;
  /** In percent; of 24 hours for coins. */
  readonly changePercent?: number;
  readonly high?: number;
  readonly low?: number;
  readonly marketCap?: number;
  readonly volume24h?: number;
  readonly currency?: string;
  readonly unit?: string;
  /** The sender's time, ISO 8601; for people, order comes from `seq`. */
  readonly timestamp: string | undefined;
  /** Epoch milliseconds of its arrival here. */
  readonly receivedAt: number;
  readonly freshness: Freshness;
  /** The price that this client had before; missing for the first. */
  readonly previousPrice?: number;
  /** Against `previousPrice`; `same` for the first. */
  readonly direction: 'up' | 'down' | 'same';
  readonly seq?: number;
  /** The message as it came, for those who need every digit. */
  readonly source: CoinPriceMessage | MetalPricesMessage;
}

/** `client.prices`: the last price of each channel. */
export interface PriceView {
  /** The last tick of a channel; the same object until it changes. */
  get(channel: Channel): PriceTick | undefined;
  /** All last ticks by channel; the same map until one changes. */
  getAll(): ReadonlyMap<Channel, PriceTick>;
  /** Calls the listener after each change of that channel's tick; returns its undo. It does not subscribe on the wire. */
  subscribe(channel: Channel, listener: (tick: PriceTick) => void): () => void;
}
