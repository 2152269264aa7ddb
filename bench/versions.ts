/** Which versions a measurement was made with. */
import { readFileSync } from 'node:fs';

/** The installed version of a package of the benches; read as a file, because not all packages export theirs. */
export function versionOf(name: string): string {
  const file = new URL(`node_modules/${name}/package.json`, import.meta.url);
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}
