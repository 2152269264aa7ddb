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
import type { CatalogRow } from './catalog-rows.js';
import { createCatalogStore, type CatalogState } from './catalog-store.js';

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
  /** The instrument that the page is about. */
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

interface MarketProviderProps {
  page: string;
  children: ReactNode;
}

export function MarketProvider({ page, children }: MarketProviderProps): ReactElement {
  const client = usePriceClient();
  const store = useMemo(() => createCatalogStore(client), [client]);
  const catalog = useSyncExternalStore(store.subscribe, store.get, store.get);
  const live = useConnection((connection) => connection.status === 'connected' && !connection.mute);
  const [selected, setSelected] = useState<PriceChannel>();
  const [shown, show] = useState<PanelId>('watchlist');
  const list = catalog.state === 'ready' ? catalog.rows : noRows;
  const rows = useMemo(() => new Map(list.map((row) => [row.channel as string, row])), [list]);
  const select = useCallback((channel: PriceChannel) => {
    setSelected(channel);
    show('detail');
  }, []);
  const { askAgain } = store;
  const market = useMemo(
    () => ({ catalog, rows, askAgain, live, page, selected, select, shown, show }),
    [catalog, rows, askAgain, live, page, selected, select, shown],
  );
  return <MarketContext value={market}>{children}</MarketContext>;
}
