import { spawn, type ChildProcess } from 'node:child_process';
import { createServer, type AddressInfo } from 'node:net';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { StreamClient } from './stream-client.js';

const folder = path.resolve(import.meta.dirname, '..');
const children: ChildProcess[] = [];

interface Run {
  /** What was printed so far. */
  output(): { stdout: string; stderr: string };
  /** Resolves once stdout has the words. */
  says(words: string): Promise<void>;
  stop(signal: NodeJS.Signals): void;
  readonly exit: Promise<number | null>;
}

function run(program: string, args: string[], environment: Record<string, string>): Run {
  const child = spawn(
    process.execPath,
    ['--conditions=@tickwire/source', '--import', 'tsx', `src/${program}`, ...args],
    {
      cwd: folder,
      env: { PATH: process.env['PATH'], ...environment },
    },
  );
  children.push(child);
  let stdout = '';
  let stderr = '';
  let wake: () => void = () => undefined;
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString();
    wake();
  });
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const exit = new Promise<number | null>((resolve) => child.on('close', resolve));
  return {
    exit,
    output: () => ({ stdout, stderr }),
    says: (words) =>
      new Promise<void>((resolve, reject) => {
        wake = () => {
          if (stdout.includes(words)) resolve();
        };
        wake();
        void exit.then(() => reject(new Error(`It ended without "${words}": ${stdout}${stderr}`)));
      }),
    stop: (signal) => void child.kill(signal),
  };
}

afterEach(async () => {
  for (const child of children.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    const gone = new Promise((resolve) => child.on('close', resolve));
    child.kill('SIGKILL');
    await gone;
  }
});

/** Keeps a port busy. */
async function takePort(): Promise<{ port: number; release: () => Promise<void> }> {
  const holder = createServer();
  await new Promise<void>((resolve) => holder.listen(0, '127.0.0.1', resolve));
  const { port } = holder.address() as AddressInfo;
  return { port, release: () => new Promise((resolve) => holder.close(() => resolve())) };
}

// Each of these starts a process that compiles its sources: seconds on a busy machine.
describe('the programs', () => {
  it.each(['main.ts', 'demo.ts'])('%s --help lists every key and ends with 0', async (program) => {
    const { exit, output } = run(program, ['--help'], {});
    expect(await exit).toBe(0);
    for (const key of ['WEBSOCKET_PORT', 'PORT', 'PRICE_SOURCE', 'REPLAY_FILE', 'PAGES_DIR', 'WS_MAX_CONNECTIONS']) {
      expect(output().stdout).toContain(key);
    }
  });

  it.each(['main.ts', 'demo.ts'])('%s says what to do about a busy port, and ends with 1', async (program) => {
    const { port, release } = await takePort();
    const { exit, output } = run(program, [], { PORT: String(port), LOG_LEVEL: 'silent' });
    expect(await exit).toBe(1);
    expect(output().stderr.trim()).toBe(
      `Port ${port} is in use by another program. Stop that one, or choose another port: PORT=${port + 1}`,
    );
    await release();
  });

  it('main.ts tells what is wrong with the environment, and ends with 1', async () => {
    const { exit, output } = run('main.ts', [], { PORT: 'x', PRICE_SOURCE: 'replay' });
    expect(await exit).toBe(1);
    expect(output().stderr).toContain('PORT: expected a whole number');
  });

  it('demo.ts says where to look, streams, prints prices, and ends with 0 on SIGTERM', async () => {
    const demo = run('demo.ts', [], { PORT: '0' });
    await demo.says('http://localhost:');
    const port = Number(/http:\/\/localhost:(\d+)/.exec(demo.output().stdout)?.[1]);
    const client = await StreamClient.tickwire(`ws://127.0.0.1:${port}/ws`);
    client.send({ type: 'subscribe', id: 1, data: { channels: [{ channel: 'coin:bitcoin' }] } });
    await client.next('snapshot');
    await client.next('price_update');
    await demo.says('bitcoin ');
    demo.stop('SIGTERM');
    expect((await client.closed).code).toBe(1012);
    expect(await demo.exit).toBe(0);
    expect(demo.output().stderr).toBe('');
  });
});
