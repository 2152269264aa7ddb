/** Programs of this repository as child processes, with what they print. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '../../..');

/** Waits until something holds; fails with what was waited for and what was printed. */
export async function until(what: string, holds: () => boolean, run?: Run): Promise<void> {
  const end = performance.now() + 30_000;
  while (!holds()) {
    if (performance.now() > end) throw new Error(`Waited in vain for ${what}\n${run?.output ?? ''}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** A port that nobody listens on. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** One run of a program. */
export class Run {
  output = '';
  readonly ended: Promise<number | null>;
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
    this.ended = once(this.#child, 'close').then(([code]) => code as number | null);
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

/** A running reference server with quick simulated prices. */
export async function referenceServer(port: number, env: Record<string, string> = {}): Promise<Run> {
  const run = new Run('examples/server', 'src/main.ts', [], {
    WEBSOCKET_PORT: String(port),
    HOST: '127.0.0.1',
    PRICE_UPDATE_INTERVAL: '50',
    PRICE_SEED: '1',
    ...env,
  });
  const url = `http://127.0.0.1:${port}/healthz`;
  let up = false;
  void (async () => {
    while (!up) {
      up = (await fetch(url).catch(() => undefined))?.ok === true;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  })();
  try {
    await until('the server', () => up, run);
  } finally {
    up = true;
  }
  return run;
}
