// How deep a package's folders are stacked: the longest chain of imports that exist at run time. Types cost nobody a level.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

const most = 8;
const root = 'packages/client/src';
const files = readdirSync(root, { recursive: true })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => path.join(root, file));

/** What a file imports or passes on, but for types. */
function importsOf(file) {
  const targets = [];
  for (const statement of readFileSync(file, 'utf8').split(';')) {
    const [what, target] = statement.split(" from '.");
    const names = what.slice(Math.max(what.lastIndexOf('\nimport '), what.lastIndexOf('\nexport '), 0)).trim();
    if (target === undefined || /^(import|export) type /.test(names)) continue;
    const each = names
      .replace(/^(import|export)/, '')
      .replace(/[{}]/g, '')
      .split(',');
    if (each.every((name) => /^\s*(type\s|$)/.test(name))) continue;
    targets.push(path.join(path.dirname(file), `.${target.replace(/'$/, '').replace(/\.js$/, '.ts')}`));
  }
  return targets.filter((target) => files.includes(target));
}

const chains = new Map();
/** The longest chain that starts with a file. */
function chainOf(file) {
  if (!chains.has(file)) {
    chains.set(file, [file]);
    const below = importsOf(file).map(chainOf);
    chains.set(file, [file, ...(below.sort((a, b) => b.length - a.length)[0] ?? [])]);
  }
  return chains.get(file);
}

const longest = files.map(chainOf).sort((a, b) => b.length - a.length)[0];
console.log(`${root}: ${longest.length} levels`);
if (longest.length > most) {
  console.error(`At most ${most} levels of imports: ${longest.map((file) => path.relative(root, file)).join(' > ')}`);
  process.exitCode = 1;
}
