/** The reference server as its own process on one port, and the same server without its drain: it closes everybody at once. */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

/** How a server ends: by its drain, or with a bare 1012 for all in one turn of the loop, without `going_away` and without a hint. */
export type Ending = 'drain' | 'at once';

const scripts: Readonly<Record<Ending, URL>> = {
  drain: new URL('../../examples/server/src/main.ts', import.meta.url),
  'at once': new URL('abrupt-server.ts', import.meta.url),
};

/** A port that the system gives to nobody's near end, so that a stopped server gets it back. */
export async function stablePort(from = 22_000 + (process.pid % 1_000)): Promise<number> {
  for (let port = from; ; port += 1) {
    const server = createServer();
    server.listen(port, '127.0.0.1');
    const isFree = await Promise.race([
      once(server, 'listening').then(() => true),
      once(server, 'error').then(() => false),
    ]).catch(() => false);
    server.close();
    if (isFree) return port;
  }
}

/** One run of a server. */
export class DeployedServer {
  readonly #child: ChildProcess;
  readonly #port: number;

  private constructor(child: ChildProcess, port: number) {
    this.#child = child;
    this.#port = port;
  }

  /** Starts one and waits until it takes connections. */
  static async start(ending: Ending, port: number): Promise<DeployedServer> {
    const child = fork(scripts[ending], [], {
      execArgv: ['--conditions=@tickwire/source', '--import', 'tsx'],
      env: {
        PATH: process.env['PATH'],
        WEBSOCKET_PORT: String(port),
        HOST: '127.0.0.1',
        LOG_LEVEL: 'fatal',
        WS_MAX_CONNECTIONS: '20000',
        // All come from this machine: what an address may open is not what is measured. The bound of all together stays.
        WS_CONNECTIONS_PER_ADDRESS: '20000',
        WS_CONNECTS_PER_SECOND: '20000',
        WS_CONNECT_BURST: '20000',
      },
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    const server = new DeployedServer(child, port);
    for (let tries = 0; tries < 600; tries += 1) {
      if ((await server.#get('/readyz')) !== undefined) return server;
      await pause(50);
    }
    child.kill('SIGKILL');
    throw new Error('The server did not start within 30 s');
  }

  /** Connections that it refused with this status. */
  async refused(status: number): Promise<number> {
    const metrics = (await this.#get('/metrics')) ?? '';
    return Number(new RegExp(`tickwire_refused_upgrades_total\\{status="${status}"\\} (\\d+)`).exec(metrics)?.[1] ?? 0);
  }

  /** Ends it with SIGTERM; tells its exit code and how long it took, ms. */
  async end(): Promise<{ code: number | null; ms: number }> {
    const began = performance.now();
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      const gone = once(this.#child, 'exit');
      this.#child.kill('SIGTERM');
      const late = setTimeout(() => this.#child.kill('SIGKILL'), 30_000);
      await gone;
      clearTimeout(late);
    }
    return { code: this.#child.exitCode, ms: performance.now() - began };
  }

  async #get(path: string): Promise<string | undefined> {
    try {
      const answer = await fetch(`http://127.0.0.1:${this.#port}${path}`, { signal: AbortSignal.timeout(5_000) });
      const text = await answer.text();
      return answer.ok ? text : undefined;
    } catch {
      return undefined;
    }
  }
}
