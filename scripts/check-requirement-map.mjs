// These maps name, for every requirement and scenario, the test that would fail without it. This says where a
// number is missing, a file does not exist, or a file has no test of that title (or one that never runs).
import { existsSync, readFileSync } from 'node:fs';
import { titlesOf } from './test-titles.mjs';

/** `R1` … `R53`. */
const numbered = (letter, count, digits) =>
  Array.from({ length: count }, (_, index) => `${letter}${String(index + 1).padStart(digits, '0')}`);

const maps = [
  { page: 'docs/client-requirements-map.md', numbers: numbered('R', 53, 1) },
  {
    page: 'docs/client-scenarios-map.md',
    numbers: [...numbered('A', 16, 2), ...numbered('C', 18, 2), ...numbered('E', 10, 2)],
  },
  {
    page: 'examples/server/scenarios.md',
    numbers: [...numbered('B', 21, 2), ...numbered('D', 26, 2), ...numbered('F', 10, 2), ...numbered('G', 11, 2)],
  },
];

const problems = [];
const titlesByFile = new Map();

/** The titles of a file's tests. */
function titlesIn(file) {
  const titles = titlesByFile.get(file) ?? titlesOf(file);
  titlesByFile.set(file, titles);
  return titles;
}

/** The cells of a table's line; `\|` is a bar within one. */
function cellsOf(line) {
  return line
    .split(/(?<!\\)\|/)
    .slice(1, -1)
    .map((cell) => cell.trim().replaceAll('\\|', '|'));
}

for (const { page, numbers } of maps) {
  if (!existsSync(page)) {
    problems.push(`${page} does not exist`);
    continue;
  }
  const seen = new Set();
  for (const [index, line] of readFileSync(page, 'utf8').split('\n').entries()) {
    if (!/^\|\s*[A-Z]\d/.test(line)) continue;
    const at = `${page}:${index + 1}`;
    const [number = '', gist = '', title = '', file = '', ...more] = cellsOf(line);
    if (more.length > 0 || gist === '' || title === '' || file === '') {
      problems.push(`${at}: a line is | number | what it asks for | test title | file |`);
      continue;
    }
    if (!numbers.includes(number)) problems.push(`${at}: ${number} is no number of this page`);
    seen.add(number);
    const path = file.replaceAll('`', '');
    if (!existsSync(path)) problems.push(`${at}: ${number} names ${path}, which does not exist`);
    else if (/\.test\.tsx?$/.test(path)) {
      if (!titlesIn(path).has(title)) problems.push(`${at}: ${number}: ${path} has no test "${title}"`);
    } else if (!/^(scripts|bench)\//.test(path))
      problems.push(`${at}: ${number} names ${path}, which is neither a test nor a check nor a bench`);
    else if (!readFileSync(path, 'utf8').includes(title)) problems.push(`${at}: ${number}: ${path} has no "${title}"`);
  }
  for (const number of numbers) if (!seen.has(number)) problems.push(`${page}: ${number} is missing`);
}

for (const problem of problems) console.error(problem);
process.exitCode = problems.length === 0 ? 0 : 1;
