/** The result as a page: what was run, what came out, and what that does and does not show. */
import { cpus, totalmem } from 'node:os';
import { versionOf } from '../versions.js';
import type { CrowdState } from './clients.js';

/** One look at the memory, in MB; `at` in ms of the run. */
export interface MemorySample {
  readonly at: number;
  readonly mb: number;
}

/** The server between two restarts; `startedAt` in ms of the run. */
export interface ServerLife {
  readonly startedAt: number;
  readonly heap: readonly MemorySample[];
  readonly rss: readonly MemorySample[];
}

/** Everything that was seen. */
export interface SoakResult {
  readonly clients: number;
  readonly workers: number;
  readonly seed: number;
  readonly minutes: number;
  readonly eventsPerSecond: number;
  readonly published: number;
  readonly refusedPublishes: number;
  readonly kills: number;
  readonly terms: number;
  /** Told to end, and killed after 20 s because it had not. */
  readonly hungEnds: number;
  readonly faults: ReadonlyMap<string, number>;
  readonly state: Omit<CrowdState, 'ailing'>;
  readonly settleMs: number;
  /** Of each life of the server, in order. */
  readonly serverLives: readonly ServerLife[];
  /** Of all client processes together, after the first quarter. */
  readonly clientHeap: readonly MemorySample[];
}

/** MB an hour by least squares; `undefined` for fewer than three samples. */
export function slope(samples: readonly MemorySample[]): number | undefined {
  if (samples.length < 3) return undefined;
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  const at = mean(samples.map((sample) => sample.at));
  const mb = mean(samples.map((sample) => sample.mb));
  const spread = mean(samples.map((sample) => (sample.at - at) ** 2));
  const common = mean(samples.map((sample) => (sample.at - at) * (sample.mb - mb)));
  return (common / spread) * 3_600_000;
}

/** A server fills its logs for the length of the resume window, and its code is compiled meanwhile. */
const warmUpMs = 180_000;

/** The samples after the warming up, as far as the life is long enough to have any. */
function warm({ startedAt }: ServerLife, samples: readonly MemorySample[]): readonly MemorySample[] {
  const later = samples.filter(({ at }) => at - startedAt >= warmUpMs);
  return later.length >= 3 ? later : samples;
}

function memoryRow(name: string, samples: readonly MemorySample[]): string {
  const first = samples[0];
  const last = samples.at(-1);
  if (first === undefined || last === undefined) return `| ${name} | no sample | | |`;
  const perHour = slope(samples);
  const span = `${((last.at - first.at) / 1_000).toFixed(0)} s, ${samples.length} samples`;
  return `| ${name} | ${first.mb.toFixed(1)} → ${last.mb.toFixed(1)} MB | ${perHour === undefined ? 'too few samples' : `${perHour.toFixed(1)} MB/h`} | ${span} |`;
}

/** Whether everything is as it must be. */
export function isSound({ clients, state }: SoakResult): boolean {
  const { counts, connected, fresh, current } = state;
  const sound = counts.lostWithoutGap === 0 && counts.duplicates === 0;
  return sound && [connected, fresh, current].every((count) => count === clients);
}

/** Of the ends that hung. */
function hungNote({ hungEnds }: SoakResult): string {
  if (hungEnds === 0) return '';
  return `- **A fault of the server:** told to end (SIGTERM), it was still there 20 s later, ${hungEnds} times, where 12 s are its bound.
`;
}

/** The page. */
export function page(result: SoakResult): string {
  const { clients, state, faults, serverLives, minutes } = result;
  const { counts } = state;
  const none: ServerLife = { startedAt: 0, heap: [], rss: [] };
  const longest = [...serverLives].sort((a, b) => b.rss.length - a.rss.length)[0] ?? none;
  const number = (value: number): string => value.toLocaleString('en');
  const short =
    minutes >= 30
      ? `The run lasted ${minutes} min.`
      : `**The full run of 30 min with 1,000 clients was not made for this page: it shows ${minutes} min with ${number(clients)}.** A slope in MB/h that is taken over so short a time is mostly the noise of warming up and of the client's own reconnecting; it would show a leak of many MB a minute and no smaller one.`;
  return `# Soak

Made by \`pnpm bench:soak --clients ${clients} --minutes ${minutes} --seed ${result.seed}\`. The reference server as its own process, prices of every coin and metal each
500 ms, ${result.eventsPerSecond} numbered events a second through \`POST /api/publish\`; ${number(clients)} clients (\`ws\` sockets) in ${result.workers} processes, each with one price
channel and one event channel, behind fault proxies. The seed fixes which faults strike where and in which order, not what the machine's timing makes of them.

| | |
|---|---|
| faults | ${[...faults].map(([name, count]) => `${name} × ${count}`).join(', ') || 'none'} |
| server killed (SIGKILL) and started anew | ${result.kills} |
| server ended (SIGTERM) and started anew | ${result.terms} |
| of these not gone within 20 s, and killed | ${result.hungEnds} |
| events published | ${number(result.published)}; ${result.refusedPublishes} more were not taken, mostly because the server was down |
| events delivered | ${number(counts.delivered)} |
| reconnects | ${number(state.reconnects)} |
| \`gap\` events with a range, and of an epoch change | ${number(counts.gaps)}, ${number(counts.epochGaps)} |
| **lost without a gap** (must be 0) | ${counts.lostWithoutGap} |
| **delivered twice** (must be 0) | ${counts.duplicates} |
| connected at the end | ${state.connected} of ${clients} |
| with a fresh price of the last 5 s | ${state.fresh} of ${clients} |
| that have heard the last event | ${state.current} of ${clients} |
| until all of that was so, after the last fault | ${(result.settleMs / 1_000).toFixed(1)} s |
| frames that did not decode | ${state.invalid} |
| error events of clients | ${state.errors.join(', ') || 'none'} |

| memory after a collection | from → to | slope | over |
|---|---|---|---|
${memoryRow('server RSS, its longest life after warming up', warm(longest, longest.rss))}
${memoryRow('server heap, its longest life after warming up', warm(longest, longest.heap))}
${memoryRow('client heap, all processes, after the first quarter', result.clientHeap)}

## What this shows and what it does not

- ${isSound(result) ? 'Sound: nothing was lost without a word, nothing came twice, and everybody came back.' : '**Not sound: see the rows above.**'}
- ${short}
- The order and the completeness are checked by the numbers of the server, and doubles by the publisher's own numbers too. After an epoch change the client says that it
  does not know how much was lost, so that nothing is counted there: what a killed server had not sent is gone, and said to be.
${hungNote(result)}- A server that ends loses its memory with its process, so that its slope is of one life: the last, for restarts come in the first half of the run only.
- The sockets are of this machine: no TLS, no packet loss, no second host. Memory of a browser was not measured.

Node ${process.version}, ws ${versionOf('ws')}, ${cpus()[0]?.model ?? ''} × ${cpus().length}, ${(totalmem() / 2 ** 30).toFixed(0)} GiB, ${process.platform} ${process.arch}, ${new Date().toISOString().slice(0, 10)}.
`;
}
