/** Each package alone in an empty project (F27), as npm and pnpm lay it out; and READMEs whose links lead somewhere. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { existsSync } from 'node:fs';
import type { Cell } from '../cell.js';
import { mustRun } from '../run-program.js';
import { installFlags, type Stage } from '../stage.js';

const part = 'Alone in an empty project';

/** Links that a package's page on a registry would not know. */
async function deadLinks(folder: string): Promise<string[]> {
  const text = await readFile(path.join(folder, 'README.md'), 'utf8');
  const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link]) => link ?? '');
  return links.filter((link) => !/^(https:\/\/|#)/.test(link));
}

async function works(home: string, name: string): Promise<void> {
  const look = `if (Object.keys(entry).length === 0) throw new Error('nothing exported')`;
  const esm = `import * as entry from '${name}'; ${look}`;
  await mustRun(process.execPath, ['--input-type=module', '-e', esm], { cwd: home });
  await mustRun(process.execPath, ['-e', `const entry = require('${name}'); ${look}`], { cwd: home });
}

export function installCells(stage: Stage): Promise<Cell[]> {
  const cells = stage.registry.names.flatMap((name): Cell[] => [
    {
      part,
      row: `\`${name}\``,
      column: 'npm',
      async run() {
        const home = await stage.empty(`npm-${path.basename(name)}`);
        await mustRun('npm', ['install', ...installFlags, name], { cwd: home, withinMs: 180_000 });
        await works(home, name);
        const dead = await deadLinks(path.join(home, 'node_modules', name));
        if (dead.length > 0) throw new Error(`its README links to ${dead.join(' ')}`);
      },
    },
    {
      part,
      row: `\`${name}\``,
      column: 'pnpm',
      async run() {
        const home = await stage.empty(`pnpm-${path.basename(name)}`);
        const manager = process.env['npm_execpath'] ?? 'pnpm';
        const [command, first] = /\.[cm]?js$/.test(manager) ? [process.execPath, [manager]] : [manager, []];
        const args = [...first, 'add', '--ignore-scripts', '--prefer-offline', name];
        // What runs us has told it of our own lockfile.
        await mustRun(command, args, { cwd: home, env: { CI: '' }, withinMs: 180_000 });
        await works(home, name);
        if (existsSync(path.join(home, 'node_modules/zod')) && name !== '@tickwire/protocol')
          throw new Error('what is not its own lies open');
      },
    },
  ]);
  return Promise.resolve(cells);
}
