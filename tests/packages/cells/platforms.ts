/** What runs neither in plain Node nor in a plain page: workerd, React Native, Next.js. */
import { createServer } from 'node:net';
import { spawn } from 'node:child_process';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { build } from 'esbuild';
import { visit } from '../browser.js';
import { NotHere, type Cell } from '../cell.js';
import { mustRun } from '../run-program.js';
import { smokeProgram, smokeRun } from '../smoke-run.js';
import { SmokeServer } from '../smoke-server.js';
import type { Stage } from '../stage.js';
import { binaryOf, toolbox } from '../toolbox.js';
import { nodeBinary } from './runtimes.js';

const part = 'Platforms';

function workerd(home: string): Cell {
  return {
    part,
    row: 'workerd (miniflare)',
    column: 'the programme',
    async run() {
      await build({
        entryPoints: [path.join(home, 'worker.mjs')],
        bundle: true,
        format: 'esm',
        // As wrangler does.
        conditions: ['workerd', 'worker', 'browser'],
        outfile: path.join(home, 'out/worker.mjs'),
        logLevel: 'silent',
      });
      const node = await nodeBinary();
      await smokeRun((server) => smokeProgram(node, ['drive.mjs'], server, [], { cwd: home }));
    },
  };
}

function metro(home: string, tools: string): Cell {
  return {
    part,
    row: "React Native's bundle (Metro; compiled by Hermes, run with React Native's globals)",
    column: 'the programme',
    heavy: true,
    async run() {
      if (binaryOf(tools, 'hermes-compiler/hermesc/linux64-bin/hermesc') === undefined || process.arch !== 'x64')
        throw new NotHere('there is no compiler of Hermes for this machine');
      const node = await nodeBinary();
      await mustRun(node, ['build.mjs'], { cwd: home, withinMs: 240_000 });
      await smokeRun((server) => smokeProgram(node, ['drive.mjs'], server, [], { cwd: home }));
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Starts what serves until it is stopped; resolves when it answers. */
async function serving(node: string, args: readonly string[], cwd: string, url: string): Promise<() => Promise<void>> {
  const child = spawn(node, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const stop = async (): Promise<void> => {
    if (child.exitCode === null && child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    await ended;
  };
  for (let tries = 0; tries < 600; tries += 1) {
    const answered = await fetch(url).then(
      ({ ok }) => ok,
      () => false,
    );
    if (answered) return stop;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  await stop();
  throw new Error(`It does not answer: ${said.slice(-1_000)}`);
}

function next(home: string, tools: string): Cell {
  return {
    part,
    row: 'Next.js, app router: build, page and hook',
    column: 'the programme',
    heavy: true,
    async run() {
      const node = await nodeBinary();
      const program = path.join(tools, 'node_modules/next/dist/bin/next');
      const env = { NEXT_TELEMETRY_DISABLED: '1', CI: 'true' };
      await mustRun(node, [program, 'build'], { cwd: home, env, withinMs: 300_000 });
      const port = await freePort();
      const url = `http://127.0.0.1:${port}`;
      const args = [program, 'start', '--hostname', '127.0.0.1', '--port', String(port)];
      const stop = await serving(node, args, home, url);
      try {
        await smokeRun(async (server) => {
          const forHook = await SmokeServer.start();
          try {
            await visit(url, server, { hookUrl: forHook.url });
          } finally {
            await forHook.stop();
          }
        });
      } finally {
        await stop();
      }
    },
  };
}

export async function platformCells(stage: Stage): Promise<Cell[]> {
  return [
    workerd(await stage.project('runtimes', 'workerd')),
    metro(await stage.project('metro', 'metro'), await toolbox('metro')),
    next(await stage.project('next', 'next'), await toolbox('next')),
  ];
}
