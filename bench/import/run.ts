/** What importing the built client costs a Node programme, beside one that imports nothing: processes in turns, medians. */
import { execFileSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    node: { type: 'string', multiple: true, default: [process.execPath] },
    rounds: { type: 'string', default: '31' },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  console.log('pnpm bench:import [--rounds 31] [--node /path/to/node]...   (pnpm build comes first)');
  process.exit(0);
}
const rounds = Number(values.rounds);
const entry = path.resolve(import.meta.dirname, '../../packages/client/dist/index.js');
if (!existsSync(entry)) throw new Error('There is no build: run pnpm build.');

/** Since the start of the process, so that compiling and linking are in it; the heap after what a programme may collect. */
const report = `
const ms = performance.now();
const { user, system } = process.cpuUsage();
globalThis.gc();
const { rss, heapUsed } = process.memoryUsage();
process.stdout.write(JSON.stringify({ ms, cpuMs: (user + system) / 1e3, rss, heapUsed }));`;
const programs = {
  'an empty programme': report,
  'imports the client': `await import(${JSON.stringify(entry)});${report}`,
  // Nobody listens on port 1; what is loaded for the first dial is loaded before it is refused.
  'imports it and dials, headers asked for (`ws` is loaded)': `
const { PriceWebSocketClient } = await import(${JSON.stringify(entry)});
const client = new PriceWebSocketClient('ws://127.0.0.1:1', { headers: { a: 'b' } });
client.connect().catch(() => undefined);
await Promise.resolve();${report}
process.exit(0);`,
};

interface Cost {
  ms: number;
  cpuMs: number;
  rss: number;
  heapUsed: number;
}

function once(node: string, code: string): Cost {
  const args = ['--expose-gc', '--input-type=module', '-e', code];
  return JSON.parse(execFileSync(node, args, { encoding: 'utf8' })) as Cost;
}

function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? NaN;
}

const lines: string[] = [];
for (const node of values.node) {
  const costs = new Map<string, Cost[]>(Object.keys(programs).map((name) => [name, []]));
  for (let round = 0; round < rounds; round += 1)
    for (const [name, code] of Object.entries(programs)) costs.get(name)?.push(once(node, code));
  const of = (name: string, key: keyof Cost): number => median((costs.get(name) ?? []).map((cost) => cost[key]));
  const version = execFileSync(node, ['--version'], { encoding: 'utf8' }).trim();
  const empty = 'an empty programme';
  lines.push(
    `## Node ${version.slice(1)}`,
    '',
    '| programme | ms | more | ms of processor | more | MB resident | more | MB heap | more |',
  );
  lines.push('|---|---|---|---|---|---|---|---|---|');
  for (const name of Object.keys(programs)) {
    const scales = { ms: 1, cpuMs: 1, rss: 1e6, heapUsed: 1e6 };
    const cells = (Object.keys(scales) as (keyof Cost)[]).flatMap((key) => {
      const value = of(name, key) / scales[key];
      return [value.toFixed(1), (value - of(empty, key) / scales[key]).toFixed(1)];
    });
    lines.push(`| ${name} | ${cells.join(' | ')} |`);
  }
  lines.push('');
}
const cpu = cpus()[0]?.model ?? 'an unknown processor';
const text = `# What importing the client costs

Made by \`pnpm bench:import\`: the built client, ${rounds} processes of each kind in turns, medians; ms from the start of the process, memory after a
collection. ${cpu}, ${cpus().length} cores.

${lines.join('\n')}`;
console.log(text);
writeFileSync(path.join(import.meta.dirname, 'results.md'), text);
