/** B04: the server's process stands still for a while, and goes on. */
import { PriceWebSocketClient, type PriceTick } from '@tickwire/client';
import { afterEach, describe, expect, it } from 'vitest';
import { referenceServer, until, type Run } from './script-runs.js';

const crowdSize = 20;

interface Member {
  readonly client: PriceWebSocketClient;
  readonly ticks: PriceTick[];
  reconnects: number;
}

const runs: Run[] = [];
const members: Member[] = [];
afterEach(async () => {
  for (const run of runs) run.signal('SIGCONT');
  await Promise.all(members.splice(0).map(({ client }) => client.close()));
  await Promise.all(runs.splice(0).map((run) => run.stop('SIGKILL')));
});

/** Scaled: these notice after `patienceMs` what others notice after 20 s. */
function join(port: number, patienceMs: number): Member {
  const client = new PriceWebSocketClient(`ws://127.0.0.1:${port}/ws`, {
    dialect: 'tickwire',
    heartbeat: { idleMs: patienceMs / 2, timeoutMs: patienceMs / 2 },
    connectTimeoutMs: 30_000,
    reconnect: { minDelayMs: 250, baseDelayMs: 250, maxDelayMs: 1_000 },
  });
  const member: Member = { client, ticks: [], reconnects: 0 };
  client.subscribe('coin:bitcoin', (tick) => member.ticks.push(tick));
  client.connection.subscribe(({ status }) => {
    if (status === 'reconnecting') member.reconnects += 1;
  });
  members.push(member);
  return member;
}

const connected = ({ client }: Member): boolean => client.connection.get().status === 'connected';
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** A figure of `/metrics`. */
async function metric(port: number, name: string): Promise<number> {
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  return Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(text)?.[1]);
}

/** A crowd with prices, and a server whose pings and deadlines are short, that stands still for so long. */
async function freeze(patienceMs: number, frozenMs: number): Promise<{ port: number; run: Run; before: number[] }> {
  const run = await referenceServer(0, { WS_PING_INTERVAL_MS: '400', WS_PONG_TIMEOUT_MS: '2500' });
  const { port } = run;
  runs.push(run);
  const crowd = Array.from({ length: crowdSize }, () => join(port, patienceMs));
  await until('prices for all', () => crowd.every((member) => connected(member) && member.ticks.length > 2), run);
  for (const member of crowd) member.reconnects = 0;
  run.signal('SIGSTOP');
  await pause(frozenMs);
  const before = crowd.map(({ ticks }) => ticks.length);
  return { port, run, before };
}

function expectNoDuplicates(): void {
  for (const { ticks } of members) {
    const seqs = ticks.map(({ seq }) => seq ?? 0);
    expect(seqs).toEqual([...new Set(seqs)].sort((one, other) => one - other));
  }
}

const goOn = (before: readonly number[], run: Run): Promise<void> =>
  until(
    'new prices for all',
    () => members.every((member, index) => connected(member) && member.ticks.length > (before[index] ?? 0) + 3),
    run,
  );

describe('a server that stands still', () => {
  it('for longer than its pong deadline, yet not than its clients wait, goes on with all of them', async () => {
    const { port, run, before } = await freeze(60_000, 4_500);
    run.signal('SIGCONT');
    await goOn(before, run);
    // Longer than the pong deadline: nobody is dropped for the time that the server itself was away.
    await pause(3_000);
    expect(members.map(({ reconnects }) => reconnects)).toEqual(members.map(() => 0));
    expect(await metric(port, 'tickwire_connections_total')).toBe(crowdSize);
    expectNoDuplicates();
  });

  it('until its clients give up is rid of the old sockets when it goes on, takes each back once, and repeats nothing', async () => {
    const { port, run, before } = await freeze(1_500, 5_000);
    expect(members.some(connected)).toBe(false);
    run.signal('SIGCONT');
    await goOn(before, run);
    expect(await metric(port, 'tickwire_connections_total')).toBeLessThanOrEqual(2 * crowdSize);
    await expect
      .poll(async () => {
        const answer = await fetch(`http://127.0.0.1:${port}/api/status`);
        return ((await answer.json()) as { connections: { open: number } }).connections.open;
      })
      .toBe(crowdSize);
    expectNoDuplicates();
  });
});
