/** The page as markup: what a reader without eyes or colours gets, too. What moves is for the end-to-end tests. */
import type { Connection, PriceWebSocketClient } from '@tickwire/client';
import { PriceStreamProvider, type InitialPrice } from '@tickwire/react';
import { createElement, type ReactElement } from 'react';
import { renderToString } from 'react-dom/server';
import { describe, expect, it } from 'vitest';
import { App } from '../src/app.js';
import { catalogRows, unlistedRow, type CatalogRow } from '../src/market/catalog-rows.js';
import type { CatalogState } from '../src/market/catalog-store.js';
import type { Sort } from '../src/watchlist/sorting.js';
import { WatchlistTable } from '../src/watchlist/watchlist-table.js';
import { CatalogNotice } from '../src/watchlist/watchlist-panel.js';

const idle: Connection = { status: 'idle' };
const stub = {
  connection: { get: () => idle, subscribe: () => () => undefined },
  prices: { get: () => undefined, subscribe: () => () => undefined },
  stats: () => ({ clockOffsetMs: null }),
};

const price = (channel: InitialPrice['channel'], rest: Partial<InitialPrice> & { price: number }): InitialPrice => ({
  channel,
  id: channel.slice(channel.indexOf(':') + 1),
  timestamp: '2026-01-01T00:00:00.000Z',
  receivedAt: 1,
  freshness: 'fresh',
  direction: 'same',
  ...rest,
});

/** The markup of a page with these prices, without the comments that React puts between texts. */
function markupOf(element: ReactElement, prices: InitialPrice[] = []): string {
  const client = stub as unknown as PriceWebSocketClient;
  const initialPrices = Object.fromEntries(prices.map((given) => [given.channel, given]));
  return renderToString(createElement(PriceStreamProvider, { client, initialPrices }, element)).replaceAll(
    '<!-- -->',
    '',
  );
}

const rowOf = (html: string, channel: string): string =>
  html.split('role="row"').find((row) => row.includes(`data-channel="${channel}"`)) ?? '';

const table = (
  rows: readonly CatalogRow[],
  {
    live = true,
    sort,
    showOrigin = false,
    selected,
  }: { live?: boolean; sort?: Sort; showOrigin?: boolean; selected?: 'coin:bitcoin' } = {},
) =>
  createElement(WatchlistTable, {
    ...{ rows, live, sort, showOrigin, selected, actions: undefined },
    trails: { get: () => [], subscribe: () => () => undefined },
    select: () => undefined,
    setSort: () => undefined,
  });

