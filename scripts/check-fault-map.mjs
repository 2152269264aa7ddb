// Every fault that was reported (F1 to F70) has a test with its number in the title, or in that of the block around it.
// docs/faults-map.md names the files; `--write` fills them in, without it the page has to be as it would be written.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fullTitlesOf } from './test-titles.mjs';

const page = 'docs/faults-map.md';
const count = 70;
// Its tables have scenarios F01 to F10: those are written with two digits, faults never with a leading zero.
const numbersIn = (title) => [...title.matchAll(/\bF([1-9]\d?)\b/g)].map(([, number]) => Number(number));

function testsBelow(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((item) => {
    const file = path.posix.join(folder, item.name);
    if (item.isDirectory()) return ['node_modules', 'dist'].includes(item.name) ? [] : testsBelow(file);
    return /\.test\.tsx?$/.test(item.name) ? [file] : [];
  });
}

const files = new Map(Array.from({ length: count }, (_, index) => [index + 1, new Set()]));
for (const file of ['packages', 'examples', 'tests'].flatMap(testsBelow).sort()) {
  for (const title of fullTitlesOf(file)) for (const number of numbersIn(title)) files.get(number)?.add(file);
}

// What no test runner sees: cells of the matrix and checks of the tarballs say the number in their source.
const others = [
  'scripts/check-packages.mjs',
  ...readdirSync('tests/packages/cells').map((name) => `tests/packages/cells/${name}`),
];
for (const file of others.sort()) {
  for (const number of numbersIn(readFileSync(file, 'utf8'))) files.get(number)?.add(file);
}

const problems = [];
const seen = new Set();
const text = readFileSync(page, 'utf8');
const filled = text
  .split('\n')
  .map((line) => {
    const [, number, gist] = /^\| F(\d+) \| (.*) \| [^|]* \|$/.exec(line) ?? [];
    if (number === undefined) return line;
    seen.add(Number(number));
    const names = [...(files.get(Number(number)) ?? [])].map((file) => `\`${file}\``);
    return `| F${number} | ${gist} | ${names.join(', ') || '–'} |`;
  })
  .join('\n');
for (const [number, tests] of files) {
  if (tests.size === 0) problems.push(`F${number} stands in no test's title`);
  if (!seen.has(number)) problems.push(`${page}: F${number} is missing`);
}
if (process.argv.includes('--write')) writeFileSync(page, filled);
else if (filled !== text) problems.push(`${page} is not up to date: node scripts/check-fault-map.mjs --write`);
for (const problem of problems) console.error(problem);
process.exitCode = problems.length === 0 ? 0 : 1;
