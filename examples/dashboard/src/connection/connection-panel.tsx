/** What the connection is doing and what it has been through, in words. */
import type { ReactElement } from 'react';
import { Panel } from '../shell/panel.js';

export function ConnectionPanel(): ReactElement {
  return (
    <Panel id="connection" title="Connection">
      <p className="empty">Nothing to say yet.</p>
    </Panel>
  );
}
