/** Installs of what the cells run with: one a lockfile, kept between runs. */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { mustRun } from './run-program.js';

/** Outside of the tree, so that nothing of the workspace can be found from there. */
export const cacheFolder = process.env['TICKWIRE_MATRIX_CACHE'] ?? path.join(tmpdir(), 'tickwire-matrix');

const toolsFolder = path.join(import.meta.dirname, 'tools');

/** The folder of a group of tools, with its `node_modules`; installed when its lockfile was not seen before. */
export async function toolbox(group: string): Promise<string> {
  const lock = await readFile(path.join(toolsFolder, group, 'package-lock.json'));
  const key = createHash('sha256').update(lock).update(process.arch).digest('hex').slice(0, 12);
  const home = path.join(cacheFolder, `${group}-${key}`);
  if (existsSync(path.join(home, '.complete'))) return home;
  // Made aside: a run that was stopped, or one beside it, leaves no half of an install.
  const made = `${home}-${process.pid}`;
  await rm(made, { recursive: true, force: true });
  await mkdir(made, { recursive: true });
  for (const file of ['package.json', 'package-lock.json'])
    await copyFile(path.join(toolsFolder, group, file), path.join(made, file));
  const quiet = ['--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error'];
  await mustRun('npm', ['ci', ...quiet], { cwd: made, withinMs: 600_000 });
  await writeFile(path.join(made, '.complete'), '');
  await rm(home, { recursive: true, force: true });
  await rename(made, home).catch(async (error: unknown) => {
    // Another run was faster.
    if (!existsSync(path.join(home, '.complete'))) throw error;
    await rm(made, { recursive: true, force: true });
  });
  return home;
}

/** A programme of a toolbox; `undefined` where this machine has none. */
export function binaryOf(home: string, ...candidates: readonly string[]): string | undefined {
  return candidates.map((file) => path.join(home, 'node_modules', file)).find((file) => existsSync(file));
}
