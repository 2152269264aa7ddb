import { PriceWebSocketClient, type PriceTick } from '@tickwire/client';
import { afterEach, describe, expect, it } from 'vitest';
import { referenceServer, until, type Run } from './script-runs.js';

/** Scaled: what 1,000 and 10,000 do elsewhere, these do here. */
const crowdSize = 40;

interface Member {
  readonly client: PriceWebSocketClient;
  readonly ticks: PriceTick[];
  /** How the channel was taken up again, in order. */
  readonly resumed: unknown[];
}

const runs: Run[] = [];
const members: Member[] = [];
afterEach(async () => {
  await Promise.all(members.splice(0).map(({ client }) => client.close()));
  await Promise.all(runs.splice(0).map((run) => run.stop('SIGKILL')));
});

function join(port: number): Member {
  const client = new PriceWebSocketClient(`ws://127.0.0.1:${port}/ws`, {
    reconnect: { minDelayMs: 250, baseDelayMs: 250, maxDelayMs: 2_000 },
  });
  const member: Member = { client, ticks: [], resumed: [] };
  client.subscribe('coin:bitcoin', (tick) => member.ticks.push(tick));
  client.on('ack', ({ data }) => {
    const entries: readonly object[] = 'subscribed' in data && Array.isArray(data.subscribed) ? data.subscribed : [];
    for (const entry of entries) if ('recovered' in entry) member.resumed.push(entry.recovered);
  });
  members.push(member);
  return member;
}

const connected = ({ client }: Member): boolean => client.connection.get().status === 'connected';

describe('a crowd whose server is killed', () => {
  it('comes back to another epoch: each is told once that nothing was recovered, and has a price again', async () => {
    const first = await referenceServer();
    const { port } = first;
    runs.push(first);
    const crowd = Array.from({ length: crowdSize }, () => join(port));
    await until('a price each', () => crowd.every(({ ticks }) => ticks.some(({ seq }) => seq !== undefined)), first);
    await first.stop('SIGKILL');
    await until('all to notice', () => !crowd.some(connected));
    const before = crowd.map(({ ticks }) => ticks.length);
    for (const { resumed } of crowd) resumed.length = 0;
    const second = await referenceServer(port);
    runs.push(second);
    await until(
      'all to be back',
      () => crowd.every((member, index) => member.ticks.length > (before[index] ?? 0)),
      second,
    );
    expect(crowd.map(({ resumed }) => resumed)).toEqual(crowd.map(() => [false]));
    for (const [index, { ticks }] of crowd.entries()) {
      const seqs = ticks.slice(before[index]).map(({ seq }) => seq ?? 0);
      expect(seqs).toEqual([...new Set(seqs)].sort((one, other) => one - other));
    }
  });

  it('is let in at the pace that the server allows: who is refused waits, and all are back', async () => {
    const first = await referenceServer();
    const { port } = first;
    runs.push(first);
    const crowd = Array.from({ length: crowdSize }, () => join(port));
    await until('all to be connected', () => crowd.every(connected), first);
    await first.stop('SIGKILL');
    await until('all to notice', () => !crowd.some(connected));
    const second = await referenceServer(port, { WS_TOTAL_CONNECTS_PER_SECOND: '10' });
    runs.push(second);
    await until('all to be back', () => crowd.every(connected), second);
    const metrics = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    const refused = /tickwire_refused_upgrades_total\{status="503"\} (\d+)/.exec(metrics)?.[1];
    expect(Number(refused)).toBeGreaterThan(0);
    expect(metrics).toContain(`tickwire_connections_total ${crowdSize}\n`);
  });
});
