/** The user's alerts: rules, and what fired. */
import type { ReactElement } from 'react';
import { Panel } from '../shell/panel.js';

export function AlertsPanel(): ReactElement {
  return (
    <Panel id="alerts" title="Alerts">
      <p className="empty">No alerts yet.</p>
    </Panel>
  );
}
