/** Programs of this repository as child processes, with what they print. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '../../..');

/** Waits until something holds; fails with what was waited for and what was printed. */
export async function until(what: string, holds: () => boolean, run?: Run): Promise<void> {
  const end = performance.now() + 60_000;
  while (!holds()) {
    if (performance.now() > end) throw new Error(`Waited in vain for ${what}\n${run?.output ?? ''}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** One run of a program. */
export class Run {
  output = '';
  readonly ended: Promise<number | null>;
  hasEnded = false;
  readonly #child: ChildProcess;

  constructor(folder: string, script: string, args: readonly string[] = [], env: Record<string, string> = {}) {
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

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Ends it; resolves with its exit code. */
  stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    this.#child.kill(signal);
    return this.ended;
  }
}

/** A script of this example. */
export const script = (name: string, args: readonly string[] = [], env: Record<string, string> = {}): Run =>
  new Run('examples/node-scripts', `src/${name}.ts`, args, env);

/** A running reference server. */
export class ReferenceServer extends Run {
  /** The port that it listens on; 0 until it does. */
  get port(): number {
    return Number(/listening at http:\/\/[^"\s]*:(\d+)/i.exec(this.output)?.[1] ?? 0);
  }

  get url(): string {
    return `ws://127.0.0.1:${this.port}/ws`;
  }
}

/**
 * A running reference server with quick simulated prices.
 *
 * @param port that of one that was stopped, or 0 for a free one. Between two servers it may be the near end of somebody's
 *   connection for a while, so it is tried until it is to be had
 */
export async function referenceServer(port = 0, env: Record<string, string> = {}): Promise<ReferenceServer> {
  for (;;) {
    const run = new ReferenceServer('examples/server', 'src/main.ts', [], {
      WEBSOCKET_PORT: String(port),
      HOST: '127.0.0.1',
      PRICE_UPDATE_INTERVAL: '50',
      PRICE_SEED: '1',
      WS_LOOP_DELAY_MS: '60000',
      ...env,
    });
    await until('the server', () => run.port > 0 || run.hasEnded, run);
    if (!run.hasEnded) return run;
    if (!run.output.includes('is in use by another program')) throw new Error(run.output);
  }
}
