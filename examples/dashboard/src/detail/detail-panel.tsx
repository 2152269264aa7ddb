/** One instrument: its price and its chart, its alerts, and what happened to it. */
import type { ReactElement } from 'react';
import { unlistedRow } from '../market/catalog-rows.js';
import { useMarket } from '../market/market.js';
import { Panel } from '../shell/panel.js';
import { ChartSection } from './chart-section.js';
import { CoinAlerts } from './coin-alerts.js';
import { CoinEvents } from './coin-events.js';
import { DetailHead } from './detail-head.js';

export function DetailPanel(): ReactElement {
  const { rows, selected, live } = useMarket();
  if (selected === undefined) {
    return (
      <Panel id="detail" title="Chart">
        <p className="empty">Choose an instrument in the watchlist.</p>
      </Panel>
    );
  }
  const row = rows.get(selected) ?? unlistedRow(selected);
  return (
    <Panel
      id="detail"
      title={
        <>
          {row.name}
          {row.symbol !== undefined && <span className="symbol">{row.symbol}</span>}
          {row.origin !== undefined && <span className="tag">{row.origin}</span>}
        </>
      }
    >
      {/* Another instrument is another panel: nothing of the last one stays. */}
      <div className="panel-body detail" key={selected} tabIndex={-1}>
        <DetailHead row={row} live={live} />
        <ChartSection channel={selected} row={row} />
        {row.kind === 'coin' ? (
          <>
            <CoinAlerts row={row} />
            <CoinEvents row={row} live={live} />
          </>
        ) : (
          <p className="detail-none detail-part">
            Alerts, whales and spikes are of coins; metals have their prices alone.
          </p>
        )}
      </div>
    </Panel>
  );
}
