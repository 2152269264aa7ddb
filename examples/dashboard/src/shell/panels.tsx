/** Where the panels stand: side by side where there is room, behind tabs where they share a place. */
import { Suspense, useEffect, useState, type ComponentType, type ReactElement } from 'react';
import { useMarket } from '../market/market.js';
import { WatchlistPanel } from '../watchlist/watchlist-panel.js';
import { panelIds, panelTitles, tabsOf, useLayout, type PanelId } from './layout.js';
import { PanelBoundary } from './panel-boundary.js';
import { fetchParts, panelParts } from './panel-parts.js';
import { Panel } from './panel.js';
import { Tabs } from './tabs.js';

const panels: Readonly<Record<PanelId, ComponentType>> = { watchlist: WatchlistPanel, ...panelParts };

/** A panel in its place; it does not exist before it is first seen, and from then on it stays. */
function Place({ id, isTab, isHidden }: { id: PanelId; isTab: boolean; isHidden: boolean }): ReactElement {
  const [wasSeen, setSeen] = useState(!isHidden);
  if (!wasSeen && !isHidden) setSeen(true);
  const Content = panels[id];
  const title = panelTitles[id];
  return (
    <div
      id={`panel-${id}`}
      className="place"
      data-panel={id}
      hidden={isHidden}
      {...(isTab ? { role: 'tabpanel', 'aria-labelledby': `tab-${id}` } : {})}
    >
      {wasSeen && (
        <PanelBoundary id={id} title={title}>
          <Suspense
            fallback={
              <Panel id={id} title={title}>
                <p className="empty">Loading…</p>
              </Panel>
            }
          >
            <Content />
          </Suspense>
        </PanelBoundary>
      )}
    </div>
  );
}

export function Panels(): ReactElement {
  const { shown, show, catalog } = useMarket();
  const layout = useLayout();
  const tabs = tabsOf(layout);
  const front = tabs.find((id) => id === shown) ?? tabs[0];
  const isIdle = catalog.state !== 'waiting';
  useEffect(() => {
    if (isIdle) fetchParts();
  }, [isIdle]);
  return (
    <main className="panels" data-layout={layout}>
      <h1 className="unseen">Live prices</h1>
      {front !== undefined && <Tabs tabs={tabs} shown={front} show={show} />}
      {panelIds.map((id) => {
        const isTab = tabs.includes(id);
        return <Place key={id} id={id} isTab={isTab} isHidden={isTab && id !== front} />;
      })}
    </main>
  );
}
