/** The page: what the connection is doing, the prices, the events beside them, and words where there are none. */
import { useConnection, usePriceClient } from '@tickwire/react';
import { useMemo, useSyncExternalStore, type ReactElement, type ReactNode } from 'react';
import { createCatalogStore, type CatalogState } from './catalog-store.js';
import type { CatalogRow } from './catalog-rows.js';
import { ConnectionPill } from './connection-pill.js';
import { EventsPanel } from './events-panel.js';
import { PassingButton } from './passing-button.js';
import { PriceTable } from './price-table.js';

function Notice({ title, children }: { title: string; children: ReactNode }): ReactElement {
  return (
    <div className="notice">
      <h2>{title}</h2>
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

interface CatalogPricesProps {
  catalog: CatalogState;
  /** Whether prices are of this moment. */
  live: boolean;
  askAgain: () => void;
}

/** The prices of a catalog, or words where there are none. */
export function CatalogPrices({ catalog, live, askAgain }: CatalogPricesProps): ReactNode {
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
  if (catalog.rows.length === 0) {
    return (
      <Notice title="No prices yet">
        <p>The server answers, but has no coins or metals to show.</p>
      </Notice>
    );
  }
  return (
    <>
      {!live && (
        <div className="stale-note">
          <p>Not live: these are the last prices before the connection was lost.</p>
          <ConnectNow />
        </div>
      )}
      <PriceTable rows={catalog.rows} live={live} />
    </>
  );
}

const noRows: readonly CatalogRow[] = [];

function Market(): ReactElement {
  const client = usePriceClient();
  const store = useMemo(() => createCatalogStore(client), [client]);
  const catalog = useSyncExternalStore(store.subscribe, store.get, store.get);
  const live = useConnection((connection) => connection.status === 'connected' && !connection.mute);
  return (
    <main>
      <h1>Prices</h1>
      <div className="market">
        <CatalogPrices catalog={catalog} live={live} askAgain={store.askAgain} />
      </div>
      <EventsPanel rows={catalog.state === 'ready' ? catalog.rows : noRows} live={live} />
    </main>
  );
}

/** The whole page; `url` is where its prices come from. */
export function App({ url }: { url: string }): ReactElement {
  return (
    <>
      <header className="bar">
        <p className="brand">
          <svg className="brand-mark" viewBox="0 0 32 32" aria-hidden="true">
            <path d="M5 19.5h5l3.5-8 5 12 3.5-9h5" />
          </svg>
          Tickwire
        </p>
        <ConnectionPill />
      </header>
      <Market />
      <footer>
        <p>
          Prices from <code>{url}</code>
        </p>
      </footer>
    </>
  );
}
