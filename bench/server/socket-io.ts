/** How many messages a core of the server sends: ours against socket.io and bare sockets, rooms, WebSocket only, in turns. */
import { connectionsFor, type OpenedTarget } from './open-target.js';
import { circumstances, median, writeSection } from './report.js';

const kinds = ['tickwire', 'socket.io', 'ws'] as const;
type Kind = (typeof kinds)[number];
const labels: Readonly<Record<Kind, string>> = {
  tickwire: 'Tickwire',
  'socket.io': 'socket.io, a room for each channel',
  ws: 'a loop over `ws` sockets, no channels',
};
const channels = 20;
const runs = 3;
const roundsEach = 6;

/** Messages a second of the server's CPU time; the next round begins when all of the last has arrived. */
async function perCore({ target, crowd }: OpenedTarget, count: number, isTogether: boolean): Promise<number> {
  const before = await target.call<number>('cpu');
  for (let round = 0; round < roundsEach; round += 1) {
    await crowd.call('reset');
    await target.call('flood', isTogether);
    await crowd.call('until', channels * count);
  }
  const used = (await target.call<number>('cpu')) - before;
  return (roundsEach * channels * count) / (used / 1_000);
}

export async function socketIo(count = 1_000): Promise<void> {
  const opened: Partial<Record<Kind, OpenedTarget>> = {};
  const rates: Record<Kind, { single: number[]; together: number[] }> = {
    tickwire: { single: [], together: [] },
    'socket.io': { single: [], together: [] },
    ws: { single: [], together: [] },
  };
  try {
    for (const kind of kinds) opened[kind] = await connectionsFor(kind, count, channels);
    // The first run warms all up and is not counted.
    for (let run = -1; run < runs; run += 1) {
      for (const kind of run % 2 === 0 ? kinds : [...kinds].reverse()) {
        const it = opened[kind];
        if (it === undefined) continue;
        const single = await perCore(it, count, false);
        const together = await perCore(it, count, true);
        if (run < 0) continue;
        rates[kind].single.push(single);
        rates[kind].together.push(together);
        console.log(`${kind} ${Math.round(single)} ${Math.round(together)}`);
      }
    }
  } finally {
    await Promise.all(Object.values(opened).map((it) => it.end()));
  }
  const of = (kind: Kind, how: 'single' | 'together') => median(rates[kind][how]);
  const ratio = (how: 'single' | 'together') => (of('tickwire', how) / of('socket.io', how)).toFixed(2);
  const rows = kinds.map(
    (kind) =>
      `| ${labels[kind]} | ${Math.round(of(kind, 'single') / 1_000)},000 | ${Math.round(of(kind, 'together') / 1_000)},000 |`,
  );
  writeSection(
    'Messages per core, beside socket.io',
    `${count} connections, each with ${channels} channels, the same price object to all; messages for each second of CPU time that the server's process used, to the nearest thousand. All servers run one after the other in turns, each with a crowd of its own that has read all before the next round.

| server | one price at a time | ${channels} prices in one turn of the loop |
|---|---|---|
${rows.join('\n')}

Tickwire to socket.io: **${ratio('single')}** one at a time, **${ratio('together')}** together. Target: more than 1.

${circumstances(['ws', 'socket.io'])}`,
  );
}
