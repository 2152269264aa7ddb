/** A tick without a client that made it. */
import type { PriceTick } from '@tickwire/client';
import type { PriceChannel } from '../src/price-channel.js';

export function tickOf(channel: PriceChannel, price: number): PriceTick {
  const id = channel.slice(channel.indexOf(':') + 1);
  return {
    channel,
    id,
    price,
    timestamp: undefined,
    receivedAt: 1,
    freshness: 'fresh',
    direction: 'same',
    source: { type: 'price_update', data: { coinId: id, price } },
  };
}
