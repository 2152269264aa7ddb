/** Node in four versions, Bun and Deno (F3, F24). */
import { NotHere, type Cell } from '../cell.js';
import { smokeProgram, smokeRun } from '../smoke-run.js';
import type { Stage } from '../stage.js';
import { binaryOf, toolbox } from '../toolbox.js';

const part = 'Runtimes';
const nodes = ['20', '22', '24', '26'];
const names: Readonly<Record<string, string>> = {
  '20': 'Node 20.19',
  '22': 'Node 22',
  '24': 'Node 24',
  '26': 'Node 26',
};

/** A binary that has to be there. @throws NotHere */
export function needed(binary: string | undefined, what: string): string {
  if (binary === undefined) throw new NotHere(`there is no package with ${what} for this machine`);
  return binary;
}

/** The Node that tools run in. */
export async function nodeBinary(version = '24'): Promise<string> {
  const home = await toolbox('runtimes');
  return needed(binaryOf(home, `node-${version}-${process.arch}/bin/node`), `Node ${version}`);
}

export async function runtimeCells(stage: Stage): Promise<Cell[]> {
  const project = await stage.project('runtimes', 'node');
  const home = await toolbox('runtimes');
  const cells: Cell[] = [];
  for (const version of nodes) {
    for (const format of ['esm', 'cjs']) {
      const file = `smoke-${format}.${format === 'esm' ? 'mjs' : 'cjs'}`;
      const row = names[version] ?? version;
      const column = format === 'esm' ? 'ESM' : 'CommonJS';
      cells.push({
        part,
        row,
        column: `${column}, the platform's WebSocket`,
        run: () =>
          smokeRun(async (server) => {
            const flags = version === '20' ? ['--experimental-websocket'] : [];
            await smokeProgram(await nodeBinary(version), [...flags, file], server, [], { cwd: project });
          }),
      });
      // Node 20 takes the package by itself, newer ones where headers have to go along.
      const headers = { 'x-matrix': 'yes' };
      const options = version === '20' ? {} : { headers };
      cells.push({
        part,
        row,
        column: `${column}, \`ws\``,
        run: () =>
          smokeRun(
            async (server) => {
              const more = [JSON.stringify(options)];
              await smokeProgram(await nodeBinary(version), [file], server, more, { cwd: project });
            },
            (server) =>
              version === '20' || server.headers.every((sent) => sent['x-matrix'] === 'yes')
                ? []
                : ['the headers did not go along'],
          ),
      });
    }
  }
  const bun = binaryOf(home, '@oven/bun-linux-x64/bin/bun', '@oven/bun-linux-aarch64/bin/bun');
  for (const format of ['esm', 'cjs']) {
    cells.push({
      part,
      row: 'Bun',
      column: `${format === 'esm' ? 'ESM' : 'CommonJS'}, the platform's WebSocket`,
      run: () =>
        smokeRun((server) => {
          const file = `smoke-${format}.${format === 'esm' ? 'mjs' : 'cjs'}`;
          return smokeProgram(needed(bun, 'Bun'), ['run', file], server, [], { cwd: project });
        }),
    });
  }
  const deno = binaryOf(home, '@deno/linux-x64-glibc/deno', '@deno/linux-arm64-glibc/deno');
  cells.push({
    part,
    row: 'Deno, `--allow-net` alone',
    column: "ESM, the platform's WebSocket",
    run: () =>
      smokeRun((server) => {
        const args = ['run', '--no-prompt', '--allow-net', 'smoke-deno.mjs'];
        return smokeProgram(needed(deno, 'Deno'), args, server, [], {
          cwd: project,
          env: { DENO_DIR: `${project}/.deno`, DENO_NO_UPDATE_CHECK: '1' },
        });
      }),
  });
  return cells;
}
