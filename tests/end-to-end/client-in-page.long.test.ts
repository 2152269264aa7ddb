import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { chromium, type Browser, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { RawServer, type RawConnection } from '../../packages/client/test/scenarios/raw-server.js';
import { chromiumPath, hasChromium, root, until } from './stage.js';

/** What the page's script leaves for the test to read. */
interface Seen {
  client: { close(): Promise<void>; connection: { get(): { status: string } }; stats(): Record<string, number> };
  prices: number[];
  statuses: string[];
  /** How long each planned attempt is to wait. */
  waits: number[];
  violations: string[];
}
type SeenWindow = Window & { seen: Seen };

const greeting = JSON.stringify({
  type: 'hello',
  data: { protocol: 1, connectionId: 'c', serverTime: 0, heartbeatMs: 15_000, capabilities: [], limits: {} },
});
const price = (value: unknown): string =>
  JSON.stringify({ type: 'price_update', data: { coinId: 'bitcoin', price: value } });

/** Runs in the page, from a file of its own: the policy forbids scripts in the text. */
const script = `
const { url, tries, ...options } = JSON.parse(decodeURIComponent(location.hash.slice(1)));
const client = new tickwire.PriceWebSocketClient(url, options);
const seen = { client, prices: [], statuses: [], waits: [], violations: [] };
window.seen = seen;
document.addEventListener('securitypolicyviolation', (event) => seen.violations.push(event.violatedDirective));
client.on('connection', ({ status, retryAt }) => {
  seen.statuses.push(status);
  if (retryAt !== undefined) seen.waits.push(retryAt - Date.now());
});
client.subscribe('coin:bitcoin', (tick) => seen.prices.push(tick.price));
if (tries) setTimeout(() => new Function('return 1'), 0);
`;
const policy = "default-src 'none'; script-src 'self'; connect-src ws://127.0.0.1:*";

describe.skipIf(!hasChromium)('the client in a page', () => {
  let browser: Browser;
  let http: Server;
  let folder: string;
  const open: RawServer[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'tickwire-bundle-'));
    const bundle = path.join(folder, 'client.js');
    const entry = path.join(root, 'packages/client/src/index.ts');
    const flags = ['--bundle', '--format=iife', '--global-name=tickwire', '--conditions=@tickwire/source'];
    const build = spawn(path.join(root, 'node_modules/.bin/esbuild'), [entry, ...flags, `--outfile=${bundle}`], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    const [code] = (await once(build, 'close')) as [number];
    if (code !== 0) throw new Error('The client did not bundle.');
    const files: Record<string, string> = {
      '/client.js': await readFile(bundle, 'utf8'),
      '/page.js': script,
      '/': '<!doctype html><title>prices</title><script src="client.js"></script><script src="page.js"></script>',
    };
    http = createServer((request, response) => {
      const text = files[request.url ?? ''];
      const type = request.url === '/' ? 'text/html' : 'text/javascript';
      response.writeHead(text === undefined ? 404 : 200, { 'content-type': type, 'content-security-policy': policy });
      response.end(text);
    });
    http.listen(0, '127.0.0.1');
    await once(http, 'listening');
    browser = await chromium.launch({
      executablePath: chromiumPath,
      args: ['--no-sandbox', '--disable-gpu'],
      ignoreDefaultArgs: ['--disable-back-forward-cache'],
    });
  });

  afterEach(async () => {
    for (const server of open.splice(0)) await server.stop();
  });

  afterAll(async () => {
    await browser.close();
    http.closeAllConnections();
    http.close();
    await rm(folder, { recursive: true, force: true });
  });

  async function serve(connected: (connection: RawConnection, number: number) => void): Promise<RawServer> {
    const server: RawServer = await RawServer.start({
      connected: (connection) => {
        connection.text(greeting);
        connected(connection, server.connections.length);
      },
    });
    open.push(server);
    return server;
  }

  async function visit(
    url: string,
    options: Record<string, unknown> = {},
  ): Promise<{ page: Page; problems: string[] }> {
    const page = await browser.newPage();
    const problems: string[] = [];
    page.on('pageerror', (error) => problems.push(error.message));
    const { port } = http.address() as AddressInfo;
    await page.goto(`http://127.0.0.1:${port}/#${encodeURIComponent(JSON.stringify({ url, ...options }))}`);
    return { page, problems };
  }

  const seen = (page: Page): Promise<Omit<Seen, 'client'> & { status: string; stats: Record<string, number> }> =>
    page.evaluate(() => {
      const { client, prices, statuses, waits, violations } = (window as unknown as SeenWindow).seen;
      return { prices, statuses, waits, violations, status: client.connection.get().status, stats: client.stats() };
    });

  async function priced(page: Page, value: number): Promise<void> {
    await until(`the price ${value}`, async () => ((await seen(page)).prices.includes(value) ? true : undefined));
  }

  it('works under a policy that forbids code from text, without a violation', async () => {
    const server = await serve((connection) => connection.text(price('101.5')));
    const { page, problems } = await visit(server.url);
    await priced(page, 101.5);
    expect((await seen(page)).violations).toEqual([]);
    expect(problems).toEqual([]);
    await page.close();
    // The policy does what it says.
    const other = await visit(server.url, { tries: true });
    await until('the violation', async () => ((await seen(other.page)).violations.length > 0 ? true : undefined));
    expect(other.problems.join()).toMatch(/unsafe-eval|Content Security Policy/);
    await other.page.close();
  });

  it('survives a hostile server: nothing is thrown, what is bad is counted, and the next good price comes', async () => {
    const bad = [
      ...[
        '',
        'null',
        '[]',
        '['.repeat(8_190),
        price('1e400'),
        price([5]),
        '{"type":"price_update","data":{"coinId":"__proto__","price":1}}',
      ],
      `"${'x'.repeat(10_000_000)}"`,
    ];
    const server = await serve((connection, number) => {
      if (number === 1) {
        for (const text of bad) connection.text(text);
        for (const type of ['error', 'newListener', '__proto__', 'toString']) connection.text(JSON.stringify({ type }));
        connection.frame(0x82, Buffer.from([0x89, 0x50, 0xff, 0x00]));
        connection.text(price(7));
        setTimeout(() => connection.frame(0x81, Buffer.from([0x22, 0xff, 0xc0, 0x22])), 200);
      } else connection.text(price(8));
    });
    const { page, problems } = await visit(server.url);
    await priced(page, 7);
    await priced(page, 8);
    const { stats, prices } = await seen(page);
    expect(prices).toEqual([7, 8]);
    expect(stats).toMatchObject({ reconnects: 1 });
    expect(stats['invalid']).toBeGreaterThanOrEqual(bad.length + 1);
    expect(problems).toEqual([]);
    expect(await page.evaluate(() => Reflect.get({}, 'price') as unknown)).toBeUndefined();
    await page.close();
  });

  it('is back within a moment when the page comes back from the back/forward cache', async () => {
    const server = await serve((connection, number) => connection.text(price(number)));
    const heartbeat = { idleMs: 600_000, timeoutMs: 600_000 };
    const reconnect = { minDelayMs: 600_000, baseDelayMs: 600_000, maxDelayMs: 600_000 };
    const { page } = await visit(server.url, { heartbeat, reconnect });
    await priced(page, 1);
    const { port } = http.address() as AddressInfo;
    await page.goto(`http://127.0.0.1:${port}/client.js`);
    // The cache is out of reach of playwright's own way back, which waits for a load.
    await page.evaluate(() => setTimeout(() => history.back(), 0));
    await until('the page', async () => (await page.evaluate(() => 'seen' in window).catch(() => false)) || undefined);
    // Neither heartbeat nor back-off would bring a price within ten minutes; a page that was loaded anew had no first one.
    await priced(page, 2);
    expect((await seen(page)).prices).toEqual([1, 2]);
    await page.close();
  });

  it('opens one socket a tab, and whom the server has no room for waits', async () => {
    const tabs = 8;
    const room = 5;
    const server = await serve((connection, number) => {
      if (number <= room) connection.text(price(1));
      else connection.frame(0x88, Buffer.concat([Buffer.from([0x03, 0xf5]), Buffer.from('capacity')]));
    });
    const pages: Page[] = [];
    for (let tab = 0; tab < tabs; tab += 1) pages.push((await visit(server.url)).page);
    const look = (): ReturnType<typeof seen>[] => pages.map(seen);
    await until('every tab to have its answer', async () => {
      const all = await Promise.all(look());
      const answered = all.filter(({ prices, waits }) => prices.length + waits.length > 0);
      return answered.length === tabs ? true : undefined;
    });
    const all = await Promise.all(look());
    expect(all.filter(({ prices }) => prices.length > 0)).toHaveLength(room);
    for (const { waits } of all) if (waits.length > 0) expect(waits[0]).toBeGreaterThan(4_900);
    for (const page of pages) await page.close();
  });
});
