/** What the tab says; pure. */
import type { PriceTick } from '@tickwire/client';
import type { CatalogRow } from '../market/catalog-rows.js';
import { formatPrice } from '../market/format-price.js';

const site = 'Tickwire – live prices';

/** `$64,000.50 Bitcoin`; the page's own name before there is a price. */
export function titleOf(row: CatalogRow | undefined, tick: PriceTick | undefined, live: boolean): string {
  if (row === undefined || tick === undefined) return site;
  const words = `${formatPrice(tick.price, row.currency ?? tick.currency)} ${row.symbol ?? row.name}`;
  return live ? words : `${words} (not live)`;
}
