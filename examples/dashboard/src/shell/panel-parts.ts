/** The panels that are not part of the first load: each comes when it is first shown, and all of them once the page is idle. */
import { lazy, type ComponentType } from 'react';
import type { PanelId } from './layout.js';

type Load = () => Promise<ComponentType>;

const loads: Readonly<Record<Exclude<PanelId, 'watchlist'>, Load>> = {
  detail: async () =>
    (
      await Promise.all([
        import('../detail/detail-panel.js'),
        import('../detail/detail.css'),
        import('../alerts/alert-dialog.css'),
        import('../alerts/alerts.css'),
        import('../events/events.css'),
      ])
    )[0].DetailPanel,
  events: async () =>
    (await Promise.all([import('../events/events-panel.js'), import('../events/events.css')]))[0].EventsPanel,
  alerts: async () =>
    (
      await Promise.all([
        import('../alerts/alerts-panel.js'),
        import('../alerts/alerts.css'),
        import('../alerts/alert-dialog.css'),
      ])
    )[0].AlertsPanel,
  portfolio: async () =>
    (await Promise.all([import('../portfolio/portfolio-panel.js'), import('../portfolio/portfolio.css')]))[0]
      .PortfolioPanel,
  connection: async () =>
    (await Promise.all([import('../connection/connection-panel.js'), import('../connection/connection.css')]))[0]
      .ConnectionPanel,
};

const part = (load: Load): ComponentType => lazy(async () => ({ default: await load() }));

export const panelParts: Readonly<Record<keyof typeof loads, ComponentType>> = {
  detail: part(loads.detail),
  events: part(loads.events),
  alerts: part(loads.alerts),
  portfolio: part(loads.portfolio),
  connection: part(loads.connection),
};

/** Fetches the parts ahead: a panel that is opened while the server is gone has to be there. */
export function fetchParts(): void {
  for (const load of Object.values(loads)) load().catch(() => undefined);
}
