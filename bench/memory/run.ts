/** 50,000 messages a second for a minute through the whole client: the heap after a collection, and the timers that it touches. */
import { fork } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { CountingClock } from '@tickwire/lab';
import { realClock, type Clock } from '@tickwire/testing';
import { ours } from '../ingest/contenders.js';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    rate: { type: 'string', default: '50000' },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  console.log('pnpm bench:memory [--seconds 60] [--rate 50000]');
  process.exit(0);
}
const seconds = Number(values.seconds);
const rate = Number(values.rate);
const warmSeconds = 5;
const parts = 6;

/** Counts what is done to timers, on top of the clock that counts those that wait. */
const counting = new CountingClock();
let operations = 0;
const clock: Clock = {
  now: () => realClock.now(),
  monotonic: () => realClock.monotonic(),
  setTimeout(callback, delayMs) {
    operations += 1;
    return counting.setTimeout(callback, delayMs);
  },
  clearTimeout(timer) {
    operations += 1;
    counting.clearTimeout(timer);
  },
};

const server = fork(new URL('../ingest/server.ts', import.meta.url));
const port = await new Promise<number>((resolve) => server.once('message', (message) => resolve(message as number)));
let heard = 0;
const contender = ours({ clock });
const end = await contender.start(port, () => (heard += 1));

/** Sends at the rate for so long; resolves when all has been heard. */
async function send(forSeconds: number): Promise<number> {
  const count = Math.round(forSeconds * rate);
  const wanted = heard + count;
  const from = performance.now();
  server.send({ pathname: contender.pathname, count, perSecond: rate });
  while (heard < wanted) await new Promise((resolve) => setTimeout(resolve, 20));
  return count / ((performance.now() - from) / 1_000);
}

/** Megabytes of the heap after a collection. */
async function heap(): Promise<number> {
  await new Promise((resolve) => setTimeout(resolve, 200));
  globalThis.gc?.();
  globalThis.gc?.();
  return process.memoryUsage().heapUsed / 1e6;
}

await send(warmSeconds);
const before = await heap();
const operationsBefore = operations;
const from = performance.now();
const heaps: number[] = [];
const rates: number[] = [];
for (let part = 0; part < parts; part += 1) {
  rates.push(await send(seconds / parts));
  heaps.push(await heap());
  console.error(`${((part + 1) * seconds) / parts} s, heap ${heaps.at(-1)?.toFixed(2) ?? ''} MB`);
}
const perSecond = (operations - operationsBefore) / ((performance.now() - from) / 1_000);
const mean = rates.reduce((sum, each) => sum + each, 0) / rates.length;
void end();
server.disconnect();

const text = `# Memory and timers under load

Made by \`pnpm bench:memory\`. The input of [ingest](../ingest/results.md) at ${rate.toLocaleString('en')} frames a second for ${seconds} s, after ${warmSeconds} s of warming up; one channel, one
listener, default options. The heap is looked at after a collection.

| | |
|---|---|
| frames | ${(seconds * rate).toLocaleString('en')}, at ${Math.round(mean).toLocaleString('en')} a second |
| heap before | ${before.toFixed(2)} MB |
| heap after each ${(seconds / parts).toFixed(0)} s | ${heaps.map((mb) => mb.toFixed(2)).join(', ')} MB |
| growth | ${((heaps.at(-1) ?? Number.NaN) - before).toFixed(2)} MB |
| timers started or stopped | ${perSecond.toFixed(2)} a second |
| timers waiting | ${counting.pending} |

Node ${process.version}, ${cpus()[0]?.model ?? ''} × ${cpus().length}, ${new Date().toISOString().slice(0, 10)}.
`;
if (seconds >= 60) writeFileSync(new URL('results.md', import.meta.url), text);
console.log(text);
process.exit(0);
