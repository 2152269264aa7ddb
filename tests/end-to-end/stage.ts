/** What the end-to-end tests play on: the built page, a server process, a browser, and a Node script. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { chromium, type Browser, type ConsoleMessage } from 'playwright-core';

export const root = path.resolve(import.meta.dirname, '../..');
export const chromiumPath = process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium';
export const hasChromium = existsSync(chromiumPath);

/** Polls until `look` gives something; fails with what it waited for. */
export async function until<T>(
  what: string,
  look: () => T | undefined | Promise<T | undefined>,
  ms = 60_000,
): Promise<T> {
  const end = Date.now() + ms;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (Date.now() > end) throw new Error(`Waited ${ms} ms in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Whether a page complains. That a server which is no demo has nothing of a demo is an answer, though browsers write it down. */
export function isProblem(message: ConsoleMessage): boolean {
  if (message.type() !== 'error' && message.type() !== 'warning') return false;
  return !(message.text().includes('404') && /\/api\/(demo|candles)/.test(message.location().url));
}

/** A child process whose output is kept. */
export class Program {
  output = '';
  readonly #child: ChildProcess;
  readonly ended: Promise<number | null>;
  hasEnded = false;

  constructor(folder: string, script: string, args: readonly string[], env: Readonly<Record<string, string>>) {
    this.#child = spawn(process.execPath, ['--conditions=@tickwire/source', '--import', 'tsx', script, ...args], {
      cwd: path.join(root, folder),
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const keep = (chunk: Buffer): void => {
      this.output += chunk.toString();
    };
    this.#child.stdout?.on('data', keep);
    this.#child.stderr?.on('data', keep);
    this.ended = once(this.#child, 'close').then(([code]) => {
      this.hasEnded = true;
      return code as number | null;
    });
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    this.#child.kill(signal);
    return this.ended;
  }
}

/** Everything that one test file opens; `close` ends it all. */
export class Stage {
  readonly pages: string;
  #browser: Browser | undefined;
  readonly #programs = new Set<Program>();

  private constructor(pages: string) {
    this.pages = pages;
  }

  /** Builds the dashboard into a folder of its own. */
  static async open(): Promise<Stage> {
    const pages = await mkdtemp(path.join(tmpdir(), 'tickwire-pages-'));
    const dashboard = path.join(root, 'examples/dashboard');
    const vite = path.join(dashboard, 'node_modules/vite/bin/vite.js');
    const build = spawn(process.execPath, [vite, 'build', '--outDir', pages, '--emptyOutDir', '--logLevel', 'warn'], {
      cwd: dashboard,
      // Not that of a test: people get what is built for production.
      env: { ...process.env, NODE_ENV: 'production' },
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    const [code] = (await once(build, 'close')) as [number];
    if (code !== 0) throw new Error('The dashboard did not build.');
    return new Stage(pages);
  }

  /**
   * A running reference server with the dashboard.
   *
   * @param port that of one that was stopped; without it, a free one. Between two servers it may be the near end of
   *   somebody's connection for a while, so it is tried until it is to be had
   */
  async server(
    env: Readonly<Record<string, string>>,
    port = 0,
  ): Promise<{ program: Program; port: number; url: string }> {
    for (;;) {
      const program = this.run('examples/server', 'src/main.ts', [], {
        PAGES_DIR: this.pages,
        WEBSOCKET_PORT: String(port),
        HOST: '127.0.0.1',
        WS_LOOP_DELAY_MS: '60000',
        ...env,
      });
      const portOf = (): number => Number(/listening at http:\/\/[^"\s]*:(\d+)/i.exec(program.output)?.[1] ?? 0);
      await until('the server', () => (portOf() > 0 || program.hasEnded ? true : undefined));
      if (!program.hasEnded) return { program, port: portOf(), url: `http://127.0.0.1:${portOf()}` };
      if (!program.output.includes('is in use by another program')) throw new Error(program.output);
    }
  }

  run(folder: string, script: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Program {
    const program = new Program(folder, script, args, env);
    this.#programs.add(program);
    return program;
  }

  async browser(): Promise<Browser> {
    this.#browser ??= await chromium.launch({
      executablePath: chromiumPath,
      args: [
        ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
        ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
      ],
      // As browsers have it, and playwright has not.
      ignoreDefaultArgs: ['--disable-back-forward-cache'],
    });
    return this.#browser;
  }

  async close(): Promise<void> {
    await this.#browser?.close();
    await Promise.all([...this.#programs].map((program) => program.stop('SIGKILL')));
    await rm(this.pages, { recursive: true, force: true });
  }
}
