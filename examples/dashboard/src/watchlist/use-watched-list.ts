/** The list of the page, kept in the browser from one visit to the next. */
import { useCallback, useMemo, useState } from 'react';
import type { CatalogRow } from '../market/catalog-rows.js';
import { browserStorage, readStored, store } from '../shell/stored.js';
import { defaultList, keptList, type WatchedList } from './list.js';

const key = 'tickwire.watchlist';

/** The list, and how it is changed. */
export interface Watched {
  list: WatchedList;
  /** Gives the list another shape; the next visit finds it so. */
  change: (next: (list: WatchedList) => WatchedList) => void;
}

/**
 * The list that was kept, or that of a first visit.
 * @param rows the catalog's
 * @param shownRows so many rows of the catalog instead of a person's own list, which then stays as it is
 */
export function useWatchedList(rows: ReadonlyMap<string, CatalogRow>, shownRows: number | undefined): Watched {
  const [kept, setKept] = useState<WatchedList | undefined>(() =>
    shownRows === undefined ? readStored(browserStorage(), key, keptList) : undefined,
  );
  const list = useMemo(() => {
    if (kept !== undefined) return kept;
    return shownRows === undefined
      ? defaultList(rows)
      : [...rows.values()].slice(0, shownRows).map((row) => row.channel);
  }, [kept, rows, shownRows]);
  const change = useCallback<Watched['change']>(
    (next) => {
      const changed = next(list);
      if (changed === list) return;
      setKept(changed);
      if (shownRows === undefined) store(browserStorage(), key, changed);
    },
    [list, shownRows],
  );
  return useMemo(() => ({ list, change }), [list, change]);
}
