/** What the signed-in user holds, worth live. */
import type { ReactElement } from 'react';
import { Panel } from '../shell/panel.js';

export function PortfolioPanel(): ReactElement {
  return (
    <Panel id="portfolio" title="Portfolio">
      <p className="empty">Sign in to see a portfolio.</p>
    </Panel>
  );
}
