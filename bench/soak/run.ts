/**
 * A long run through random faults. What it must show: every event is delivered once or covered by a gap, every client comes
 * back, and the memory of server and clients does not grow.
 */
import { writeFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { FaultProxy } from '@tickwire/testing';
import { Remote } from '../server/remote.js';
import type { CrowdState } from './clients.js';
import { noCounts, type EventCounts } from './event-check.js';
import { Faults, seeded } from './faults.js';
import { isSound, page, slope, type MemorySample } from './report.js';
import { ServerProcess } from './server-process.js';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '30' },
    clients: { type: 'string', default: '1000' },
    seed: { type: 'string', default: '1' },
    events: { type: 'string', default: '4' },
    write: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  console.log(`pnpm bench:soak [--minutes 30] [--clients 1000] [--seed 1] [--events 4] [--write]

Clients behind fault proxies against the reference server, which is killed and restarted now and then.
  --minutes  how long faults strike; what follows until all is well again comes on top
  --clients  how many clients, in two processes
  --seed     which faults strike where, and in which order
  --events   numbered events a second
  --write    keeps the result in bench/soak/results.md even when the run is shorter than 4 minutes
Exit code 1 when an event was lost without a gap or came twice, or when a client did not come back.`);
  process.exit(0);
}
const minutes = Number(values.minutes);
const clients = Number(values.clients);
const seed = Number(values.seed);
const eventsPerSecond = Number(values.events);
if (!(minutes > 0 && clients >= 2 && eventsPerSecond > 0 && Number.isInteger(seed)))
  throw new RangeError('--minutes and --events are above 0, --clients is 2 or more, --seed a whole number');

const workerCount = 2;
const durationMs = minutes * 60_000;
const sampleEveryMs = Math.max(3_000, Math.min(20_000, durationMs / 40));
/** The server is restarted in the first half only: its memory is watched over a life as long as the second. */
const restartEveryMs = Math.max(10_000, durationMs / 12);
const strikeEveryMs = 1_000;
const random = seeded(seed);
const startedAt = performance.now();
const elapsed = (): number => performance.now() - startedAt;
const say = (text: string): void => console.error(`${(elapsed() / 1_000).toFixed(0).padStart(5)} s  ${text}`);

const server = await ServerProcess.create(clients);
await server.start();
const proxies: FaultProxy[] = [];
for (let index = 0; index < Math.min(24, Math.max(4, Math.ceil(clients / 25))); index += 1)
  proxies.push(await FaultProxy.start(server.port, { random, logLimit: 100 }));
const ports = proxies.map((proxy) => proxy.port);
const workers = Array.from(
  { length: workerCount },
  () => new Remote('../soak/clients.ts', { execArgv: ['--expose-gc', '--no-warnings'] }),
);
await Promise.all(
  workers.map((worker, index) => {
    const count = Math.floor(clients / workerCount) + (index < clients % workerCount ? 1 : 0);
    return worker.call('open', { ports, count });
  }),
);
say(`${clients} clients have subscribed`);

let published = 0;
let refusedPublishes = 0;
let lastTaken = 0;
let isPublishing = true;
let number = 0;
async function publishNext(): Promise<boolean> {
  number += 1;
  const taken = await server.publish(number);
  if (taken) {
    published += 1;
    lastTaken = number;
  } else refusedPublishes += 1;
  return taken;
}
const publishing = (async () => {
  while (isPublishing) {
    await publishNext();
    await pause(1_000 / eventsPerSecond);
  }
})();

async function crowdState(): Promise<CrowdState> {
  const parts = await Promise.all(workers.map((worker) => worker.call<CrowdState>('state', { last: lastTaken })));
  const counts = noCounts();
  for (const part of parts)
    for (const key of Object.keys(counts) as (keyof EventCounts)[]) counts[key] += part.counts[key];
  const sum = (key: 'connected' | 'fresh' | 'current' | 'reconnects' | 'invalid'): number =>
    parts.reduce((total, part) => total + part[key], 0);
  return {
    counts,
    connected: sum('connected'),
    fresh: sum('fresh'),
    current: sum('current'),
    reconnects: sum('reconnects'),
    invalid: sum('invalid'),
    errors: parts.flatMap((part) => part.errors),
    ailing: parts.flatMap((part) => part.ailing),
  };
}

