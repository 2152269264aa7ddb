/** The results as a page: the same results give the same text. */
import type { Result } from './cell.js';

const words = { works: 'works', fails: '**fails**', 'not here': 'not tried' };

function grid(results: readonly Result[]): string[] {
  const columns = [...new Set(results.map(({ cell }) => cell.column))];
  const rows = [...new Set(results.map(({ cell }) => cell.row))];
  const at = (row: string, column: string): string => {
    const found = results.find(({ cell }) => cell.row === row && cell.column === column);
    return found === undefined ? '–' : words[found.outcome];
  };
  return [
    `| | ${columns.join(' | ')} |`,
    `|---|${columns.map(() => '---|').join('')}`,
    ...rows.map((row) => `| ${row} | ${columns.map((column) => at(row, column)).join(' | ')} |`),
  ];
}

/** `docs/runtimes.md`. */
export function page(results: readonly Result[], intro: string): string {
  const parts = [...new Set(results.map(({ cell }) => cell.part))];
  const text = parts.map((part) => {
    const own = results.filter(({ cell }) => cell.part === part);
    const notes = own
      .filter(({ outcome }) => outcome === 'not here')
      .map(({ cell, reason }) => `- ${cell.row}, ${cell.column}: not tried, ${reason}`);
    return [`## ${part}`, '', ...grid(own), ...(notes.length > 0 ? ['', ...notes] : [])].join('\n');
  });
  return `${intro}\n\n${text.join('\n\n')}\n`;
}
