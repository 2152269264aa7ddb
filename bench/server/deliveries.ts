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

const runs = 3;
const seconds = 15;
const channelCount = 20;
const pricesPerSecond = 20;
const settleMs = 2_000;
/** The load has so many processes, so that one busy client does not keep a thousand others waiting for its core. */
const loadProcesses = 2;

export async function deliveries(count = 1_000): Promise<void> {
  const channels = Array.from({ length: channelCount }, (_, index) => `coin:bench-${index}` as const);
  const target = startTarget('tickwire', channelCount);
  const crowds = Array.from({ length: loadProcesses }, () => new Remote('./clients.ts'));
  const each = <T>(name: string, argument?: unknown) =>
    Promise.all(crowds.map((crowd) => crowd.call<T>(name, argument)));
  const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);
  const rows: { p50: number; p99: number; most: number; came: number; server: number; load: number; stall: number }[] =
    [];
  try {
    const port = await target.call<number>('port');
    await each('open', { port, count: Math.ceil(count / loadProcesses), channels } satisfies ClientsOrder);
    // The first run warms all up and is not counted.
    for (let run = -1; run < runs; run += 1) {
      await each('reset');
      const before = sum(await each<number>('cpu'));
      const order = { seconds: run < 0 ? 5 : seconds, perSecond: pricesPerSecond };
      const { published, cpuMs, stallMs } = await target.call<Steady>('steady', order);
      await pause(settleMs);
      const load = sum(await each<number>('cpu')) - before;
      const times = (await each<number[]>('latencies', published)).flat();
      if (run < 0) continue;
      rows.push({
        p50: quantile(times, 0.5),
        p99: quantile(times, 0.99),
        most: quantile(times, 1),
        came: times.length / (published.length * count),
        server: cpuMs / (seconds * 10),
        load: load / (seconds * 10),
        stall: stallMs,
      });
      console.log(JSON.stringify(rows.at(-1)));
    }
  } finally {
    await Promise.all([...crowds, target].map((process) => process.end()));
  }
  const of = (key: keyof (typeof rows)[number]) => median(rows.map((row) => row[key])).toFixed(1);
  const lines = rows.map(
    (row, index) =>
      `| ${index + 1} | ${row.p50.toFixed(1)} ms | ${row.p99.toFixed(1)} ms | ${row.most.toFixed(1)} ms | ${(row.came * 100).toFixed(2)} % | ${row.server.toFixed(0)} % | ${row.load.toFixed(0)} % | ${row.stall.toFixed(0)} ms |`,
  );
  writeSection(
    'Deliveries',
    `${count} clients of \`@tickwire/client\` in ${loadProcesses} processes, each with ${channelCount} channels; ${pricesPerSecond} prices a second, so ${pricesPerSecond * count} deliveries a second, for ${seconds} s; conflation off. Each price goes to all clients at once. From the publish in the server's process to the listener's callback in the clients'.

| run | half within | 99 % within | the slowest | arrived | CPU of the server, of one core | of the clients, of one core | longest stall of the server |
|---|---|---|---|---|---|---|---|
${lines.join('\n')}

Median of the runs: half within ${of('p50')} ms, 99 % within **${of('p99')} ms**. Target: 99 % within 50 ms.

${circumstances(['ws'])}`,
  );
}