const clientHeap: MemorySample[] = [];
let life: { startedAt: number; heap: MemorySample[]; rss: MemorySample[] } = { startedAt: 0, heap: [], rss: [] };
const serverLives = [life];
async function sample(): Promise<void> {
  const [memory, ...heaps] = await Promise.all([
    server.memory(),
    ...workers.map((worker) => worker.call<number>('heap')),
  ]);
  const at = elapsed() - faultsFrom;
  const mb = heaps.reduce((sum, heap) => sum + heap, 0);
  if (at >= durationMs / 4) clientHeap.push({ at, mb });
  if (memory !== undefined) {
    life.heap.push({ at, mb: memory.heap });
    life.rss.push({ at, mb: memory.rss });
  }
  const { counts, connected, reconnects } = await crowdState();
  say(
    `connected ${connected}, reconnects ${reconnects}, events ${counts.delivered}, gaps ${counts.gaps} + ${counts.epochGaps}, ` +
      `lost without a gap ${counts.lostWithoutGap}, twice ${counts.duplicates}; server ${memory?.rss.toFixed(0) ?? '–'} MB RSS, ` +
      `${memory?.heap.toFixed(1) ?? '–'} MB heap; clients ${mb.toFixed(1)} MB heap`,
  );
}

let kills = 0;
let terms = 0;
async function restart(): Promise<void> {
  const isKill = (kills + terms) % 2 === 0;
  if (isKill) kills += 1;
  else terms += 1;
  say(isKill ? 'SIGKILL' : 'SIGTERM');
  await server.stop(isKill ? 'SIGKILL' : 'SIGTERM');
  life = { startedAt: elapsed() - faultsFrom, heap: [], rss: [] };
  serverLives.push(life);
  say('the server is gone');
  await pause(random() * 3_000);
  await server.start();
  say('the server is back');
}

const faultsFrom = elapsed();
const faults = new Faults(proxies, random);
let restartAt = restartEveryMs * (0.7 + random() * 0.6);
let sampleAt = 0;
let restarting: Promise<void> = Promise.resolve();
for (let at = 0; at < durationMs; at = elapsed() - faultsFrom) {
  faults.strike();
  if (at >= restartAt && at < durationMs / 2) {
    restartAt = at + restartEveryMs * (0.7 + random() * 0.6);
    restarting = restarting.then(restart);
  }
  if (at >= sampleAt) {
    sampleAt = at + sampleEveryMs;
    await sample();
  }
  await pause(strikeEveryMs * (0.5 + random()));
}

say('no more faults');
await faults.over();
await restarting;
say('every fault is over');
const overAt = elapsed();
const settleLimitMs = 45_000;
async function settled(isSettled: (state: CrowdState) => boolean): Promise<CrowdState> {
  for (;;) {
    const state = await crowdState();
    if (isSettled(state) || elapsed() - overAt > settleLimitMs) return state;
    await pause(250);
  }
}
// Events go on until everybody is back: one that is published while a client is away after an epoch change is in its gap.
await settled(({ connected, fresh }) => Math.min(connected, fresh) === clients);
isPublishing = false;
await publishing;
// One event that everybody has to hear.
for (let tries = 0; tries < 20 && !(await publishNext()); tries += 1) await pause(500);
const state = await settled(({ connected, fresh, current }) => Math.min(connected, fresh, current) === clients);
const settleMs = elapsed() - overAt;
await sample();
for (const line of state.ailing) say(line);

const result = {
  ...{ clients, workers: workerCount, seed, minutes, eventsPerSecond, published, refusedPublishes, kills, terms },
  hungEnds: server.hungEnds,
  ...{ faults: faults.done, state, settleMs, serverLives, clientHeap },
};
const text = page(result);
console.log(text);
say(`clients grow by ${slope(clientHeap)?.toFixed(1) ?? '–'} MB/h`);
if (values.write || minutes >= 4) writeFileSync(new URL('results.md', import.meta.url), text);
await Promise.all(workers.map((worker) => worker.call('close').then(() => worker.end())));
await Promise.all(proxies.map((proxy) => proxy.close()));
await server.stop('SIGTERM');
process.exit(isSound(result) ? 0 : 1);
