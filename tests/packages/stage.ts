/** Packs our packages, installs them, and lays out the scratch projects that cells run in. */
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { transformSync } from 'esbuild';
import { startRegistry, type Registry } from './registry.js';
import { mustRun } from './run-program.js';
import { cacheFolder, toolbox } from './toolbox.js';

const root = path.resolve(import.meta.dirname, '../..');
const projects = path.join(import.meta.dirname, 'projects');

export interface Stage {
  readonly registry: Registry;
  /** Takes the temporary folders away. */
  end(): Promise<void>;
  /** An empty project that finds our packages in the registry. */
  empty(name: string): Promise<string>;
  /**
   * A project with our packages installed, and a toolbox's above it: `projects/<source>` and the smoke programme are
   * copied into it.
   */
  project(group: string, source: string, name?: string): Promise<string>;
  /** Copies the files of another project into one. */
  add(home: string, source: string): Promise<void>;
}

async function packAll(folder: string): Promise<string[]> {
  const manager = process.env['npm_execpath'] ?? 'pnpm';
  const [command, first] = /\.[cm]?js$/.test(manager) ? [process.execPath, [manager]] : [manager, []];
  const homes = await readdir(path.join(root, 'packages'));
  for (const home of homes.map((name) => path.join(root, 'packages', name))) {
    const manifest = JSON.parse(await readFile(path.join(home, 'package.json'), 'utf8')) as { private?: boolean };
    if (manifest.private === true) continue;
    await mustRun(command, [...first, 'pack', '--pack-destination', folder], { cwd: home });
  }
  const files = await readdir(folder);
  return files.filter((file) => file.endsWith('.tgz')).map((file) => path.join(folder, file));
}

/** What npm is told in each install: our scope comes from here, and nothing runs that a package brings. */
export const installFlags = ['--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error'];

export async function setStage(): Promise<Stage> {
  await mkdir(cacheFolder, { recursive: true });
  const folder = await mkdtemp(path.join(cacheFolder, 'run-'));
  const made: string[] = [folder];
  const registry = await startRegistry(await packAll(folder));

  const empty = async (name: string): Promise<string> => {
    const home = path.join(folder, name);
    await mkdir(home, { recursive: true });
    await writeFile(path.join(home, 'package.json'), JSON.stringify({ name, private: true, version: '1.0.0' }));
    await writeFile(path.join(home, '.npmrc'), `@tickwire:registry=${registry.url}\n`);
    return home;
  };
  // What our packages need besides themselves; React is the toolbox's, there must be one of it only.
  const installed = await empty('installed');
  await mustRun('npm', ['install', ...installFlags, '--omit=peer', ...registry.names], {
    cwd: installed,
    withinMs: 300_000,
  });
  const smoke = await readFile(path.join(projects, 'smoke.mjs'), 'utf8');

  return {
    registry,
    empty,
    async project(group, source, name = source) {
      const home = path.join(await toolbox(group), `${name}-${process.pid}`);
      made.push(home);
      await rm(home, { recursive: true, force: true });
      await mkdir(home, { recursive: true });
      await writeFile(path.join(home, 'package.json'), JSON.stringify({ name, private: true, version: '1.0.0' }));
      await cp(path.join(projects, source), home, { recursive: true });
      await cp(path.join(installed, 'node_modules'), path.join(home, 'node_modules'), { recursive: true });
      await writeFile(path.join(home, 'smoke.mjs'), smoke);
      await writeFile(path.join(home, 'smoke.cjs'), transformSync(smoke, { format: 'cjs', target: 'es2022' }).code);
      return home;
    },
    add: (home, source) => cp(path.join(projects, source), home, { recursive: true }),
    async end() {
      await registry.close();
      for (const home of made) await rm(home, { recursive: true, force: true });
    },
  };
}
