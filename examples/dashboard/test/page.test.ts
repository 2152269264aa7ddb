/** The page as markup: what a reader without eyes or colours gets, too. What moves is for the end-to-end tests. */
import type { Connection, PriceWebSocketClient } from '@tickwire/client';
import { PriceStreamProvider, type InitialPrice } from '@tickwire/react';
import { createElement, type ReactElement } from 'react';
import { renderToString } from 'react-dom/server';
import { describe, expect, it } from 'vitest';
import { App } from '../src/app.js';
import { catalogRows } from '../src/market/catalog-rows.js';
import type { CatalogState } from '../src/market/catalog-store.js';
import { CatalogPrices } from '../src/watchlist/watchlist-panel.js';
import { PriceTable } from '../src/watchlist/price-table.js';

const idle: Connection = { status: 'idle' };
const stub = {
  connection: { get: () => idle, subscribe: () => () => undefined },
  prices: { get: () => undefined, subscribe: () => () => undefined },
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
  new RegExp(`<tr data-channel="${channel}".*?</tr>`).exec(html)?.[0] ?? '';

describe('the table', () => {
  const rows = catalogRows([
    { channel: 'coin:bitcoin', id: 'bitcoin', aliases: ['BTC'], currency: 'USD', source: 'replay' },
    { channel: 'coin:pepe', id: 'pepe', currency: 'USD', source: 'simulated' },
    { channel: 'metal:gold', id: 'gold', currency: 'INR', unit: 'gram', source: 'simulated' },
    { channel: 'metal:silver', id: 'silver', currency: 'INR', unit: 'gram', source: 'simulated' },
  ]);
  const html = markupOf(createElement(PriceTable, { rows, live: true }), [
    price('coin:bitcoin', {
      price: 64_000.5,
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

  it('says which prices are stale', () => {
    expect(rowOf(html, 'coin:pepe')).toContain('>stale<');
    // A page's own prices have been confirmed by nobody: none of them is fresh (F41).
    expect(rowOf(html, 'coin:bitcoin')).toContain('>unverified<');
  });

  it('labels what is simulated or replayed: the group where all rows agree, else each row', () => {
    expect(rowOf(html, 'coin:bitcoin')).toContain('>Replay<');
    expect(rowOf(html, 'coin:pepe')).toContain('>Simulated<');
    expect(html).toMatch(/Metals<span class="tag">Simulated<.*per gram/);
    expect(rowOf(html, 'metal:gold')).not.toContain('Simulated');
    expect(rowOf(html, 'metal:gold')).toContain('data-origin="simulated"');
  });

  it('is a table to a screen reader: caption, columns, groups, row headers', () => {
    expect(html.match(/scope="col"/g)).toHaveLength(4);
    expect(html.match(/scope="rowgroup"/g)).toHaveLength(2);
    expect(html.match(/scope="row"/g)).toHaveLength(rows.length);
    expect(html).toMatch(/<caption[^>]*>Prices of coins and metals/);
  });

  it('says in its caption when its prices are not live', () => {
    const lost = markupOf(createElement(PriceTable, { rows, live: false }));
    expect(lost).toMatch(/data-live="false".*when the connection was lost<\/caption>/);
    expect(html).not.toContain('connection was lost');
  });
});

describe('without prices', () => {
  const words = (catalog: CatalogState, live: boolean): string =>
    markupOf(createElement(CatalogPrices, { catalog, live, askAgain: () => undefined }));

  it.each<[string, CatalogState, boolean]>([
    ['No connection yet', { state: 'waiting' }, false],
    ['Asking for the list of prices…', { state: 'waiting' }, true],
    ['has no coins or metals to show', { state: 'ready', rows: [] }, true],
    ['This server does not say which prices it has', { state: 'refused', reason: 'No catalog here.' }, true],
    ['No catalog here.', { state: 'refused', reason: 'No catalog here.' }, true],
  ])('says "%s"', (sentence, catalog, live) => {
    expect(words(catalog, live)).toContain(sentence);
  });

  it('says that its prices are old once the connection is lost', () => {
    const rows = catalogRows([{ channel: 'coin:bitcoin', id: 'bitcoin' }]);
    expect(words({ state: 'ready', rows }, false)).toContain('Not live: these are the last prices');
    expect(words({ state: 'ready', rows }, true)).not.toContain('Not live');
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
