/** How old the page says that a value is, at an instant that the test sets. */
import type { Connection, PriceWebSocketClient } from '@tickwire/client';
import { PriceStreamProvider, type InitialPrice } from '@tickwire/react';
import { createElement } from 'react';
import { renderToString } from 'react-dom/server';
import { expect, it, vi } from 'vitest';
import { catalogRows } from '../src/market/catalog-rows.js';
import { PriceTable } from '../src/watchlist/price-table.js';

const now = Date.UTC(2026, 0, 1, 12);
// While a page is rendered to text there is no clock.
vi.mock('../src/shell/use-now.js', () => ({ useNow: () => now }));

const hourMs = 3_600_000;

/** What the row of a price says that it is old, when it arrived two seconds ago. */
function shownAge(timestamp: string | undefined, clockOffsetMs: number | null): string | undefined {
  const idle: Connection = { status: 'idle' };
  const client = {
    connection: { get: () => idle, subscribe: () => () => undefined },
    prices: { get: () => undefined, subscribe: () => () => undefined },
    stats: () => ({ clockOffsetMs }),
  } as unknown as PriceWebSocketClient;
  const price: InitialPrice = {
    channel: 'coin:bitcoin',
    id: 'bitcoin',
    price: 1,
    timestamp,
    receivedAt: now - 2_000,
    freshness: 'fresh',
    direction: 'same',
  };
  const rows = catalogRows([{ channel: 'coin:bitcoin', id: 'bitcoin' }]);
  const table = createElement(PriceTable, { rows, live: true });
  const initialPrices = { 'coin:bitcoin': price };
  const html = renderToString(createElement(PriceStreamProvider, { client, initialPrices }, table));
  return /<time[^>]*>(.*?)<\/time>/.exec(html)?.[1]?.replace('<span class="wide">', '').replace('</span>', '');
}

it.each<[string, string | undefined, number | null, string]>([
  ['its own time, where a server repeats what it has', new Date(now - hourMs).toISOString(), null, '1 h ago'],
  ['its own time and the server’s clock', new Date(now - hourMs).toISOString(), -hourMs / 2, '30 min ago'],
  ['its arrival, where it says no time', undefined, null, '2 s ago'],
])('F52: the page shows the age of a value by %s', (_by, timestamp, clockOffsetMs, age) => {
  expect(shownAge(timestamp, clockOffsetMs)).toBe(age);
});
