/** One price of 240 bytes to 10,000 connections: our server against a bare loop over sockets, in turns. */
import { setTimeout as pause } from 'node:timers/promises';
import { connectionsFor, type OpenedTarget } from './open-target.js';
import { circumstances, median, writeSection } from './report.js';

interface Shot {
  ms: number;
  cpuMs: number;
  stallMs: number;
  lastMs: number;
}

async function shoot({ target, crowd }: OpenedTarget, connections: number): Promise<Shot> {
  await crowd.call('reset');
  const { startedAt, ...shot } = await target.call<Omit<Shot, 'lastMs'> & { startedAt: number }>('broadcast');
  const lastAt = await crowd.call<number>('until', connections);
  return { ...shot, lastMs: lastAt - startedAt };
}

export async function broadcast(connections = 10_000): Promise<void> {
  const ours = await connectionsFor('tickwire', connections, 1);
  const bare = await connectionsFor('ws', connections, 1);
  const shots: Record<'ours' | 'bare', Shot[]> = { ours: [], bare: [] };
  try {
    // The first shots warm both up and are not counted.
    for (let shot = -3; shot < 9; shot += 1) {
      for (const [name, opened] of shot % 2 === 0
        ? ([
            ['ours', ours],
            ['bare', bare],
          ] as const)
        : ([
            ['bare', bare],
            ['ours', ours],
          ] as const)) {
        const result = await shoot(opened, connections);
        if (shot >= 0) shots[name].push(result);
        await pause(200);
      }
    }
  } finally {
    await Promise.all([ours.end(), bare.end()]);
  }
  const of = (name: 'ours' | 'bare', key: keyof Shot) => median(shots[name].map((shot) => shot[key]));
  const row = (name: 'ours' | 'bare', label: string) =>
    `| ${label} | ${of(name, 'ms').toFixed(0)} ms | ${of(name, 'cpuMs').toFixed(0)} ms | ${of(name, 'lastMs').toFixed(0)} ms | ${of(name, 'stallMs').toFixed(0)} ms | ${Math.max(...shots[name].map((shot) => shot.stallMs)).toFixed(0)} ms |`;
  writeSection(
    'Broadcast',
    `One price to ${connections} connections, nine times each, in turns.

| server | until the last send | CPU time of it | until the last client has it | longest stall of the event loop | worst of all runs |
|---|---|---|---|---|---|
${row('ours', 'Tickwire')}
${row('bare', 'a loop over `ws` sockets')}

Ratios: until the last send **${(of('ours', 'ms') / of('bare', 'ms')).toFixed(2)}**, of CPU time **${(of('ours', 'cpuMs') / of('bare', 'cpuMs')).toFixed(2)}**, by the last client **${(of('ours', 'lastMs') / of('bare', 'lastMs')).toFixed(2)}**.

${circumstances(['ws'])}`,
  );
}
