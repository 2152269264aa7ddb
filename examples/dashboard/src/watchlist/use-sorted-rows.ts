/** The rows in their order. Where that depends on prices it is looked at every few seconds: rows that jump cannot be read. */
import { usePriceClient } from '@tickwire/react';
import { useMemo } from 'react';
import type { CatalogRow } from '../market/catalog-rows.js';
import { useClock } from '../shell/use-now.js';
import { sortedRows, type Sort } from './sorting.js';

const orderMs = 3_000;

/** Tells the order by one text, so that rows are arranged anew only when it differs. */
function orderReader(
  rows: readonly CatalogRow[],
  sort: Sort,
  tickOf: Parameters<typeof sortedRows>[2],
): (now: number) => string {
  let [span, order] = [-1, ''];
  return (now) => {
    const current = sort === undefined || sort.key === 'name' ? 0 : Math.floor(now / orderMs);
    if (current !== span) {
      span = current;
      order = sortedRows(rows, sort, tickOf)
        .map(({ channel }) => channel)
        .join(' ');
    }
    return order;
  };
}

export function useSortedRows(rows: readonly CatalogRow[], sort: Sort): readonly CatalogRow[] {
  const client = usePriceClient();
  const read = useMemo(() => orderReader(rows, sort, (channel) => client.prices.get(channel)), [rows, sort, client]);
  const order = useClock(read);
  return useMemo(() => {
    const byChannel = new Map(rows.map((row) => [row.channel as string, row]));
    return order.split(' ').flatMap((channel) => byChannel.get(channel) ?? []);
  }, [rows, order]);
}
