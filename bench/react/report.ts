/** The figures of the hooks as a page in parts. */
import { cpus, loadavg } from 'node:os';
import { versionOf } from '../versions.js';
import { changesPerStep, contenders, rows, steps, type Turn } from './renders.js';
import { perSecond, rows as manyRows, scenes, type Watched } from './smooth.js';

const median = (all: readonly number[]): number =>
  [...all].sort((a, b) => a - b)[Math.floor(all.length / 2)] ?? Number.NaN;
const mb = (bytes: number): string => (bytes / 1_000_000).toFixed(1);
const en = (value: number): string => value.toLocaleString('en');

function rendersTable(turns: ReadonlyMap<string, readonly Turn[]>): string {
  const base = turns.get('ours') ?? [];
  return contenders
    .map(([page, name]) => {
      const own = turns.get(page) ?? [];
      const middle = (of: (turn: Turn) => number): number => median(own.map(of));
      const renders = middle(({ counts, changes }) => counts.renders / changes);
      const commits = middle(({ counts }) => counts.rowCommits / steps);
      const all = middle(({ counts }) => counts.commits / steps);
      const cost = median(own.map(({ workMs }, round) => workMs / (base[round]?.workMs ?? Number.NaN)));
      const errors = own.reduce((sum, turn) => sum + turn.errors, 0);
      const wrong = Math.max(...own.map((turn) => turn.wrong));
      const cells = [renders, commits, all].map((value) => value.toFixed(2));
      return `| ${name} | ${cells.join(' | ')} | ${cost.toFixed(2)} × | ${wrong} | ${errors} |`;
    })
    .join('\n');
}

function smoothTable(smooth: readonly Watched[], idles: readonly Watched[]): string {
  return smooth
    .map(({ counts, framesPerSecond, ...own }, index) => {
      const scene = scenes[index];
      const around = idles.slice(index, index + 2).map((each) => each.framesPerSecond);
      const idleRate = around.reduce((sum, each) => sum + each, 0) / around.length;
      const longest = counts.longest === 0 ? 'under 50' : counts.longest.toFixed(0);
      const behind = own.behindMs === undefined ? 'over 10,000' : en(Math.round(own.behindMs));
      const cells = [
        scene?.name,
        `${(framesPerSecond / idleRate).toFixed(2)} × (${framesPerSecond.toFixed(1)} of ${idleRate.toFixed(1)})`,
        longest,
        `${mb(own.heapAtStart)} → ${mb(own.heapAtEnd)}`,
        `${(own.work * 100).toFixed(0)} %`,
        en(Math.round(own.sentPerSecond)),
        scene?.shows === true ? behind : '–',
      ];
      return `| ${cells.join(' | ')} |`;
    })
    .join('\n');
}

/** Where and when a part was measured. */
export function circumstances(chromium: string): string {
  const versions = ['react', 'zustand', 'react-use-websocket'].map((name) => `${name} ${versionOf(name)}`);
  const load = loadavg().map((value) => value.toFixed(1));
  return `Chromium ${chromium}, Node ${process.version}, ${cpus()[0]?.model ?? ''} × ${cpus().length}, shared with other work (load over 1, 5 and 15 minutes at the
end: ${load.join(', ')}), ${new Date().toISOString().slice(0, 10)}; ${versions.join(', ')}.`;
}

/** @param turns of each contender, by its page */
export function rendersPart(turns: ReadonlyMap<string, readonly Turn[]>, rounds: number): string {
  return `## ${rows} rows, ${steps} frames of ${changesPerStep} changed channels

In each animation frame the page asks for ${changesPerStep} changes. Commits are those that React reports to its developer tools; "with rows" are those in
which a row was rendered. The others of ours are of the store's own component, which renders nothing: it asks React for its turn, so that a price never interrupts
a transition. The processor's time, that of the page's process, is a ratio to ours in the same round (medians of ${rounds} rounds in turns). The seed's server sends
all prices each time, so its hook hears one message a frame.

| | renders of rows for a change | commits with rows in a frame | all commits in a frame | processor | rows wrong at the end | uncaught errors |
|---|---|---|---|---|---|---|
${rendersTable(turns)}

The target: at most 1.05 renders for a change, and one commit a frame.
`;
}

/**
 * @param smooth in the order of the scenes
 * @param idles before the first scene, and after each
 */
export function smoothPart(smooth: readonly Watched[], idles: readonly Watched[], watchMs: number): string {
  return `## ${en(manyRows)} rows, ${en(perSecond)} changes a second

Watched for ${watchMs / 1_000} s after 5 s, what is there for comparison for ${(watchMs / 3_000).toFixed(0)} s; the frame rate against that of the same table in which nothing
happens, seen before and after in the same run. All ${en(manyRows)} rows are in the document, each of a fixed size, those outside of the window not painted
(\`content-visibility\`). The heap is that after a collection, at the start and at the end; "processor" is that of the page's process, of one core. "In batches", the
server puts what it sends in one turn into one \`batch\` of the contract; else each change is a WebSocket message of its own, and what the browser itself takes for
those stands in the row of nothing. "Behind" is the time from the server's last change to a table that shows all prices of the market.

| a row | frame rate | longest task, ms | heap, MB | processor | changes sent a second | behind, ms |
|---|---|---|---|---|---|---|
${smoothTable(smooth, idles)}

The target: 0.9 of the idle frame rate, no task over 100 ms, the heap flat. Where the row of nothing misses it, the machine was too busy for this question:
such a run shows only the order of the rows, and is to be repeated.
`;
}

export function mountsPart(lines: readonly string[]): string {
  return `## Mounting, and transitions

In happy-dom, with a fake client.

${lines.map((line) => `- ${line}`).join('\n')}
`;
}

const head = `# Rendering prices

Made by \`pnpm bench:react --write\`: production builds in headless Chromium, prices over a real loopback socket from a server in a process of its
own, one message a change, the \`price_update\` of the seed document (about 290 characters). Each part says when it was measured.
`;

/** The page with its new parts in place of those of the same title; what was not measured anew stays. */
export function pageOf(before: string, parts: readonly string[]): string {
  const titleOf = (part: string): string => part.slice(0, part.indexOf('\n'));
  const all = new Map(
    before
      .split(/^(?=## )/m)
      .slice(1)
      .map((part) => [titleOf(part), part.trimEnd()]),
  );
  for (const part of parts) all.set(titleOf(part), part.trimEnd());
  return `${[head.trimEnd(), ...all.values()].join('\n\n')}\n`;
}
