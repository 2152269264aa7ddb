/** The tabs of the panels that share a place: arrows, Home and End move between them. */
import type { KeyboardEvent, ReactElement } from 'react';
import { panelTitles, type PanelId } from './layout.js';

interface TabsProps {
  tabs: readonly PanelId[];
  shown: PanelId;
  show: (panel: PanelId) => void;
}

/** Where a key leads to, or `undefined` for one that leads nowhere. */
function target(key: string, tabs: readonly PanelId[], shown: PanelId): PanelId | undefined {
  const at = tabs.indexOf(shown);
  if (key === 'ArrowRight') return tabs[(at + 1) % tabs.length];
  if (key === 'ArrowLeft') return tabs.at(at - 1);
  if (key === 'Home') return tabs[0];
  return key === 'End' ? tabs.at(-1) : undefined;
}

export function Tabs({ tabs, shown, show }: TabsProps): ReactElement {
  const move = (event: KeyboardEvent): void => {
    const next = target(event.key, tabs, shown);
    if (next === undefined) return;
    event.preventDefault();
    show(next);
    document.getElementById(`tab-${next}`)?.focus();
  };
  return (
    <div className="tabs" role="tablist" aria-label="Panels" onKeyDown={move}>
      {tabs.map((id) => (
        <button
          key={id}
          type="button"
          role="tab"
          id={`tab-${id}`}
          aria-selected={id === shown}
          aria-controls={`panel-${id}`}
          tabIndex={id === shown ? 0 : -1}
          onClick={() => show(id)}
        >
          {panelTitles[id]}
        </button>
      ))}
    </div>
  );
}
