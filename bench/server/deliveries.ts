/** 20,000 deliveries a second to whole clients: how long from the publish to the callback. */
import { setTimeout as pause } from 'node:timers/promises';
import type { ClientsOrder } from './clients.js';
import { startTarget } from './open-target.js';
import { Remote } from './remote.js';
import { circumstances, median, quantile, writeSection } from './report.js';

interface Steady {
  readonly published: readonly (readonly [price: number, at: number])[];
  readonly cpuMs: number;
  readonly stallMs: number;
}

interface Row {
  readonly p50: number;
  readonly p99: number;
  readonly most: number;
  readonly came: number;
  readonly server: number;
  readonly load: number;
  readonly stall: number;
}

/** How the same 20,000 deliveries come about: from few channels that all have, or from many of which each has some. */
interface Spread {
  readonly label: string;
  readonly channels: number;
  readonly pricesPerSecond: number;
}

const channelsEach = 20;
const spreads: readonly Spread[] = [
  { label: '20 channels, all clients on each', channels: channelsEach, pricesPerSecond: 20 },
  { label: '200 channels, a tenth of the clients on each', channels: 200, pricesPerSecond: 200 },
];
const runs = 3;
const seconds = 15;
const settleMs = 2_000;
/** The load has so many processes, so that one busy client does not keep a thousand others waiting for its core. */
const loadProcesses = 2;

async function rowsOf({ label, channels, pricesPerSecond }: Spread, count: number): Promise<Row[]> {
  const target = startTarget('tickwire', channels);
  const crowds = Array.from({ length: loadProcesses }, () => new Remote('./clients.ts'));
  const each = <T>(name: string, argument?: unknown) =>
    Promise.all(crowds.map((crowd) => crowd.call<T>(name, argument)));
  const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);
  const rows: Row[] = [];
  try {
    const port = await target.call<number>('port');
    const names = Array.from({ length: channels }, (_, index) => `coin:bench-${index}` as const);
    const order = { port, count: Math.ceil(count / loadProcesses), channelsEach, channels: names };
    await each('open', order satisfies ClientsOrder);
    // The first run warms all up and is not counted.
    for (let run = -1; run < runs; run += 1) {
      await each('reset');
      const before = sum(await each<number>('cpu'));
      const steady = { seconds: run < 0 ? 5 : seconds, perSecond: pricesPerSecond };
      const { published, cpuMs, stallMs } = await target.call<Steady>('steady', steady);
      await pause(settleMs);
      const load = sum(await each<number>('cpu')) - before;
      const times = (await each<number[]>('latencies', published)).flat();
      if (run < 0) continue;
      rows.push({
        p50: quantile(times, 0.5),
        p99: quantile(times, 0.99),
        most: quantile(times, 1),
        came: (times.length * channels) / (published.length * count * channelsEach),
        server: cpuMs / (seconds * 10),
        load: load / (seconds * 10),
        stall: stallMs,
      });
      console.log(label, JSON.stringify(rows.at(-1)));
    }
  } finally {
    await Promise.all([...crowds, target].map((process) => process.end()));
  }
  return rows;
}

function part({ label }: Spread, rows: readonly Row[]): string {
  const of = (key: keyof Row) => median(rows.map((row) => row[key])).toFixed(1);
  const lines = rows.map(
    ({ p50, p99, most, came, server, load, stall }) =>
      `| ${label} | ${p50.toFixed(1)} ms | ${p99.toFixed(1)} ms | ${most.toFixed(1)} ms | ${(came * 100).toFixed(2)} % | ${server.toFixed(0)} % | ${load.toFixed(0)} % | ${stall.toFixed(0)} ms |`,
  );
  return `${lines.join('\n')}
| **median** | ${of('p50')} ms | **${of('p99')} ms** | ${of('most')} ms | | | | |`;
}

export async function deliveries(count = 1_000): Promise<void> {
  const parts: string[] = [];
  for (const spread of spreads) parts.push(part(spread, await rowsOf(spread, count)));
  writeSection(
    'Deliveries',
    `${count} clients of \`@tickwire/client\` in ${loadProcesses} processes, each with ${channelsEach} channels; ${count * 20} deliveries a second for ${seconds} s, conflation off. From the publish in the server's process to the listener's callback in the clients'. All processes share the machine.

| what is published | half within | 99 % within | the slowest | arrived | CPU of the server, of one core | of the clients | longest stall of the server |
|---|---|---|---|---|---|---|---|
${parts.join('\n')}

Target: 99 % within 50 ms. When all clients have the same channels, each price makes all of them work in the same moment, and on this machine that work alone takes as long.

${circumstances(['ws'])}`,
  );
}
