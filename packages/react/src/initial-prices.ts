/** The prices that a server rendered with, as ticks; they are shown until the first live price of their channel. */
import type { PriceTick } from '@tickwire/client';
import { parseChannel } from '@tickwire/protocol';
import type { PriceChannel } from './price-feed.js';

/** A tick as it travels in a page: without the message that it came from. */
export type InitialPrice = Omit<PriceTick, 'source'>;

/** Prices by channel, for example `JSON.parse` of what a server rendered with. */
export type InitialPrices = Readonly<Record<string, InitialPrice>>;

/** The message that would have brought this price: a tick always has one. */
function sourceOf(tick: InitialPrice): PriceTick['source'] {
  const { id, price, change, changePercent, high, low, marketCap, volume24h, currency, unit, timestamp } = tick;
  return tick.channel.startsWith('metal:')
    ? { type: 'priceUpdate', data: { [id]: { price, change, changePercent, high, low, currency, unit, timestamp } } }
    : {
        type: 'price_update',
        data: { coinId: id, price, change, priceChange24h: changePercent, marketCap, volume24h, timestamp },
      };
}

/**
 * Reads initial prices once, so that their ticks stay the same objects.
 *
 * @returns the ticks by channel; entries whose `channel` carries no prices are left out
 */
export function readInitialPrices(prices: InitialPrices | undefined): ReadonlyMap<PriceChannel, PriceTick> {
  const ticks = new Map<PriceChannel, PriceTick>();
  for (const price of Object.values(prices ?? {})) {
    const parsed = parseChannel(price.channel);
    if (parsed?.prefix !== 'coin' && parsed?.prefix !== 'metal') continue;
    ticks.set(parsed.channel as PriceChannel, { ...price, source: sourceOf(price) });
  }
  return ticks;
}
