/** Pages in Chromium, through each bundler and without one (F23); and what the same bundlers make for Node. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { show } from '../browser.js';
import type { Cell } from '../cell.js';
import { mustRun } from '../run-program.js';
import { smokeProgram, smokeRun } from '../smoke-run.js';
import type { Stage } from '../stage.js';
import { nodeBinary } from './runtimes.js';

const pages = 'Pages in Chromium';
const servers = 'Bundles for Node';

interface Door {
  readonly [condition: string]: string | Door;
}

/** The file that a page without a bundler loads for an import. */
async function fileFor(home: string, specifier: string): Promise<string> {
  const [scope = '', name = '', ...rest] = specifier.split('/');
  const folder = `${scope}/${name}`;
  const text = await readFile(path.join(home, 'node_modules', folder, 'package.json'), 'utf8');
  const { exports } = JSON.parse(text) as { exports: Record<string, Door> };
  let door: string | Door | undefined = exports[['.', ...rest].join('/')];
  while (typeof door === 'object') door = door['browser'] ?? door['import'] ?? door['default'];
  if (door === undefined) throw new Error(`${specifier} has no door for a page`);
  return path.posix.join('/node_modules', folder, door);
}

/** Builds, and wants no warning. */
async function quietBuild(home: string, args: readonly string[]): Promise<void> {
  const { stderr } = await mustRun(await nodeBinary(), args, { cwd: home, withinMs: 180_000 });
  if (stderr.trim() !== '') throw new Error(`The build complains: ${stderr.trim().slice(0, 1_500)}`);
}

export async function pageCells(stage: Stage): Promise<Cell[]> {
  const home = await stage.project('bundlers', 'bundlers');
  await stage.add(home, 'node');
  const html = (kind: string): Record<string, string> => ({
    '/index.html': `<!doctype html><title>prices</title><script ${kind} src="/bundle.js"></script>`,
  });
  const built = (row: string, column: string, args: readonly string[], out: string, kind?: string): Cell => ({
    part: pages,
    row,
    column,
    heavy: true,
    async run() {
      await quietBuild(home, args);
      await smokeRun((server) => show(path.join(home, out), server, kind === undefined ? {} : html(kind)));
    },
  });
  const forNode = (row: string, column: string, args: readonly string[], file: string): Cell => ({
    part: servers,
    row,
    column,
    heavy: true,
    async run() {
      await quietBuild(home, args);
      for (const version of ['20', '24']) {
        const binary = await nodeBinary(version);
        await smokeRun((server) => smokeProgram(binary, [file], server, [], { cwd: home }));
      }
    },
  });
  const module = 'type="module"';
  return [
    built('Vite', 'ES modules', ['build-vite.mjs'], 'out-vite'),
    built('webpack', 'script', ['build-webpack.mjs', 'page'], 'out-webpack-page', 'defer'),
    ...['plain', 'commonjs'].flatMap((plugin) => {
      const row = plugin === 'plain' ? 'Rollup' : 'Rollup, CommonJS plugin';
      const out = (format: string): string => `out-rollup-${format}-${plugin}`;
      return [
        built(row, 'ES modules', ['build-rollup.mjs', 'es', plugin], out('es'), module),
        built(row, 'script', ['build-rollup.mjs', 'iife', plugin], out('iife'), 'defer'),
      ];
    }),
    built('esbuild', 'ES modules', ['build-esbuild.mjs', 'page'], 'out-esbuild-page', module),
    {
      part: pages,
      row: 'No bundler, an import map',
      column: 'ES modules',
      async run() {
        const names = ['@tickwire/client', '@tickwire/protocol/codec', '@tickwire/protocol/rules'];
        const imports = Object.fromEntries(
          await Promise.all(names.map(async (name): Promise<[string, string]> => [name, await fileFor(home, name)])),
        );
        const map = `<script type="importmap">${JSON.stringify({ imports })}</script>`;
        const page = `<!doctype html><title>prices</title>${map}<script ${module} src="/page.mjs"></script>`;
        await smokeRun((server) => show(home, server, { '/index.html': page }));
      },
    },
    forNode('webpack', 'CommonJS', ['build-webpack.mjs', 'node'], 'out-webpack-node/bundle.cjs'),
    forNode('esbuild', 'ESM', ['build-esbuild.mjs', 'esm'], 'out-esbuild-esm/bundle.mjs'),
    forNode('esbuild', 'CommonJS', ['build-esbuild.mjs', 'cjs'], 'out-esbuild-cjs/bundle.cjs'),
  ];
}
