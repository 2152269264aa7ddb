/** Prices through whole clients over a real loopback socket, in turns, against bare `ws`; writes results.md. */
import { fork } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { versionOf } from '../versions.js';
import { contenders } from './contenders.js';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '15' },
    frames: { type: 'string', default: '40000' },
    only: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  console.log(
    'pnpm bench:ingest [--rounds 15] [--frames 40000] [--only tickwire]   --only is for profiling and writes nothing',
  );
  process.exit(0);
}
const rounds = Number(values.rounds);
const frames = Number(values.frames);
const chosen = contenders.filter(({ pathname }) => values.only === undefined || pathname.includes(values.only));

const server = fork(new URL('server.ts', import.meta.url), {
  execArgv: process.execArgv.filter((arg) => !/prof/.test(arg)),
});
const port = await new Promise<number>((resolve) => server.once('message', (message) => resolve(message as number)));

interface Sample {
  readonly cpuUs: number;
  readonly wallUs: number;
}
const counters = chosen.map(() => ({ left: 0, done: (): void => undefined }));
const ends = await Promise.all(
  chosen.map((contender, index) =>
    contender.start(port, () => {
      const counter = counters[index];
      if (counter !== undefined && (counter.left -= 1) === 0) counter.done();
    }),
  ),
);

/** Microseconds that this process works, and that pass, for one frame. */
async function timed(index: number): Promise<Sample> {
  const counter = counters[index];
  if (counter === undefined) throw new Error('nobody');
  const done = new Promise<void>((resolve) => (counter.done = resolve));
  counter.left = frames;
  const cpu = process.cpuUsage();
  const from = performance.now();
  server.send({ pathname: chosen[index]?.pathname, count: frames });
  await done;
  const { user, system } = process.cpuUsage(cpu);
  return { cpuUs: (user + system) / frames, wallUs: ((performance.now() - from) * 1_000) / frames };
}

const samples = chosen.map(() => [] as Sample[]);
for (const index of chosen.keys()) await timed(index); // warm
for (let round = 0; round < rounds; round += 1) {
  for (let turn = 0; turn < chosen.length; turn += 1) {
    const index = (turn + round) % chosen.length;
    samples[index]?.push(await timed(index));
  }
  console.error(`round ${round + 1} of ${rounds}`);
}
for (const end of ends) void end();
server.disconnect();

const median = (all: readonly number[]): number =>
  [...all].sort((a, b) => a - b)[Math.floor(all.length / 2)] ?? Number.NaN;
const [base = []] = samples;
const rows = chosen.map(({ name }, index) => {
  const own = samples[index] ?? [];
  const cpu = median(own.map((sample, round) => (base[round]?.cpuUs ?? Number.NaN) / sample.cpuUs));
  const wall = median(own.map((sample, round) => (base[round]?.wallUs ?? Number.NaN) / sample.wallUs));
  const perSecond = Math.round(1e6 / median(own.map(({ cpuUs }) => cpuUs)) / 1_000);
  return `| ${name} | ${cpu.toFixed(2)} × | ${wall.toFixed(2)} × | ${perSecond},000 |`;
});
const version = (name: string): string => `${name} ${versionOf(name)}`;
const text = `# Taking prices in

Made by \`pnpm bench:ingest\`. ${frames.toLocaleString('en')} frames a turn over a real loopback socket from a server in its own process, which frames them
beforehand; ${rounds} rounds in which all took turns; medians of the ratios to bare \`ws\` in the same round. Input: the \`price_update\` of the seed
document with place and times, about 290 characters, each with its own price; the peers get the same message in their own envelope and
check it with the zod schema of the same message. The first ratio is of the reader's processor time, which other work on the machine hardly
touches; the second of the time that passed. Higher is better.

| reader | throughput by processor time | by elapsed time | frames a second of one core |
|---|---|---|---|
${rows.join('\n')}

Node ${process.version}, ${cpus()[0]?.model ?? ''} × ${cpus().length}, ${new Date().toISOString().slice(0, 10)}; ${['ws', 'centrifuge', 'socket.io-client', 'partysocket', 'zod'].map(version).join(', ')}.
`;
if (values.only === undefined) writeFileSync(new URL('results.md', import.meta.url), text);
console.log(text);
process.exit(0);
