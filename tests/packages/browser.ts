/** Folders shown by a headless Chromium. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { chromium, type Browser } from 'playwright-core';
import { NotHere } from './cell.js';
import type { SmokeServer } from './smoke-server.js';

const chromiumPath = process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium';
let launched: Promise<Browser> | undefined;

function browser(): Promise<Browser> {
  if (!existsSync(chromiumPath)) throw new NotHere('there is no Chromium on this machine');
  launched ??= chromium.launch({ executablePath: chromiumPath, args: ['--no-sandbox', '--disable-gpu'] });
  return launched;
}

export async function closeBrowser(): Promise<void> {
  await (await launched)?.close();
}

const kinds: Readonly<Record<string, string>> = { '.html': 'text/html', '.css': 'text/css' };

/** Serves a folder; what it lacks comes from `more`. */
async function serve(
  folder: string,
  more: Readonly<Record<string, string>>,
): Promise<{ url: string; stop: () => void }> {
  const http = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://page.example');
    const name = pathname === '/' ? '/index.html' : pathname;
    const file = path.join(folder, path.normalize(name));
    Promise.resolve(more[name] ?? readFile(file)).then(
      (body) => {
        const type = kinds[path.extname(name)] ?? 'text/javascript';
        response.writeHead(200, { 'content-type': type }).end(body);
      },
      () => response.writeHead(404).end(),
    );
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    stop: () => {
      http.closeAllConnections();
      http.close();
    },
  };
}

/** Opens an address with the server's in its hash, and waits until its `smokeDone` says that all went well. */
export async function visit(
  address: string,
  server: SmokeServer,
  more: Readonly<Record<string, string>> = {},
): Promise<void> {
  const page = await (await browser()).newPage();
  try {
    const problems: string[] = [];
    page.on('pageerror', (error) => problems.push(error.message));
    const hash = encodeURIComponent(JSON.stringify({ url: server.url, refusedUrl: server.refusedUrl, ...more }));
    await page.goto(`${address}/#${hash}`);
    const started = page.waitForFunction(() => 'smokeDone' in globalThis, undefined, { timeout: 20_000 });
    await started.catch(() => {
      throw new Error(`The programme did not start: ${problems.join('; ')}`);
    });
    const said = await page.evaluate(() => (globalThis as unknown as { smokeDone: Promise<string> }).smokeDone);
    if (said !== 'done') throw new Error(`The page says ${said}.`);
    if (problems.length > 0) throw new Error(problems.join('; '));
  } finally {
    await page.close();
  }
}

/** Shows a folder in a page and waits for the programme in it. */
export async function show(
  folder: string,
  server: SmokeServer,
  more: Readonly<Record<string, string>> = {},
): Promise<void> {
  const { url, stop } = await serve(folder, more);
  try {
    await visit(url, server);
  } finally {
    stop();
  }
}
