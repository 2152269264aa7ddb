/** Runs the comparison of failures, all clients of a row side by side, and writes docs/resilience.md with its picture. */
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { parseArgs, promisify } from 'node:util';
import { clients, tickwireLowLatency, type Client } from './clients.js';
import { picture, report, type Line } from './report.js';
import { rows, type Outcome, type Row } from './rows.js';

const usage = `pnpm bench:resilience [--quick] [--row M3]

Ours and seven peers through the same failures, on real sockets behind a fault proxy, each with its default options.
About six minutes. --quick caps the waits (never in 15 s) and runs once; --row runs one row of
${[...rows.map(({ id }) => id), 'throws', 'provider', 'reconnects'].join(' ')}. Only a full run writes docs/.`;

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    row: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  console.log(usage);
  process.exit(0);
}
const quick = values.quick;

// What a client throws out of itself must not end the others; the rows with a process for each client count it.
let uncaught = 0;
process.on('uncaughtException', () => (uncaught += 1));
process.on('unhandledRejection', () => (uncaught += 1));

function median(outcomes: readonly Outcome[]): Outcome {
  const order = ({ figure }: Outcome): number => figure ?? Infinity;
  const sorted = [...outcomes].sort((left, right) => order(left) - order(right));
  return sorted[Math.floor(sorted.length / 2)] ?? { figure: null, text: 'not measured' };
}

const failed = (error: unknown): Outcome => ({ figure: null, text: `not measured: ${String(error)}` });

async function side(row: Row, of: readonly Client[]): Promise<Line> {
  const times = quick ? 1 : row.runs;
  const capMs = quick ? row.quickMs : row.capMs;
  const outcomes = of.map(() => [] as Outcome[]);
  const once = async (): Promise<void> => {
    const measured = await Promise.all(of.map((client) => row.measure(client, capMs).catch(failed)));
    for (const [index, outcome] of measured.entries()) outcomes[index]?.push(outcome);
  };
  // Only the herd has the machine for itself; the others wait most of the time.
  if (row.alone) for (let time = 0; time < times; time += 1) await once();
  else await Promise.all(Array.from({ length: times }, once));
  console.error(`${row.id}: done`);
  return { id: row.id, title: row.title, how: row.how, runs: times, outcomes: outcomes.map(median) };
}

const run = promisify(execFile);
const loneRows = [
  {
    id: 'throws',
    title: 'A listener throws at the first value, another listens beside it',
    how: 'two values, a process for each client',
  },
  {
    id: 'provider',
    title: 'The token or URL provider rejects twice, then gives',
    how: 'and a second client whose provider never gives is closed; a process for each client',
  },
  {
    id: 'reconnects',
    title: '5 and 100 reconnects: what each leaves behind',
    how: 'all functions alive after a collection, counted after 5 and after 100 reconnects; delays set to 10 ms',
  },
];

async function lone({ id, title, how }: (typeof loneRows)[number]): Promise<Line> {
  const outcomes: Outcome[] = clients.map(() => failed('no answer'));
  const next = clients.keys();
  const worker = async (): Promise<void> => {
    for (const index of next) {
      const file = new URL('lone-rows.ts', import.meta.url).pathname;
      const args = ['--conditions=@tickwire/source', '--import', 'tsx', '--no-warnings', file, id, String(index)];
      try {
        const { stdout } = await run(process.execPath, args, { timeout: 120_000 });
        outcomes[index] = JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Outcome;
      } catch {
        outcomes[index] = { figure: null, text: 'the process ended' };
      }
    }
  };
  await Promise.all([worker(), worker()]);
  console.error(`${id}: done`);
  return { id, title, how, runs: 1, outcomes };
}

const chosen = (id: string): boolean => values.row === undefined || values.row === id;
const together = rows.filter((row) => chosen(row.id) && !row.alone);
const alone = rows.filter((row) => chosen(row.id) && row.alone);
const deadPeer = rows.find((row) => row.id === 'M3');
const [lowLatency, ...lines] = await Promise.all([
  deadPeer !== undefined && chosen('M3') ? side(deadPeer, [tickwireLowLatency]) : undefined,
  ...together.map((row) => side(row, clients)),
]);
for (const row of alone) lines.push(await side(row, clients));
for (const row of loneRows) if (chosen(row.id)) lines.push(await lone(row));
if (uncaught > 0) console.error(`${uncaught} exceptions and rejections came out of the clients`);

const text = report(lines, clients, lowLatency?.outcomes[0]);
console.log(text);
if (!quick && values.row === undefined) {
  const docs = new URL('../../docs/', import.meta.url);
  writeFileSync(new URL('resilience.md', docs), text);
  const dead = lines.find(({ id }) => id === 'M3');
  if (dead !== undefined) writeFileSync(new URL('images/resilience.svg', docs), picture(dead, clients));
}
process.exit(0);
