/** Recorded sessions of exchanges, where they lie beside the repository. They are never part of it; tests skip without them. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

const repository = path.resolve(import.meta.dirname, '../../../..');
const folder = path.join(path.dirname(repository), 'shared', 'data');

/** The frames of a session as they were recorded, or `undefined` with a printed message. */
export function recordedFrames(name: string): readonly string[] | undefined {
  const file = path.join(folder, name);
  if (!existsSync(file)) {
    process.stdout.write(`Recorded data ${name} is not here: tests with it are skipped.\n`);
    return undefined;
  }
  const lines = readFileSync(file, 'utf8').trim().split('\n');
  return lines.map((line) => (JSON.parse(line) as { frame: string }).frame);
}
