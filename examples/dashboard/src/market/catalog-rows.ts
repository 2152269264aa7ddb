/** What the catalog says of a channel, as a row of the table shows it; pure. */
import { parseChannel, type CatalogItem } from '@tickwire/protocol';
import type { PriceChannel } from '@tickwire/react';

/** One instrument of the table. */
export interface CatalogRow {
  channel: PriceChannel;
  kind: 'coin' | 'metal';
  name: string;
  /** The first alias that is a text, for example `BTC`; absent where it would repeat the name. */
  symbol?: string;
  currency?: string;
  /** What one price is for: `gram`, `ounce`. */
  unit?: string;
  /** A word for prices that are not of this moment's market; absent for those that are. */
  origin?: string;
  /** Whether the catalog does not have it: it was kept from another day or server. */
  unlisted?: true;
}

/** A coin by name. */
export type CoinTitle = Pick<CatalogRow, 'name' | 'symbol'>;

const origins: ReadonlyMap<unknown, string> = new Map([
  ['simulated', 'Simulated'],
  ['replay', 'Replay'],
]);

/** The word for a `source` that is not of this moment's market; `undefined` for one that is, or that is not named. */
export function originOf(source: unknown): string | undefined {
  return origins.get(source);
}

/** `shiba-inu` → `Shiba Inu`; a trading pair such as `skl-usd` stays one: `SKL-USD`. */
function nameOf(id: string, currency: string | undefined): string {
  if (currency !== undefined && id.endsWith(`-${currency.toLowerCase()}`)) return id.toUpperCase();
  return id
    .split(/[-_]/)
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join(' ');
}

function rowOf(item: CatalogItem): CatalogRow | undefined {
  const parsed = parseChannel(item.channel);
  if (parsed?.id === undefined || (parsed.prefix !== 'coin' && parsed.prefix !== 'metal')) return undefined;
  const currency = item.currency ?? undefined;
  const unit = item.unit ?? undefined;
  const name = nameOf(parsed.id, currency);
  const symbol = item.aliases?.find((alias) => typeof alias === 'string');
  const origin = originOf(item['source']);
  return {
    channel: `${parsed.prefix}:${parsed.id}`,
    kind: parsed.prefix,
    name,
    ...(typeof symbol !== 'string' || symbol === name ? {} : { symbol }),
    ...(currency === undefined ? {} : { currency }),
    ...(unit === undefined ? {} : { unit }),
    ...(origin === undefined ? {} : { origin }),
  };
}

/** The row of an instrument that the catalog does not have, named after its channel. */
export function unlistedRow(channel: PriceChannel): CatalogRow {
  const [kind, id] = channel.split(/:(.*)/s);
  return { channel, kind: kind === 'metal' ? 'metal' : 'coin', name: nameOf(id ?? '', undefined), unlisted: true };
}

/** The rows of a catalog in its order; channels that carry no prices are left out, and so is a channel's second entry. */
export function catalogRows(items: readonly CatalogItem[]): CatalogRow[] {
  const rows = new Map<string, CatalogRow>();
  for (const item of items) {
    const row = rowOf(item);
    if (row !== undefined && !rows.has(row.channel)) rows.set(row.channel, row);
  }
  return [...rows.values()];
}

/** What events call a coin: as the catalog does, or after its id where the catalog does not have it. */
export function coinTitle(coinId: string | number, rows: ReadonlyMap<string, CatalogRow>): CoinTitle {
  const row = rows.get(`coin:${coinId}`);
  if (row !== undefined) return row;
  return { name: typeof coinId === 'number' ? `Coin ${coinId}` : nameOf(coinId, undefined) };
}
