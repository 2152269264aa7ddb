/** The pages of this bench, built for production, in Chromium; and the server that feeds them. */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { build } from 'esbuild';
import { chromium, type Browser, type CDPSession, type Page } from 'playwright-core';
import type { Request, Standing } from './server.js';

/** Before React: it tells of its commits whoever stands here. */
const countsCommits = `
globalThis.counts = { renders: 0, commits: 0, rowCommits: 0 };
let renders = 0;
const nothing = () => undefined;
globalThis.__REACT_DEVTOOLS_GLOBAL_HOOK__ = {
  supportsFiber: true, checkDCE: nothing, inject: () => 1, onCommitFiberUnmount: nothing, onPostCommitFiberRoot: nothing,
  onCommitFiberRoot() {
    counts.commits += 1;
    if (counts.renders !== renders) counts.rowCommits += 1;
    renders = counts.renders;
  },
};`;
/** Rows of a fixed size whose text moves nothing else; those outside of the window are there, and not painted. */
const style = `
body { margin: 0; font: 14px/20px sans-serif } main { width: 480px }
p { display: flex; height: 20px; margin: 0; contain: strict; content-visibility: auto }
span { width: 240px; contain: strict; overflow: hidden; white-space: nowrap; font-variant-numeric: tabular-nums }
.up { background: #cfc } .down { background: #fcc } .old { opacity: 0.6 }`;
const textOf = (name: string): string => `<!doctype html><meta charset="utf-8"><title>${name}</title>
<style>${style}</style><main></main><script>${countsCommits}</script><script type="module" src="/${name}.js"></script>`;

/** The name of a page: its file in `pages`. */
export type PageName = string;

async function built(names: readonly PageName[]): Promise<ReadonlyMap<string, string>> {
  const { outputFiles } = await build({
    entryPoints: names.map((name) => path.join(import.meta.dirname, 'pages', `${name}.tsx`)),
    outdir: '/',
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    jsx: 'automatic',
    conditions: ['@tickwire/source'],
    define: { 'process.env.NODE_ENV': '"production"' },
    write: false,
  });
  return new Map(outputFiles.map(({ path: file, text }) => [`/${path.basename(file)}`, text]));
}

/** A page that is open. */
export interface OpenPage {
  readonly page: Page;
  readonly cdp: CDPSession;
  /** What was thrown and caught by nobody. */
  readonly errors: readonly string[];
  close(): Promise<void>;
}

export class Stage {
  readonly browser: Browser;
  readonly #url: string;
  readonly #sockets: string;
  readonly #server: ChildProcess;

  private constructor(browser: Browser, url: string, sockets: string, server: ChildProcess) {
    this.browser = browser;
    this.#url = url;
    this.#sockets = sockets;
    this.#server = server;
  }

  static async open(names: readonly PageName[]): Promise<Stage> {
    const files = await built(names);
    const http = createServer(({ url = '/' }, response) => {
      const { pathname } = new URL(url, 'http://here');
      const script = files.get(pathname);
      response.setHeader('Content-Type', script === undefined ? 'text/html' : 'text/javascript');
      response.end(script ?? textOf(pathname.slice(1)));
    });
    http.listen(0, '127.0.0.1');
    await once(http, 'listening');
    const server = fork(new URL('server.ts', import.meta.url));
    const [port] = (await once(server, 'message')) as [number];
    const browser = await chromium.launch({
      executablePath: process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium',
      args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'],
    });
    const { port: httpPort } = http.address() as AddressInfo;
    return new Stage(browser, `http://127.0.0.1:${httpPort}`, `ws://127.0.0.1:${port}`, server);
  }

  /** Asks the server; resolves with how its market stands after that. */
  async ask(request: Request): Promise<Standing> {
    this.#server.send(request);
    const [standing] = (await once(this.#server, 'message')) as [Standing];
    return standing;
  }

  /** A page in a context of its own, with so many rows of a market that begins anew. */
  async show(name: PageName, rows: number, ourPath = '/tickwire'): Promise<OpenPage> {
    await this.ask({ rows, perSecond: 0 });
    const context = await this.browser.newContext({ viewport: { width: 1_280, height: 800 } });
    const page = await context.newPage();
    const errors: string[] = [];
    page.on('pageerror', ({ message }) => errors.push(message));
    await page.goto(`${this.#url}/${name}?rows=${rows}&path=${ourPath}#${this.#sockets}`);
    await page.waitForFunction(`document.querySelectorAll('p').length === ${rows}`);
    const cdp = await context.newCDPSession(page);
    await cdp.send('Performance.enable');
    return { page, cdp, errors, close: () => context.close() };
  }

  async close(): Promise<void> {
    await this.browser.close();
    this.#server.disconnect();
  }
}

/** How many rows of a page show another price than the market has. */
export async function wrongRows({ page }: OpenPage, { prices }: Standing): Promise<number> {
  const shown = await page.locator('p span:nth-child(2)').allTextContents();
  return prices.filter((price, row) => String(price) !== shown[row]).length;
}

/** Seconds of the processor that the page's process has taken: what else the machine does hardly touches them. */
export async function processorSeconds({ cdp }: OpenPage): Promise<number> {
  const { metrics } = await cdp.send('Performance.getMetrics');
  return metrics.find(({ name }) => name === 'ProcessTime')?.value ?? Number.NaN;
}

/** Bytes of the page's heap after a collection. */
export async function heapBytes({ cdp }: OpenPage): Promise<number> {
  await cdp.send('HeapProfiler.collectGarbage');
  return (await cdp.send('Runtime.getHeapUsage')).usedSize;
}
