/** Where recorded market data may lie beside the repository. It is never part of the project; tests skip without it. */
import { existsSync } from 'node:fs';
import path from 'node:path';

const repository = path.resolve(import.meta.dirname, '../../..');
const folder = path.join(path.dirname(repository), 'shared', 'data');

/** The file's path, or `undefined` with a printed message when there is none. */
export function recordedFile(name: string): string | undefined {
  const file = path.join(folder, name);
  if (existsSync(file)) return file;
  process.stdout.write(`Recorded data ${name} is not here: tests with it are skipped.\n`);
  return undefined;
}
