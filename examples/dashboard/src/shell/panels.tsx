/** Where the panels stand: side by side where there is room, behind tabs where they share a place. */
import type { ReactElement } from 'react';
import { AlertsPanel } from '../alerts/alerts-panel.js';
import { ConnectionPanel } from '../connection/connection-panel.js';
import { DetailPanel } from '../detail/detail-panel.js';
import { EventsPanel } from '../events/events-panel.js';
import { useMarket } from '../market/market.js';
import { PortfolioPanel } from '../portfolio/portfolio-panel.js';
import { WatchlistPanel } from '../watchlist/watchlist-panel.js';
import { panelIds, tabsOf, useLayout, type PanelId } from './layout.js';
import { Tabs } from './tabs.js';

const panels: Readonly<Record<PanelId, () => ReactElement>> = {
  watchlist: WatchlistPanel,
  detail: DetailPanel,
  events: EventsPanel,
  alerts: AlertsPanel,
  portfolio: PortfolioPanel,
  connection: ConnectionPanel,
};

export function Panels(): ReactElement {
  const { shown, show } = useMarket();
  const layout = useLayout();
  const tabs = tabsOf(layout);
  const front = tabs.find((id) => id === shown) ?? tabs[0];
  return (
    <main className="panels" data-layout={layout}>
      <h1 className="unseen">Live prices</h1>
      {front !== undefined && <Tabs tabs={tabs} shown={front} show={show} />}
      {panelIds.map((id) => {
        const Content = panels[id];
        const isTab = tabs.includes(id);
        return (
          <div
            key={id}
            id={`panel-${id}`}
            className="place"
            data-panel={id}
            hidden={isTab && id !== front}
            {...(isTab ? { role: 'tabpanel', 'aria-labelledby': `tab-${id}` } : {})}
          >
            <Content />
          </div>
        );
      })}
    </main>
  );
}
