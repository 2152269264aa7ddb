/** The declarations, checked whole by four compilers (F21, F22), as `tsc --init` and the templates of bundlers set them up. */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Cell } from '../cell.js';
import { mustRun } from '../run-program.js';
import type { Stage } from '../stage.js';
import { toolbox } from '../toolbox.js';
import { nodeBinary } from './runtimes.js';

const compilers = ['5.4', '5.9', '6.0', '7'];
const modules = [
  { module: 'node16', moduleResolution: 'node16' },
  { module: 'nodenext', moduleResolution: 'nodenext' },
  { module: 'esnext', moduleResolution: 'bundler' },
];

export async function compilerCells(stage: Stage): Promise<Cell[]> {
  const project = await stage.project('types', 'types');
  const home = await toolbox('types');
  return compilers.flatMap((version) =>
    modules.flatMap((setting) =>
      [true, false].map((exact): Cell => {
        const exactly = `exactOptionalPropertyTypes ${exact ? 'on' : 'off'}`;
        return {
          part: 'Types',
          row: `TypeScript ${version}`,
          column: `\`${setting.moduleResolution}\`, ${exactly}`,
          heavy: true,
          async run() {
            const config = `tsconfig.${version}.${setting.moduleResolution}.${String(exact)}.json`;
            const compilerOptions = {
              ...setting,
              target: 'es2022',
              // Plain: what a page has, and no more. No types of Node either.
              lib: ['ES2022', 'DOM'],
              types: [],
              strict: true,
              skipLibCheck: false,
              exactOptionalPropertyTypes: exact,
              jsx: 'react-jsx',
              noEmit: true,
            };
            await writeFile(path.join(project, config), JSON.stringify({ compilerOptions, include: ['*.*'] }));
            const tsc = path.join(home, `node_modules/typescript-${version}/bin/tsc`);
            await mustRun(await nodeBinary(), [tsc, '-p', config, '--pretty', 'false'], {
              cwd: project,
              withinMs: 180_000,
            });
          },
        };
      }),
    ),
  );
}
