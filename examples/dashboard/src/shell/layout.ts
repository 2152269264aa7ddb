/** Which panels stand side by side and which share a place behind tabs, by the width of the window. */
import { useSyncExternalStore } from 'react';

/** Every panel of the page, in reading order. */
export const panelTitles = {
  watchlist: 'Watchlist',
  detail: 'Chart',
  events: 'Events',
  alerts: 'Alerts',
  portfolio: 'Portfolio',
  connection: 'Connection',
} as const;
/** One of them. */
export type PanelId = keyof typeof panelTitles;
/** All of them. */
export const panelIds = Object.keys(panelTitles) as PanelId[];

/** `narrow`: one panel at a time; `middle`: the watchlist beside one; `wide`: watchlist, chart and one. */
export type Layout = 'narrow' | 'middle' | 'wide';

const middleFrom = '(min-width: 52rem)';
const wideFrom = '(min-width: 80rem)';

/** The panels that share a place, behind tabs. */
export function tabsOf(layout: Layout): readonly PanelId[] {
  if (layout === 'narrow') return panelIds;
  return panelIds.slice(layout === 'middle' ? 1 : 2);
}

function subscribe(listener: () => void): () => void {
  const queries = [middleFrom, wideFrom].map((query) => window.matchMedia(query));
  for (const query of queries) query.addEventListener('change', listener);
  return () => {
    for (const query of queries) query.removeEventListener('change', listener);
  };
}

function read(): Layout {
  if (window.matchMedia(wideFrom).matches) return 'wide';
  return window.matchMedia(middleFrom).matches ? 'middle' : 'narrow';
}

/** The layout for the present width. */
export function useLayout(): Layout {
  return useSyncExternalStore(subscribe, read, () => 'wide');
}
