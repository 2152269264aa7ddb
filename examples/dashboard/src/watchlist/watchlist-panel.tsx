/** The prices of the catalog, or words where there are none. */
import { useConnection, usePriceClient } from '@tickwire/react';
import type { ReactElement, ReactNode } from 'react';
import type { CatalogState } from '../market/catalog-store.js';
import { useMarket } from '../market/market.js';
import { Panel } from '../shell/panel.js';
import { PassingButton } from '../shell/passing-button.js';
import { PriceTable } from './price-table.js';

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

export function WatchlistPanel(): ReactElement {
  const { catalog, live, askAgain } = useMarket();
  return (
    <Panel id="watchlist" title="Watchlist">
      <div className="panel-body">
        <CatalogPrices catalog={catalog} live={live} askAgain={askAgain} />
      </div>
    </Panel>
  );
}
