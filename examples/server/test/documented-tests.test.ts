import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

const here = path.resolve(import.meta.dirname, '..');
const repository = path.resolve(here, '../..');

/** The rows of a page's tables that name a test file, as cells. */
function rowsOf(page: string): string[][] {
  return readFileSync(path.join(here, page), 'utf8')
    .split('\n')
    .filter((line) => /^\|.*\.test\.ts` *\|$/.test(line))
    .map((line) =>
      line
        .split(/(?<!\\)\|/)
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
}

const features = rowsOf('README.md');

describe('the tables of features and scenarios', () => {
  it('have rows', () => {
    expect(features.length).toBeGreaterThan(40);
    expect(rowsOf('scenarios.md').length).toBeGreaterThan(5);
  });

  it.each(features)('name code and a test that are there: %s', (_feature, code = '', title = '', file = '') => {
    for (const name of code.split(',')) {
      expect(existsSync(path.join(here, 'src', name.replaceAll('`', '').trim())), name).toBe(true);
    }
    expect(readFileSync(path.join(here, 'test', file.replaceAll('`', '')), 'utf8')).toContain(title);
  });

  it.each(rowsOf('scenarios.md'))('name a test that is there: %s %s', (_number, _gist, title = '', file = '') => {
    expect(readFileSync(path.join(repository, file.replaceAll('`', '')), 'utf8')).toContain(title);
  });
});
