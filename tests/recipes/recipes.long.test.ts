/** The recipes that need a page which has a size: a chart and a list of which only a part is there, in Chromium. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createScriptedServer, type ScriptedServer } from '@tickwire/testing';
import { build } from 'esbuild';
import { chromium, type Browser, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chromiumPath, hasChromium, until } from '../end-to-end/stage.js';
import { blocks } from './recipe-code.js';

/** A page that shows what a recipe exports. */
async function bundle(page: string, name: string, shows: string): Promise<string> {
  const code = blocks.find((block) => block.page === page && block.name === name)?.code;
  if (code === undefined) throw new Error(`${page} has no block ${name}.`);
  const show = `
import { PriceStreamProvider } from '@tickwire/react';
import { createRoot } from 'react-dom/client';
createRoot(document.querySelector('main')!).render(
  <PriceStreamProvider url={decodeURIComponent(location.hash.slice(1))}>${shows}</PriceStreamProvider>);`;
  const { outputFiles } = await build({
    stdin: { contents: code + show, resolveDir: import.meta.dirname, loader: 'tsx' },
    bundle: true,
    format: 'esm',
    platform: 'browser',
    jsx: 'automatic',
    conditions: ['@tickwire/source'],
    define: { 'process.env.NODE_ENV': '"production"' },
    write: false,
  });
  return outputFiles[0]?.text ?? '';
}

describe.skipIf(!hasChromium)('the recipes in Chromium', () => {
  let browser: Browser;
  let http: Server;
  let prices: ScriptedServer;
  const scripts = new Map<string, string>();

  beforeAll(async () => {
    const channels = Array.from({ length: 1_000 }, (_, row) => `coin:c${row}` as const);
    prices = await createScriptedServer({ prices: Object.fromEntries(channels.map((name, row) => [name, 100 + row])) });
    const all = 'Array.from({ length: 1_000 }, (_, row) => `coin:c${row}`)';
    scripts.set('/rows.js', await bundle('thousand-rows.md', 'watchlist.tsx', `<Watchlist channels={${all}} />`));
    scripts.set('/chart.js', await bundle('chart.md', 'price-chart.tsx', '<PriceChart channel="coin:c0" />'));
    http = createServer(({ url = '' }, response) => {
      const script = scripts.get(url);
      response.setHeader('Content-Type', script === undefined ? 'text/html' : 'text/javascript');
      response.end(script ?? `<!doctype html><main></main><script type="module" src="${url}.js"></script>`);
    }).listen(0, '127.0.0.1');
    await once(http, 'listening');
    browser = await chromium.launch({
      executablePath: chromiumPath,
      args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'],
    });
  });
  afterAll(async () => {
    await browser.close();
    http.closeAllConnections();
    http.close();
    await prices.stop();
  });

  async function opened(name: string): Promise<{ page: Page; errors: string[] }> {
    const page = await browser.newPage();
    const errors: string[] = [];
    page.on('pageerror', ({ message }) => errors.push(message));
    const { port } = http.address() as AddressInfo;
    await page.goto(`http://127.0.0.1:${port}/${name}#${encodeURIComponent(prices.url)}`);
    return { page, errors };
  }

  it('a thousand rows: those in the window are there and live, the last is when one scrolls to it', async () => {
    const { page, errors } = await opened('rows');
    await page.getByText('coin:c3 103', { exact: false }).waitFor();
    expect(await page.locator('.row').count()).toBeLessThan(100);
    prices.price('coin:c3', 90);
    await page.locator('.row[data-direction="down"]', { hasText: 'coin:c3 90' }).waitFor();
    await page.locator('main > div').evaluate((list) => list.scrollTo(0, list.scrollHeight));
    await page.getByText('coin:c999 1099', { exact: false }).waitFor();
    expect(errors).toEqual([]);
    await page.close();
  });

  it('a chart: it has a name, draws the price that is there, and a line of those that come', async () => {
    const { page, errors } = await opened('chart');
    await page.getByRole('img', { name: 'Price of coin:c0' }).locator('canvas').first().waitFor();
    // The colour of a line, unless one is chosen.
    const ink = (): Promise<number> =>
      page.evaluate(() =>
        Array.from(document.querySelectorAll('canvas'), (canvas) => {
          const { data = [] } = canvas.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height) ?? {};
          let count = 0;
          for (let at = 0; at < data.length; at += 4)
            if (data[at] === 33 && data[at + 1] === 150 && data[at + 2] === 243) count += 1;
          return count;
        }).reduce((sum, count) => sum + count, 0),
      );
    const first = await until('a price', async () => ((await ink()) > 0 ? ink() : undefined));
    let price = 100;
    await until('a line', async () => {
      prices.price('coin:c0', (price += 10));
      return (await ink()) > first ? true : undefined;
    });
    expect(errors).toEqual([]);
    await page.close();
  });
});
