/** Finds instruments of the catalog by what a person types; pure. */
import type { CatalogRow } from '../market/catalog-rows.js';

/** How many are offered; who does not find theirs among them types on. */
export const mostFound = 50;

function rank(row: CatalogRow, words: string): number {
  const name = row.name.toLowerCase();
  const symbol = row.symbol?.toLowerCase() ?? '';
  if (symbol === words || name === words) return 0;
  if (symbol.startsWith(words)) return 1;
  if (name.startsWith(words)) return 2;
  return name.includes(words) || symbol.includes(words) || row.channel.includes(words) ? 3 : 4;
}

/** The instruments that match, the best first, in the catalog's order where they match alike; all for nothing typed. */
export function found(rows: Iterable<CatalogRow>, typed: string): CatalogRow[] {
  const words = typed.trim().toLowerCase();
  const all = Array.from(rows, (row) => ({ row, at: words === '' ? 0 : rank(row, words) })).filter(({ at }) => at < 4);
  return all
    .sort((one, other) => one.at - other.at)
    .slice(0, mostFound)
    .map(({ row }) => row);
}