describe('the table', () => {
  const rows = catalogRows([
    { channel: 'coin:bitcoin', id: 'bitcoin', aliases: ['BTC'], currency: 'USD', source: 'replay' },
    { channel: 'coin:pepe', id: 'pepe', currency: 'USD', source: 'simulated' },
    { channel: 'metal:gold', id: 'gold', currency: 'INR', unit: 'gram', source: 'simulated' },
    { channel: 'metal:silver', id: 'silver', currency: 'INR', unit: 'gram', source: 'simulated' },
  ]);
  const html = markupOf(table(rows), [
    price('coin:bitcoin', {
      price: 64_000.5,
      low: 63_000.5,
      high: 65_000.5,
      changePercent: -0.3,
      direction: 'down',
      receivedAt: Date.parse('2026-01-01'),
    }),
    price('coin:pepe', { price: 0.00000812, changePercent: 5.2, freshness: 'stale' }),
    price('metal:gold', { price: 123_456.5, change: 25.3, changePercent: 0.47 }),
  ]);

  it('shows each price with its currency, and the exact number for tests', () => {
    expect(rowOf(html, 'coin:bitcoin')).toContain('data-price="64000.5"');
    expect(rowOf(html, 'coin:bitcoin')).toContain('$64,000.50');
    expect(rowOf(html, 'coin:pepe')).toContain('data-price="0.00000812"');
    expect(rowOf(html, 'coin:pepe')).toContain('$0.000008120');
    expect(rowOf(html, 'metal:gold')).toContain('₹1,23,456.50');
  });

  it('says a change by sign and arrow, not by colour alone', () => {
    expect(rowOf(html, 'coin:bitcoin')).toMatch(/data-trend="down".*▼.*-0\.30%/);
    expect(rowOf(html, 'coin:pepe')).toMatch(/data-trend="up".*▲.*\+5\.20%/);
    expect(rowOf(html, 'metal:gold')).toContain('+₹25.30');
    expect(rowOf(html, 'metal:silver')).toContain('not known');
  });

  it('waits in words for a price that has not come', () => {
    expect(rowOf(html, 'metal:silver')).toContain('waiting…');
    expect(rowOf(html, 'metal:silver')).not.toContain('data-price');
  });

  it('marks how fresh each price is', () => {
    expect(rowOf(html, 'coin:pepe')).toContain('data-freshness="stale"');
    // A page's own prices have been confirmed by nobody: none of them is fresh (F41).
    expect(rowOf(html, 'coin:bitcoin')).toContain('data-freshness="unverified"');
    expect(rowOf(html, 'metal:silver')).toContain('data-freshness="none"');
  });

  it('says the range of the day in words, and where it is not known', () => {
    expect(rowOf(html, 'coin:bitcoin')).toContain('$63,000.50 to $65,000.50, now at 50 %');
    expect(rowOf(html, 'coin:pepe')).toContain('24 h range not known');
  });

  it('labels what is simulated or replayed where the list does not do it for all', () => {
    const each = markupOf(table(rows, { showOrigin: true }));
    expect(rowOf(each, 'coin:bitcoin')).toContain('>Replay<');
    expect(rowOf(each, 'coin:pepe')).toContain('>Simulated<');
    expect(rowOf(html, 'metal:gold')).not.toContain('Simulated');
    expect(rowOf(html, 'metal:gold')).toContain('data-origin="simulated"');
  });

  it('is a table to a screen reader: name, columns, row headers, how many rows there are', () => {
    expect(html).toMatch(/role="table" aria-label="Watchlist" aria-rowcount="5"/);
    expect(html.match(/role="columnheader"/g)).toHaveLength(5);
    expect(html.match(/role="rowheader"/g)).toHaveLength(rows.length);
    expect(rowOf(html, 'coin:pepe')).toContain('aria-rowindex="3"');
  });

  it('says by which column it is sorted', () => {
    const sorted = markupOf(table(rows, { sort: { key: 'change', descending: true } }));
    expect(sorted.match(/aria-sort="(\w+)"/g)).toEqual([
      'aria-sort="none"',
      'aria-sort="none"',
      'aria-sort="descending"',
    ]);
  });

  it('has one stop for the Tab key, at the instrument that is looked at', () => {
    const chosen = markupOf(table(rows, { selected: 'coin:bitcoin' }));
    expect(chosen.match(/tabindex="0"/gi)).toHaveLength(1);
    expect(rowOf(chosen, 'coin:bitcoin')).toMatch(/tabindex="0" aria-current="true"/i);
  });

  it('says of what was kept from another server that this one does not have it', () => {
    const other = markupOf(table([unlistedRow('coin:dog-wif-hat')]));
    expect(rowOf(other, 'coin:dog-wif-hat')).toMatch(/>Dog Wif Hat<.*not in this server’s catalog/);
  });

  it('says in its name when its prices are not live', () => {
    const lost = markupOf(table(rows, { live: false }));
    expect(lost).toMatch(/aria-label="[^"]*when the connection was lost".*data-live="false"/);
    expect(html).not.toContain('connection was lost');
  });
});

describe('without prices', () => {
  const words = (catalog: CatalogState, live: boolean): string =>
    markupOf(createElement(CatalogNotice, { catalog, live, askAgain: () => undefined }));

  it.each<[string, CatalogState, boolean]>([
    ['No connection yet', { state: 'waiting' }, false],
    ['Asking for the list of prices…', { state: 'waiting' }, true],
    ['has no coins or metals to show', { state: 'ready', rows: [] }, true],
    ['This server does not say which prices it has', { state: 'refused', reason: 'No catalog here.' }, true],
    ['No catalog here.', { state: 'refused', reason: 'No catalog here.' }, true],
  ])('says "%s"', (sentence, catalog, live) => {
    expect(words(catalog, live)).toContain(sentence);
  });
});

describe('the page', () => {
  it('speaks up through its summary alone, says what the connection does, and names its source', () => {
    const html = markupOf(createElement(App, { url: 'ws://localhost:3001/ws', page: 'p1' }));
    expect(html.match(/role="(status|log|alert)"|aria-live/g)).toEqual(['role="status"']);
    expect(html).toMatch(/role="status" data-summary="">Not connected\./);
    expect(html).toMatch(/<button[^>]*data-status="idle".*Not connected/);
    expect(html).toContain('ws://localhost:3001/ws');
  });
});
