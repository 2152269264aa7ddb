import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

const root = path.resolve(import.meta.dirname, '../..');

function sourcesBelow(folder: string): string[] {
  return readdirSync(path.join(root, folder), { withFileTypes: true }).flatMap((item) => {
    const file = path.join(folder, item.name);
    if (item.isDirectory()) return sourcesBelow(file);
    return /\.tsx?$/.test(item.name) ? [readFileSync(path.join(root, file), 'utf8')] : [];
  });
}

const sources = ['packages/client/src', 'packages/protocol/src', 'examples/server/src'].flatMap(sourcesBelow);
const page = readFileSync(path.join(root, 'docs/troubleshooting.md'), 'utf8');
const rows = page
  .split('\n')
  .filter((line) => /^\| (?:`[A-Z_]+`|403|wrong dialect) \|/.test(line))
  .map((line) => line.split('|').map((cell) => cell.trim()))
  .map(([, code = '', words = '', next = '']) => ({ code: code.replaceAll('`', ''), words, next }));

describe('the page for those who meet an error', () => {
  it('has a row for each code of the client', () => {
    const docstring =
      readFileSync(path.join(root, 'packages/client/src/kernel/errors.ts'), 'utf8').split('export class')[0] ?? '';
    const own = [...docstring.matchAll(/`([A-Z]+(?:_[A-Z]+)*)`/g)].map(([, code]) => code);
    expect(own.length).toBeGreaterThan(8);
    for (const code of own) expect(rows.map((row) => row.code)).toContain(code);
  });

  it.each(rows)('$code: "$words" is what the code prints', ({ words }) => {
    // What differs from case to case is a `…` here and a placeholder there.
    const parts = words
      .split('…')
      .map((part) => part.trim())
      .filter((part) => part !== '' && part !== '.');
    for (const part of parts)
      expect(
        sources.some((source) => source.includes(part)),
        part,
      ).toBe(true);
  });

  it.each(rows)('$code: "$words" says what to do next', ({ code, next }) => {
    expect(next.length).toBeGreaterThan(20);
    if (/^[A-Z_]+$/.test(code))
      expect(
        sources.some((source) => source.includes(code)),
        code,
      ).toBe(true);
  });
});
