/** What every panel may ask of the page: the catalog, whether prices are of this moment, the instrument that is looked at. */
import { useConnection, usePriceClient, type PriceChannel } from '@tickwire/react';
import {
  createContext,
  useCallback,
  useContext,
  useMemo,
  useState,
  useSyncExternalStore,
  type ReactElement,
  type ReactNode,
} from 'react';
import type { PanelId } from '../shell/layout.js';
import { browserStorage, readStored, store } from '../shell/stored.js';
import { keptList } from '../watchlist/list.js';
import { useWatchedList, type Watched } from '../watchlist/use-watched-list.js';
import { candlesOver, type AskCandles } from './candles.js';
import type { CatalogRow } from './catalog-rows.js';
import { createCatalogStore, type CatalogState } from './catalog-store.js';
import { createTrails, type Trails } from './trails.js';

/** The page as its panels see it. */
export interface Market {
  catalog: CatalogState;
  /** The catalog's instruments by channel; empty until it has come. */
  rows: ReadonlyMap<string, CatalogRow>;
  /** Reads the catalog once more. */
  askAgain: () => void;
  /** Whether prices are of this moment. */
  live: boolean;
  /** The name of this page in its connections' URL, `?page=…`. */
  page: string;
  /** The list of instruments that a person watches. */
  watched: Watched;
  /** The last day of each price. */
  trails: Trails;
  /** Asks the server for candles. */
  askCandles: AskCandles;
  /** The instrument that the page is about: the first of the list, until one is chosen. */
  selected: PriceChannel | undefined;
  /** Makes an instrument the page's, and brings its chart forward where panels share a place. */
  select: (channel: PriceChannel) => void;
  /** The panel in front of those that share a place. */
  shown: PanelId;
  /** Brings a panel forward. */
  show: (panel: PanelId) => void;
}

const MarketContext = createContext<Market | undefined>(undefined);

/** The market around a panel. */
export function useMarket(): Market {
  const market = useContext(MarketContext);
  if (market === undefined) throw new Error('useMarket needs a MarketProvider around it.');
  return market;
}

const noRows: readonly CatalogRow[] = [];
const selectedKey = 'tickwire.selected';

interface MarketProviderProps {
  page: string;
  /** So many rows of the catalog instead of a person's own list. */
  shownRows?: number | undefined;
  children: ReactNode;
}

export function MarketProvider({ page, shownRows, children }: MarketProviderProps): ReactElement {
  const client = usePriceClient();
  const catalogStore = useMemo(() => createCatalogStore(client), [client]);
  const catalog = useSyncExternalStore(catalogStore.subscribe, catalogStore.get, catalogStore.get);
  const live = useConnection((connection) => connection.status === 'connected' && !connection.mute);
  const [chosen, setChosen] = useState<PriceChannel | undefined>(
    () => readStored(browserStorage(), selectedKey, (value) => keptList([value]))?.[0],
  );
  const [shown, show] = useState<PanelId>('watchlist');
  const catalogRows = catalog.state === 'ready' ? catalog.rows : noRows;
  const rows = useMemo(() => new Map(catalogRows.map((row) => [row.channel as string, row])), [catalogRows]);
  const watched = useWatchedList(rows, shownRows);
  const { askCandles, trails } = useMemo(() => {
    const ask = candlesOver((url) => fetch(url));
    const priceOf = (channel: PriceChannel): number | undefined => client.prices.get(channel)?.price;
    return { askCandles: ask, trails: createTrails({ ask, priceOf }) };
  }, [client]);
  const select = useCallback((channel: PriceChannel) => {
    setChosen(channel);
    store(browserStorage(), selectedKey, channel);
    show('detail');
  }, []);
  const selected = chosen !== undefined && (rows.has(chosen) || rows.size === 0) ? chosen : watched.list[0];
  const { askAgain } = catalogStore;
  const market = useMemo(
    () => ({ catalog, rows, askAgain, live, page, watched, trails, askCandles, selected, select, shown, show }),
    [catalog, rows, askAgain, live, page, watched, trails, askCandles, selected, select, shown],
  );
  return <MarketContext value={market}>{children}</MarketContext>;
}
