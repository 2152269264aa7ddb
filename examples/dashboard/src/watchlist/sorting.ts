/** In which order the rows of the list stand; pure. */
import type { PriceTick } from '@tickwire/client';
import type { CatalogRow } from '../market/catalog-rows.js';

/** What rows can be sorted by. */
export const sortKeys = ['name', 'price', 'change'] as const;
/** One of them. */
export type SortKey = (typeof sortKeys)[number];

/** `undefined`: the order that the list's owner gave it. */
export type Sort = { readonly key: SortKey; readonly descending: boolean } | undefined;

const firstIsDescending: Readonly<Record<SortKey, boolean>> = { name: false, price: true, change: true };

/** What a press on a column's title leads to: its usual direction, the other one, the owner's order again. */
export function nextSort(sort: Sort, key: SortKey): Sort {
  const usual = firstIsDescending[key];
  if (sort?.key !== key) return { key, descending: usual };
  return sort.descending === usual ? { key, descending: !usual } : undefined;
}

/** The sort that was kept in the browser. */
export function keptSort(value: unknown): Sort {
  if (typeof value !== 'object' || value === null) return undefined;
  const { key, descending } = value as Record<string, unknown>;
  const known = sortKeys.find((name) => name === key);
  return known === undefined || typeof descending !== 'boolean' ? undefined : { key: known, descending };
}

/**
 * The rows in order. What is not known stands last, whichever way the rest is sorted; equal rows keep the owner's order.
 *
 * @param tickOf the last price of a channel
 */
export function sortedRows(
  rows: readonly CatalogRow[],
  sort: Sort,
  tickOf: (channel: CatalogRow['channel']) => PriceTick | undefined,
): readonly CatalogRow[] {
  if (sort === undefined) return rows;
  const sign = sort.descending ? -1 : 1;
  if (sort.key === 'name') return rows.toSorted((one, other) => sign * one.name.localeCompare(other.name, 'en'));
  const read = sort.key === 'price' ? 'price' : 'changePercent';
  const values = new Map(rows.map(({ channel }) => [channel, tickOf(channel)?.[read]]));
  return rows.toSorted((one, other) => {
    const [left, right] = [values.get(one.channel), values.get(other.channel)];
    if (left === undefined || right === undefined) return Number(left === undefined) - Number(right === undefined);
    return sign * (left - right);
  });
}
