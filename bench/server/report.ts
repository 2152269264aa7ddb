/** How results are said: the machine, the versions, medians, and one section a measurement in results.md. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, totalmem } from 'node:os';
import path from 'node:path';

const file = path.join(import.meta.dirname, 'results.md');
const opening = `# The server under load

Made by \`pnpm bench:server <name>\`; each section says when the machine was how busy. The load generator runs in a process of its own on
the same machine, so the server never has all of it. Every figure is the median of three runs unless it says otherwise.
`;

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? NaN;
}

/** The value below which this part of the values lies. */
export function quantile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? NaN;
}

function versionOf(name: string): string {
  const text = readFileSync(path.join(import.meta.dirname, '../node_modules', name, 'package.json'), 'utf8');
  return `${name} ${(JSON.parse(text) as { version: string }).version}`;
}

/** Machine, versions and how busy it was. */
export function circumstances(packages: readonly string[]): string {
  const load = loadavg().map((value) => value.toFixed(1));
  const model = cpus()[0]?.model ?? 'unknown';
  return `Node ${process.version}, ${[...packages].map(versionOf).join(', ')}; ${model} × ${cpus().length}, ${Math.round(totalmem() / 2 ** 30)} GiB; load average at the end ${load.join(' ')}.`;
}

/** Replaces the section of this title, or adds it. */
export function writeSection(title: string, body: string): void {
  const sections = existsSync(file) ? readFileSync(file, 'utf8').split(/^## /m).slice(1) : [];
  const others = sections.filter((section) => !section.startsWith(`${title}\n`)).map((section) => section.trimEnd());
  const all = [...others, `${title}\n\n${body.trim()}`].sort();
  writeFileSync(file, `${opening}\n${all.map((section) => `## ${section}\n`).join('\n')}`);
  console.log(`\n## ${title}\n\n${body.trim()}`);
}
