/** A deploy under thousands of clients: how many dial in the worst second, with the server's drain and without any hint. */
import { setTimeout as pause } from 'node:timers/promises';
import type { CrowdReport } from './deploy-clients.js';
import { DeployedServer, stablePort, type Ending } from './deploy-server.js';
import { Remote } from './remote.js';
import { circumstances, median, writeSection } from './report.js';

interface Round {
  readonly peakDials: number;
  readonly peakDue: number;
  readonly peakOpens: number;
  readonly dials: number;
  readonly refused: number;
  readonly endMs: number;
  readonly exitCode: number | null;
  readonly downMs: number;
  readonly backMs: number;
  /** Dials in each second from the signal on. */
  readonly course: readonly number[];
}

const processes = 2;
const rounds = 3;
const patienceMs = 120_000;
/** The client forgets its attempts after 10 s of a stable connection. */
const settleMs = 11_000;
const secondMs = 1_000;

/** The most that lie within any one second. */
function worstSecond(times: readonly number[]): number {
  const sorted = [...times].sort((a, b) => a - b);
  let most = 0;
  let from = 0;
  for (const [index, at] of sorted.entries()) {
    while ((sorted[from] ?? at) <= at - secondMs) from += 1;
    most = Math.max(most, index - from + 1);
  }
  return most;
}

function perSecond(times: readonly number[], from: number): number[] {
  const counts: number[] = [];
  for (const at of times) {
    const second = Math.max(0, Math.floor((at - from) / secondMs));
    counts[second] = (counts[second] ?? 0) + 1;
  }
  return Array.from({ length: counts.length }, (_, second) => counts[second] ?? 0);
}

const now = (): number => performance.timeOrigin + performance.now();

async function deploy(server: DeployedServer, ending: Ending, port: number, crowds: readonly Remote[], count: number) {
  await Promise.all(crowds.map((crowd) => crowd.call('mark')));
  const signalledAt = now();
  const { code, ms } = await server.end();
  const next = await DeployedServer.start(ending, port);
  const downMs = now() - signalledAt - ms;
  const deadline = now() + patienceMs;
  let reports: CrowdReport[];
  do {
    await pause(500);
    reports = await Promise.all(crowds.map((crowd) => crowd.call<CrowdReport>('report')));
  } while (reports.some(({ allBackAt }) => allBackAt === undefined) && now() < deadline);
  const back = reports.reduce((sum, report) => sum + report.back, 0);
  if (back < count) throw new Error(`${back} of ${count} clients are back ${patienceMs} ms after the restart`);
  const dials = reports.flatMap((report) => report.dials);
  const round: Round = {
    peakDials: worstSecond(dials),
    peakDue: worstSecond(reports.flatMap(({ due }) => due)),
    peakOpens: worstSecond(reports.flatMap(({ opens }) => opens)),
    dials: dials.length,
    refused: await next.refused(503),
    endMs: ms,
    exitCode: code,
    downMs,
    backMs: Math.max(...reports.map(({ allBackAt }) => allBackAt ?? 0)) - signalledAt,
    course: perSecond(dials, signalledAt),
  };
  return { next, round };
}

const titles: Readonly<Record<Ending, string>> = {
  drain: 'the drain of the server: `going_away`, closes over 9 s, `;ra=;sp=`',
  'at once': 'no hint: 1012 for all at once, no reason',
};
const seconds = (ms: number): string => `${(ms / secondMs).toFixed(1)} s`;
const whole = (value: number): string => Math.round(value).toLocaleString('en');

function row(ending: Ending, all: readonly Round[]): string {
  const of = (key: Exclude<keyof Round, 'course' | 'exitCode'>): number => median(all.map((round) => round[key]));
  const each = (key: 'peakDials' | 'peakDue'): string => all.map((round) => whole(round[key])).join(', ');
  return `| ${titles[ending]} | ${whole(of('peakDials'))} (${each('peakDials')}) | ${whole(of('peakDue'))} (${each('peakDue')}) | ${whole(of('peakOpens'))} | ${whole(of('dials'))} | ${seconds(of('endMs'))} | ${seconds(of('downMs'))} | ${seconds(of('backMs'))} |`;
}

export async function deployUnderClients(count = 5_000): Promise<void> {
  const port = await stablePort();
  const results: Record<Ending, Round[]> = { drain: [], 'at once': [] };
  // The order of the endings turns from round to round.
  const order = Array.from({ length: rounds }, (_, round): Ending[] =>
    round % 2 === 0 ? ['drain', 'at once'] : ['at once', 'drain'],
  ).flat();
  let server = await DeployedServer.start(order[0] ?? 'drain', port);
  const crowds = Array.from({ length: processes }, () => new Remote('./deploy-clients.ts'));
  try {
    const share = Math.ceil(count / processes);
    await Promise.all(
      crowds.map((crowd, index) => crowd.call('open', { port, count: Math.min(share, count - index * share) })),
    );
    for (const [index, ending] of order.entries()) {
      await pause(settleMs);
      const { next, round } = await deploy(server, order[index + 1] ?? 'drain', port, crowds, count);
      server = next;
      results[ending].push(round);
      console.error(ending, JSON.stringify(round));
    }
  } finally {
    await Promise.all([...crowds.map((crowd) => crowd.end()), server.end()]);
  }
  const peak = (ending: Ending, key: 'peakDials' | 'peakDue'): number =>
    median(results[ending].map((round) => round[key]));
  const course = (ending: Ending): string => (results[ending][0]?.course ?? []).map((dials) => String(dials)).join(' ');
  const codes = [...new Set(results.drain.map(({ exitCode }) => exitCode))].join(', ');
  const measured = peak('drain', 'peakDials') / peak('at once', 'peakDials');
  const ratio = peak('drain', 'peakDials') / peak('at once', 'peakDue');
  writeSection(
    'A deploy',
    `${whole(count)} clients of \`@tickwire/client\`, whole but for cheap sockets (with those of \`ws\` two cores cannot dial as fast as the clients mean to), in ${processes} processes; the server gets SIGTERM and is started again on the same port. A dial is an attempt to
connect, whatever becomes of it: those to a server that is not up, and those that it answers with 503, count. Medians of ${rounds}, in turns;
the seconds count from the signal.

| how the old server ends | dials in the worst second (each run) | due in the worst second (each run) | connected in the worst second | dials in all | the process ends after | until the next is up | all are back after |
|---|---|---|---|---|---|---|---|
${row('drain', results.drain)}
${row('at once', results['at once'])}

Due is what the back-off of each client planned. A crowd of real clients dials when it is due; here thousands share two cores with the server,
and dial later than they mean to: without a hint the measured peak is what the machine can do. With the hint nobody is held up, and dials
count moves after \`going_away\` as well. Dials with the hint to what is due without: **${ratio.toFixed(3)}** (measured to measured:
${measured.toFixed(3)}). Target: at most 0.1: ${ratio <= 0.1 ? 'met' : 'missed'}. Exit code of the drained server: ${codes}.

Dials in each second, first run, with the drain: ${course('drain')}; at once: ${course('at once')}.

${circumstances(['ws'])}`,
  );
}
