// House rules that a linter does not know: names of files, the size of rooms, escape hatches.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';

const longestRoom = 300;
const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], { encoding: 'utf8' })
  .split('\n')
  .filter((file) => /\.(ts|tsx|mjs|cjs|js)$/.test(file));
const problems = [];

for (const file of files) {
  const name = path.basename(file).replace(/\.(test|web|d|config|test-d)?\.(ts|tsx|mjs|cjs|js)$/, '');
  if (!/^\.?[a-z0-9]+(?:[-.][a-z0-9]+)*$/.test(name)) problems.push(`${file}: file names are kebab-case`);
  if (/^(types|utils|helpers|constants)$/.test(name))
    problems.push(`${file}: a drawer; put its parts where they belong`);
  if (!/^(packages|examples)\/[^/]+\/src\//.test(file) || file.includes('/generated/')) continue;
  const text = readFileSync(file, 'utf8');
  const lines = text.split('\n').length;
  if (lines > longestRoom) problems.push(`${file}: ${lines} lines; a room that grows past 300 wants to be two`);
  if (/@ts-(ignore|nocheck)|eslint-disable|\bas any\b|: any[;,)\]>|= ](?!string)/.test(text))
    problems.push(`${file}: an escape hatch`);
  // The kernel knows no server: its code (not its examples) names no dialect.
  const code = text
    .split('\n')
    .filter((line) => !/^\s*[*/]/.test(line))
    .join('\n');
  if (file.includes('/client/src/kernel/') && /\b(metals?|coins?|tickwire|coinbase|binance)\b/.test(code))
    problems.push(`${file}: names a dialect; the kernel knows none`);
  if (/\b(TODO|FIXME|XXX)\b/.test(text)) problems.push(`${file}: something left to do`);
}
for (const problem of problems) console.error(problem);
process.exitCode = problems.length === 0 ? 0 : 1;
