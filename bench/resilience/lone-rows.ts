/** Failures that may end a process, or are counted in one: each client has a process of its own. Prints one line of JSON. */
import * as v8 from 'node:v8';
import { clients, type Client } from './clients.js';
import { Scene, shown, until, type Outcome } from './rows.js';
import { startServer } from './servers.js';

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const uncaught: unknown[] = [];
process.on('uncaughtException', (error) => uncaught.push(error));
process.on('unhandledRejection', (error) => uncaught.push(error));

async function throwingListener(client: Client): Promise<Outcome> {
  const scene = await Scene.on(await startServer(client.speaks));
  const other: number[] = [];
  let calls = 0;
  scene.dial(client, {
    heard: () => {
      calls += 1;
      throw new Error('a listener fails');
    },
    alsoHeard: (value) => void other.push(value),
  });
  await until(() => scene.server.subscribers > 0, 10_000);
  await pause(300);
  scene.server.publish(1);
  await pause(500);
  scene.server.publish(2);
  await until(() => calls >= 2 && other.length >= 2, 2_000);
  const { accepted } = scene.proxy.counters;
  await scene.end();
  const faults = [
    ...(calls >= 2 ? [] : ['it hears nothing more']),
    ...(other.length >= 2 ? [] : [`the other listener misses ${2 - other.length} of 2`]),
    ...(accepted === 1 ? [] : ['the connection is lost']),
    ...(uncaught.length === 0 ? [] : ['uncaught exception: ends a Node process']),
  ];
  return { figure: faults.length, text: faults.length === 0 ? 'nothing else notices' : faults.join('; ') };
}

const providerCapMs = 30_000;

async function rejectingProvider(client: Client): Promise<Outcome> {
  if (client.asks === undefined) return { figure: null, text: 'has none' };
  const scene = await Scene.on(await startServer(client.speaks));
  let calls = 0;
  const from = performance.now();
  scene.publishEvery(100);
  scene.dial(client, {
    provider: () => {
      calls += 1;
      return calls <= 2 ? Promise.reject(new Error('not now')) : Promise.resolve('token');
    },
  });
  const came = await until(() => scene.heard.length > 0, providerCapMs);
  const ms = performance.now() - from;
  const hopeless = scene.dial(client, { provider: () => Promise.reject(new Error('never')) });
  await pause(500);
  const close = { settled: false };
  void Promise.resolve(hopeless.close()).finally(() => (close.settled = true));
  const closed = await until(() => close.settled, 5_000);
  await scene.end();
  const said = [
    came ? `values after ${shown(ms)}` : `no value in ${providerCapMs / 1_000} s`,
    ...(closed ? [] : ['close never settles']),
    ...(uncaught.length === 0 ? [] : ['unhandled rejection']),
  ];
  return { figure: came ? ms : null, text: `${said.join('; ')} (${client.asks})` };
}

// All functions that are alive after a collection: a handler that is left behind is one, whoever holds it.
const functions = (): number => {
  const count = (v8 as unknown as { queryObjects: (type: unknown, options: object) => number }).queryObjects;
  return count(Function, { format: 'count' });
};

async function reconnects(client: Client): Promise<Outcome> {
  const scene = await Scene.on(await startServer(client.speaks));
  let heard = 0;
  scene.dial(client, { quick: true, heard: () => (heard += 1) });
  const counts: number[] = [];
  const last = 100;
  let reached = 0;
  let perValue = 0;
  for (let index = 1; index <= last; index += 1) {
    if (!(await until(() => scene.server.subscribers === 1, 10_000))) break;
    await pause(30);
    heard = 0;
    scene.server.publish(index);
    if (!(await until(() => heard > 0, 3_000))) break;
    await pause(10);
    perValue = heard;
    reached = index;
    if (index === 5 || index === last) counts.push(functions());
    const { accepted } = scene.proxy.counters;
    scene.proxy.reset();
    await until(() => scene.proxy.counters.accepted > accepted, 10_000);
  }
  await scene.end();
  const [after5 = 0, after100 = 0] = counts;
  const growth = (after100 - after5) / (last - 5);
  if (reached < last) return { figure: null, text: `stops after ${reached} reconnects` };
  const leaks = growth >= 0.5;
  const text = `${leaks ? `${growth.toFixed(1)} functions more each` : 'constant'}; ${perValue} call a value`;
  return { figure: Math.max(0, growth), text };
}

const measures = { throws: throwingListener, provider: rejectingProvider, reconnects };
const [row, index] = process.argv.slice(2);
const client = clients[Number(index)];
const measure = measures[row as keyof typeof measures];
if (client === undefined) throw new Error('Which client?');
console.log(JSON.stringify(await measure(client)));
process.exit(0);
