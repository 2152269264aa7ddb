/** Vite's own hot updates in a browser: what is edited changes on the page, and the sockets stay. */
import { createScriptedServer, type ScriptedServer } from '@tickwire/testing';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chromium, type Browser, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chromiumPath, hasChromium, root, until } from './stage.js';

const dashboard = path.join(root, 'examples/dashboard');

const config = `
import react from '@vitejs/plugin-react';
import { defaultClientConditions } from 'vite';
export default {
  plugins: [react()],
  cacheDir: import.meta.dirname + '/cache',
  resolve: { conditions: ['@tickwire/source', ...defaultClientConditions] },
  server: { host: '127.0.0.1', port: 0, fs: { strict: false } },
};
`;
const html = '<!doctype html><div id="root"></div><script type="module" src="/main.jsx"></script>';
const main = `
import { createElement, StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app.jsx';
createRoot(document.getElementById('root')).render(createElement(StrictMode, null, createElement(App)));
`;

/** A component with the provider and one with the hook of a URL, as people write them. @param hook a line in each */
const app = (url: string, text: string, hook: string): string => `
import { useState } from 'react';
import { PriceStreamProvider, usePrice, useWebSocketPrices } from '@tickwire/react';

function Row() {
  ${hook}
  return <p>${text} {usePrice('coin:bitcoin')?.price}</p>;
}

function Gold() {
  ${hook}
  const { prices, status } = useWebSocketPrices('${url}/gold', { metals: ['gold'], token: () => 'jwt' });
  return <b>${text} {prices.gold?.price} {status}</b>;
}

export function App() {
  ${hook}
  return <PriceStreamProvider url="${url}/coins" token={() => 'jwt'}><Row /><Gold /></PriceStreamProvider>;
}
void useState;
`;

describe.skipIf(!hasChromium)('F25, F49: hot updates', () => {
  let folder: string;
  let server: ScriptedServer;
  let vite: ChildProcess;
  let browser: Browser;
  let page: Page;

  const edit = (text: string, hook = ''): Promise<void> =>
    writeFile(path.join(folder, 'app.jsx'), app(server.url, text, hook));
  const shown = (): Promise<string[]> => page.locator('p, b').allTextContents();
  const shows = (...expected: string[]): Promise<unknown> =>
    until(expected.join(', '), async () => ((await shown()).join() === expected.join() ? true : undefined));

  beforeAll(async () => {
    server = await createScriptedServer({ prices: { 'coin:bitcoin': 1, 'metal:gold': 2 } });
    folder = await mkdtemp(path.join(tmpdir(), 'tickwire-refresh-'));
    await symlink(path.join(dashboard, 'node_modules'), path.join(folder, 'node_modules'));
    await writeFile(path.join(folder, 'vite.config.mjs'), config);
    await writeFile(path.join(folder, 'index.html'), html);
    await writeFile(path.join(folder, 'main.jsx'), main);
    await edit('one');
    vite = spawn(process.execPath, [path.join(dashboard, 'node_modules/vite/bin/vite.js')], {
      cwd: folder,
      env: { ...process.env, NODE_ENV: 'development', NO_COLOR: '1' },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let output = '';
    vite.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString()));
    const url = await until('vite', () => /http:\/\/127\.0\.0\.1:\d+/.exec(output)?.[0]);
    browser = await chromium.launch({ executablePath: chromiumPath, args: ['--no-sandbox', '--disable-gpu'] });
    page = await browser.newPage();
    await page.goto(url);
  });

  afterAll(async () => {
    await browser.close();
    vite.kill();
    await once(vite, 'close');
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it('change what is shown, keep its prices, and open no socket, whether they keep components or mount them anew', async () => {
    await shows('one 1', 'one 2 connected');
    await page.evaluate(() => Object.assign(window, { isSamePage: true }));
    const dialled = server.peers.length;
    await edit('two');
    await shows('two 1', 'two 2 connected');
    // Another hook: React has to mount the components anew.
    await edit('three', 'useState(0);');
    await shows('three 1', 'three 2 connected');
    await edit('four', 'useState(0); useState(1);');
    await shows('four 1', 'four 2 connected');
    server.price('coin:bitcoin', 5);
    server.price('metal:gold', 6);
    await shows('four 5', 'four 6 connected');
    expect(await page.evaluate(() => 'isSamePage' in window)).toBe(true);
    expect(dialled).toBe(2);
    expect(server.peers).toHaveLength(dialled);
    expect(server.open).toBe(2);
  });
});
