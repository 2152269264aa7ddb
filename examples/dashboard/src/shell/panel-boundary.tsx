/** Keeps what goes wrong in one panel within it: the others go on. */
import { Component, type ReactNode } from 'react';
import { Panel } from './panel.js';

interface PanelBoundaryProps {
  id: string;
  title: string;
  children: ReactNode;
}

export class PanelBoundary extends Component<PanelBoundaryProps, { failed: boolean }> {
  override state = { failed: false };

  static getDerivedStateFromError(): { failed: boolean } {
    return { failed: true };
  }

  override render(): ReactNode {
    const { id, title, children } = this.props;
    if (!this.state.failed) return children;
    return (
      <Panel id={id} title={title}>
        <div className="notice">
          <h3>This panel could not be shown</h3>
          <p>
            The rest of the page goes on. Without a connection its part may not have been loaded: load the page again
            once it is back.
          </p>
          <button type="button" onClick={() => window.location.reload()}>
            Load the page again
          </button>
        </div>
      </Panel>
    );
  }
}
