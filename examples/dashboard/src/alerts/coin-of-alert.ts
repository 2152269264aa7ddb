/** What alerts call their coin, and how they write its prices. */
import { coinTitle, type CatalogRow } from '../market/catalog-rows.js';
import { formatPrice } from '../market/format-price.js';
import type { WritePrice } from './alert-words.js';

/** A coin as alerts show it. */
export interface CoinOfAlert {
  name: string;
  write: WritePrice;
}

/** @param coinId absent: the alert is about any coin */
export function coinOfAlert(
  coinId: string | number | null | undefined,
  rows: ReadonlyMap<string, CatalogRow>,
): CoinOfAlert {
  if (coinId === null || coinId === undefined) return { name: 'Any coin', write: (price) => formatPrice(price, 'USD') };
  const currency = rows.get(`coin:${coinId}`)?.currency;
  return { name: coinTitle(coinId, rows).name, write: (price) => formatPrice(price, currency) };
}
