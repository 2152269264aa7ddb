/** The page: what the connection is doing above, the panels below. */
import { lazy, Suspense, type ReactElement } from 'react';
import { ConnectionPill } from './connection/connection-pill.js';
import { SpokenSummary } from './connection/spoken-summary.js';
import { MarketProvider } from './market/market.js';
import { PageTitle } from './shell/page-title.js';
import { Panels } from './shell/panels.js';
import { ThemeSwitch } from './shell/theme-switch.js';

// Nobody can sign in before the server has said as whom.
const AccountButton = lazy(async () => ({
  default: (await import('./account/account-button.js')).AccountButton,
}));
// Nothing fires before the page stands.
const Watchers = lazy(async () => ({ default: (await import('./watchers.js')).Watchers }));

interface AppProps {
  /** Where its prices come from. */
  url: string;
  /** The name of this page in its connections' URL. */
  page: string;
  /** So many rows of the catalog instead of a person's own list. */
  shownRows?: number | undefined;
}

/** The whole page. */
export function App({ url, page, shownRows }: AppProps): ReactElement {
  return (
    <MarketProvider page={page} shownRows={shownRows}>
      <header className="bar">
        <p className="brand">
          <svg className="brand-mark" viewBox="0 0 32 32" aria-hidden="true">
            <path d="M5 19.5h5l3.5-8 5 12 3.5-9h5" />
          </svg>
          <span className="brand-name">Tickwire</span>
        </p>
        <div className="bar-end">
          <ConnectionPill />
          <Suspense>
            <AccountButton />
          </Suspense>
          <ThemeSwitch />
        </div>
      </header>
      <PageTitle />
      <Panels />
      <SpokenSummary />
      <footer className="foot">
        <p>
          Prices from <code>{url}</code>
        </p>
      </footer>
      <Suspense>
        <Watchers />
      </Suspense>
    </MarketProvider>
  );
}
