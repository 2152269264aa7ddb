/** The list of instruments that a person watches, or words where there are no prices. */
import { useConnection, usePriceClient, type PriceChannel } from '@tickwire/react';
import { lazy, Suspense, useEffect, useMemo, useState, type ReactElement, type ReactNode } from 'react';
import { unlistedRow, type CatalogRow } from '../market/catalog-rows.js';
import type { CatalogState } from '../market/catalog-store.js';
import { useMarket } from '../market/market.js';
import { Panel } from '../shell/panel.js';
import { PassingButton } from '../shell/passing-button.js';
import { browserStorage, readStored, store } from '../shell/stored.js';
import { withChannel, withMoved, withoutChannel, type WatchedList } from './list.js';
import type { RowActions } from './row-tools.js';
import { keptSort, type Sort } from './sorting.js';
import { useSortedRows } from './use-sorted-rows.js';

// Not part of the first load: most people compose their list once.
const CatalogSearch = lazy(() => import('./catalog-search.js'));
// Fetched while the socket connects: it is there before the catalog is.
const table = import('./watchlist-table.js');
const WatchlistTable = lazy(async () => ({ default: (await table).WatchlistTable }));
const noChannels: WatchedList = [];

function Notice({ title, children }: { title: string; children: ReactNode }): ReactElement {
  return (
    <div className="notice">
      <h3>{title}</h3>
      {children}
    </div>
  );
}

/** Lets an impatient person not wait for the next attempt; nothing while an attempt is under way. */
function ConnectNow(): ReactNode {
  const client = usePriceClient();
  const waits = useConnection(({ status }) => status === 'reconnecting' || status === 'closed' || status === 'failed');
  return (
    waits && <PassingButton onClick={() => void client.connect().catch(() => undefined)}>Connect now</PassingButton>
  );
}

/** Words for a catalog that has no rows to show; nothing for one that has. */
export function CatalogNotice({
  catalog,
  live,
  askAgain,
}: {
  catalog: CatalogState;
  /** Whether the connection stands. */
  live: boolean;
  askAgain: () => void;
}): ReactNode {
  if (catalog.state === 'waiting') {
    return (
      <Notice title={live ? 'Asking for the list of prices…' : 'No connection yet'}>
        <p>The prices appear here by themselves as soon as the server answers.</p>
        <ConnectNow />
      </Notice>
    );
  }
  if (catalog.state === 'refused') {
    return (
      <Notice title="This server does not say which prices it has">
        <p>{catalog.reason}</p>
        <p>Servers of an older dialect have no catalog. The connection itself stays open.</p>
        <PassingButton onClick={askAgain}>Ask again</PassingButton>
      </Notice>
    );
  }
  return (
    catalog.rows.length === 0 && (
      <Notice title="No prices yet">
        <p>The server answers, but has no coins or metals to show.</p>
      </Notice>
    )
  );
}

/** Where all of the list come from, when they agree on it; `undefined` where each row says it itself. */
function sharedOrigin(rows: readonly CatalogRow[]): { origin: string | undefined } | undefined {
  const origins = new Set(rows.map(({ origin }) => origin));
  const [origin] = origins;
  return origins.size <= 1 ? { origin } : undefined;
}

/** Keeps the prices of rows that are out of sight coming: they are sorted by, and there at once when scrolled to. */
function useAllPrices(list: WatchedList): void {
  const client = usePriceClient();
  useEffect(() => {
    if (list.length === 0) return;
    const subscription = client.subscribe(list, () => undefined);
    return () => subscription.unsubscribe();
  }, [client, list]);
}

const sortStorageKey = 'tickwire.sort';

export function WatchlistPanel(): ReactElement {
  const { catalog, rows, live, askAgain, watched, trails, selected, select } = useMarket();
  const { list, change } = watched;
  const [sort, setSort] = useState<Sort>(() => readStored(browserStorage(), sortStorageKey, keptSort));
  const [isEditing, setEditing] = useState(false);
  const [isSearching, setSearching] = useState(false);
  const [said, say] = useState('');
  const [added, setAdded] = useState<PriceChannel>();
  const own = useMemo(() => list.map((channel) => rows.get(channel) ?? unlistedRow(channel)), [list, rows]);
  const sorted = useSortedRows(own, isEditing ? undefined : sort);
  const isReady = catalog.state === 'ready' && catalog.rows.length > 0;
  const shared = sharedOrigin(own);
  useAllPrices(isReady ? list : noChannels);

  const actions = useMemo<RowActions>(() => {
    const name = (channel: PriceChannel): string => rows.get(channel)?.name ?? channel;
    return {
      move: (channel, to) => {
        change((now) => withMoved(now, channel, to));
        const place = Math.min(Math.max(to, 0), list.length - 1) + 1;
        say(`${name(channel)} is number ${place} of ${list.length}.`);
      },
      remove: (channel) => {
        change((now) => withoutChannel(now, channel));
        say(`${name(channel)} is out of the list.`);
      },
    };
  }, [change, list.length, rows]);

  const changeSort = (next: Sort): void => {
    setSort(next);
    store(browserStorage(), sortStorageKey, next ?? null);
  };

  return (
    <Panel
      id="watchlist"
      title={
        <>
          Watchlist
          {isReady && shared?.origin !== undefined && <span className="tag">{shared.origin}</span>}
        </>
      }
      aside={
        isReady && (
          <>
            <button type="button" aria-expanded={isSearching} onClick={() => setSearching(!isSearching)}>
              <span aria-hidden="true">+ </span>Add
            </button>
            <button type="button" aria-pressed={isEditing} onClick={() => setEditing(!isEditing)}>
              Edit
            </button>
          </>
        )
      }
    >
      {isSearching && isReady && (
        <Suspense fallback={<p className="search-waits">Loading the search…</p>}>
          <CatalogSearch
            rows={rows}
            list={list}
            add={(channel) => {
              change((now) => withChannel(now, channel));
              setAdded(channel);
              say(`${rows.get(channel)?.name ?? channel} is in the list.`);
            }}
            close={() => setSearching(false)}
          />
        </Suspense>
      )}
      {isReady && !live && (
        <div className="stale-note">
          <p>Not live: these are the last prices.</p>
          <ConnectNow />
        </div>
      )}
      {(isEditing || isSearching) && (
        <p className="unseen" aria-live="polite">
          {said}
        </p>
      )}
      <CatalogNotice catalog={catalog} live={live} askAgain={askAgain} />
      {isReady && list.length === 0 && <p className="empty">Your list is empty. Add an instrument to watch it.</p>}
      {isReady && list.length > 0 && (
        <Suspense fallback={<p className="empty">Loading…</p>}>
          <WatchlistTable
            rows={sorted}
            trails={trails}
            live={live}
            selected={selected}
            select={select}
            sort={isEditing ? undefined : sort}
            setSort={changeSort}
            showOrigin={shared === undefined}
            actions={isEditing ? actions : undefined}
            added={added}
          />
        </Suspense>
      )}
    </Panel>
  );
}
