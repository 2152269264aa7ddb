/** Runs the matrix, prints it, and writes it to docs/runtimes.md. `pnpm test:packages Node` runs the cells that say so (of several words, one), and writes nothing. */
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { runCells, type Cell, type Result } from './cell.js';
import { closeBrowser } from './browser.js';
import { compilerCells } from './cells/compilers.js';
import { installCells } from './cells/installs.js';
import { pageCells } from './cells/pages.js';
import { platformCells } from './cells/platforms.js';
import { runtimeCells } from './cells/runtimes.js';
import { testRunnerCells } from './cells/test-runners.js';
import { setStage } from './stage.js';
import { page } from './table.js';

const intro = `# Where the packages work

Written by \`pnpm test:packages\`, which CI runs too: a cell that fails there fails the run. The packed tarballs are installed from a
registry of their own, and one and the same programme runs in each cell: it connects, subscribes, receives, renews its token, loses
the server for two seconds, is back within its back-off and one second, dials where nobody listens, closes, and leaves nothing open.
The exact versions stand in the lockfiles of [tests/packages/tools](../tests/packages/tools).`;

const document = path.resolve(import.meta.dirname, '../../docs/runtimes.md');
const words = process.argv.slice(2);
const title = ({ part, row, column }: Cell): string => `${part}: ${row}, ${column}`;

function tell({ cell, outcome, reason }: Result): void {
  const mark = { works: 'ok  ', fails: 'FAIL', 'not here': 'none' }[outcome];
  console.log(`${mark} ${title(cell)}${reason === '' ? '' : `\n     ${reason.replaceAll('\n', '\n     ')}`}`);
}

const stage = await setStage();
let results: Result[];
try {
  const all: Cell[] = [];
  const makers = [runtimeCells, pageCells, platformCells, testRunnerCells, installCells, compilerCells];
  for (const make of makers) all.push(...(await make(stage)));
  const cells = all.filter(
    (cell) => words.length === 0 || words.some((word) => title(cell).toLowerCase().includes(word.toLowerCase())),
  );
  console.log(`${cells.length} cells`);
  results = await runCells(cells, tell);
} finally {
  await closeBrowser();
  await stage.end();
}

let failed = results.filter(({ outcome }) => outcome === 'fails').length;
const passed = results.filter(({ outcome }) => outcome === 'works').length;
if (words.length === 0) {
  const text = page(results, intro);
  const before = await readFile(document, 'utf8').catch(() => '');
  if (text !== before) {
    await writeFile(document, text);
    console.log('docs/runtimes.md is another now.');
    // What is committed has to be what is true.
    if (process.env['CI'] === 'true' && failed === 0) failed = 1;
  }
}
const report = process.env['TICKWIRE_MATRIX_REPORT'];
if (report !== undefined) await writeFile(report, JSON.stringify({ passed, failed }));
console.log(`matrix: ${passed} passed, ${failed} failed, ${results.length - passed - failed} not tried`);
process.exitCode = failed === 0 ? 0 : 1;
