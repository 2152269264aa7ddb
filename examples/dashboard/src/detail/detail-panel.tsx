/** One instrument: its chart, its events, its alerts. */
import type { ReactElement } from 'react';
import { Panel } from '../shell/panel.js';

export function DetailPanel(): ReactElement {
  return (
    <Panel id="detail" title="Chart">
      <p className="empty">Choose an instrument in the watchlist.</p>
    </Panel>
  );
}
