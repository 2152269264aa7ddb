/** The page: what the connection is doing above, the panels below. */
import type { ReactElement } from 'react';
import { AccountButton } from './account/account-button.js';
import { AlertToasts } from './alerts/alert-toasts.js';
import { ConnectionPill } from './connection/connection-pill.js';
import { SpokenSummary } from './connection/spoken-summary.js';
import { MarketProvider } from './market/market.js';
import { Panels } from './shell/panels.js';
import { ThemeSwitch } from './shell/theme-switch.js';

/**
 * The whole page.
 * @param url where its prices come from
 * @param page the name of this page in its connections' URL
 */
export function App({ url, page }: { url: string; page: string }): ReactElement {
  return (
    <MarketProvider page={page}>
      <header className="bar">
        <p className="brand">
          <svg className="brand-mark" viewBox="0 0 32 32" aria-hidden="true">
            <path d="M5 19.5h5l3.5-8 5 12 3.5-9h5" />
          </svg>
          Tickwire
        </p>
        <div className="bar-end">
          <ConnectionPill />
          <AccountButton />
          <ThemeSwitch />
        </div>
      </header>
      <Panels />
      <footer className="foot">
        <p>
          Prices from <code>{url}</code>
        </p>
      </footer>
      <SpokenSummary />
      <AlertToasts />
    </MarketProvider>
  );
}
