/** A Redis of a test's own: Debian's `redis-server` on a port that nobody has, without a trace on the disk. */
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createClient } from 'redis';

const program = process.env['REDIS_SERVER_PATH'] ?? '/usr/bin/redis-server';

/** Whether there is a `redis-server` to test with; without one its tests are skipped, and vitest's configuration says so. */
export const hasRedis = existsSync(program);

export interface RedisProcess {
  readonly port: number;
  readonly url: string;
  /** Sends one command over a connection of its own. */
  command(...args: string[]): Promise<unknown>;
  /** Ends it the hard way; resolves when it is gone. */
  kill(signal?: NodeJS.Signals): Promise<void>;
  /** Starts it again on its port, with an empty memory unless it saved. */
  start(): Promise<void>;
  /** Ends it and removes its folder. */
  stop(): Promise<void>;
}

/** Redis takes no port 0. Whoever takes it between the look and the start makes the start fail, and another one is tried. */
async function freePort(): Promise<number> {
  const holder = createServer();
  await new Promise<void>((resolve) => holder.listen(0, '127.0.0.1', resolve));
  const { port } = holder.address() as AddressInfo;
  await new Promise<void>((resolve) => holder.close(() => resolve()));
  return port;
}

/** Starts one. `settings` are those of `redis.conf`, as arguments. */
export async function startRedis(...settings: string[]): Promise<RedisProcess> {
  const folder = mkdtempSync(path.join(tmpdir(), 'tickwire-redis-'));
  let child: ChildProcess | undefined;
  let port = 0;

  async function run(): Promise<boolean> {
    const args = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--dir', folder, ...settings];
    const started = spawn(program, args, { stdio: ['ignore', 'pipe', 'ignore'] });
    child = started;
    return new Promise((resolve) => {
      let output = '';
      started.stdout.on('data', (chunk: Buffer) => {
        output = (output + chunk.toString()).slice(-2_000);
        if (output.includes('Ready to accept connections')) resolve(true);
      });
      started.once('close', () => resolve(false));
    });
  }

  for (let tries = 0; ; tries += 1) {
    port = await freePort();
    if (await run()) break;
    if (tries === 5) throw new Error('redis-server does not start');
  }
  const url = `redis://127.0.0.1:${port}`;

  async function kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    const ended = child;
    if (ended === undefined || ended.exitCode !== null || ended.signalCode !== null) return;
    const gone = new Promise((resolve) => ended.once('close', resolve));
    ended.kill(signal);
    await gone;
  }

  return {
    port,
    url,
    async command(...args) {
      const client = createClient({ url, socket: { reconnectStrategy: false } });
      client.on('error', () => undefined);
      await client.connect();
      try {
        return await client.sendCommand(args);
      } finally {
        client.destroy();
      }
    },
    kill,
    async start() {
      if (!(await run())) throw new Error(`Redis did not come back on port ${port}`);
    },
    async stop() {
      await kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
