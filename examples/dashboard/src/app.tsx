/** The page: what the connection is doing, the prices, and words where there are none. */
import { useConnection } from '@tickwire/react';
import type { ReactElement, ReactNode } from 'react';
import { ConnectionPill } from './connection-pill.js';
import { PriceTable } from './price-table.js';
import { useCatalog } from './use-catalog.js';

function Notice({ title, children }: { title: string; children: ReactNode }): ReactElement {
  return (
    <div className="notice">
      <h2>{title}</h2>
      {children}
    </div>
  );
}

function Prices(): ReactElement {
  const { catalog, askAgain } = useCatalog();
  const live = useConnection((connection) => connection.status === 'connected' && !connection.mute);
  if (catalog.state === 'waiting') {
    return (
      <Notice title={live ? 'Asking for the list of prices…' : 'Waiting for the server…'}>
        <p>The prices appear here by themselves as soon as it answers.</p>
      </Notice>
    );
  }
  if (catalog.state === 'refused') {
    return (
      <Notice title="This server does not say which prices it has">
        <p>It answered: {catalog.reason}</p>
        <p>Servers that speak an older dialect have no catalog. The connection itself stays open.</p>
        <button type="button" onClick={askAgain}>
          Ask again
        </button>
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
      {!live && <p className="stale-note">Not live: these are the last prices before the connection was lost.</p>}
      <PriceTable rows={catalog.rows} live={live} />
    </>
  );
}

/** The whole page; `url` is where its prices come from. */
export function App({ url }: { url: string }): ReactElement {
  return (
    <>
      <header className="bar">
        <p className="brand">
          <span className="brand-mark" aria-hidden="true" />
          Tickwire
        </p>
        <ConnectionPill />
      </header>
      <main>
        <h1>Prices</h1>
        <Prices />
      </main>
      <footer>
        <p>
          Prices from <code>{url}</code>
        </p>
      </footer>
    </>
  );
}
