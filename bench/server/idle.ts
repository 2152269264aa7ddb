/** What a connection costs that has nothing to do, and how many one process holds. */
import { setTimeout as pause } from 'node:timers/promises';
import { manners, startTarget } from './open-target.js';
import { Remote } from './remote.js';
import { circumstances, median, writeSection } from './report.js';

interface Memory {
  readonly rss: number;
  readonly heap: number;
}
interface Cost {
  readonly rssEach: number;
  readonly heapEach: number;
  /** How many were open a while after the last had come, when more were asked for. */
  readonly most?: number;
}

const runs = 3;
/** What `ulimit -n` of 20,000 leaves. */
const mostConnections = 19_900;

async function costOf(kind: string, connections: number, isFilled: boolean): Promise<Cost> {
  const target = startTarget(kind, 0);
  const crowds = [new Remote('./crowd.ts')];
  const fill = (count: number) => async (port: number) =>
    crowds.at(-1)?.call('open', { port, count, ...manners(kind, 0) });
  try {
    const port = await target.call<number>('port');
    const empty = await target.call<Memory>('memory');
    await fill(connections)(port);
    await pause(3_000);
    const full = await target.call<Memory>('memory');
    const cost = {
      rssEach: (full.rss - empty.rss) / connections,
      heapEach: (full.heap - empty.heap) / connections,
    };
    if (!isFilled || connections >= mostConnections) return cost;
    crowds.push(new Remote('./crowd.ts'));
    await fill(mostConnections - connections)(port);
    await pause(5_000);
    return { ...cost, most: await target.call<number>('connections') };
  } finally {
    await Promise.all([...crowds.map((crowd) => crowd.end()), target.end()]);
  }
}

export async function idle(connections = 10_000): Promise<void> {
  const costs: Record<'tickwire' | 'ws', Cost[]> = { tickwire: [], ws: [] };
  for (let run = 0; run < runs; run += 1) {
    for (const kind of ['tickwire', 'ws'] as const) {
      costs[kind].push(await costOf(kind, connections, kind === 'tickwire' && run === runs - 1));
      console.log(`${kind} ${JSON.stringify(costs[kind].at(-1))}`);
    }
  }
  const kilobytes = (kind: 'tickwire' | 'ws', key: 'rssEach' | 'heapEach') =>
    `${(median(costs[kind].map((cost) => cost[key])) / 1_024).toFixed(1)} KB`;
  const all = (kind: 'tickwire' | 'ws') => costs[kind].map((cost) => (cost.rssEach / 1_024).toFixed(1)).join(', ');
  const row = (kind: 'tickwire' | 'ws', label: string) =>
    `| ${label} | ${kilobytes(kind, 'rssEach')} | ${all(kind)} | ${kilobytes(kind, 'heapEach')} |`;
  const most = costs.tickwire.at(-1)?.most;
  writeSection(
    'Idle connections',
    `${connections} connections that said hello and nothing else; resident memory after two collections, less that of the same server when it was empty. A new process each time.

| server | resident memory each | the runs | of it on the heap |
|---|---|---|---|
${row('tickwire', 'Tickwire')}
${row('ws', 'bare `ws`')}

Target: at most 12 KB each above the empty server.${most === undefined ? '' : ` Filled up to ${mostConnections}, ${most} were open in one process five seconds later.`}

${circumstances(['ws'])}`,
  );
}
