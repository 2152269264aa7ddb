/** The hooks beside what else people use, in Chromium, in turns; writes results.md. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { contenders, turnOf, type Turn } from './renders.js';
import { circumstances, mountsPart, pageOf, rendersPart, smoothPart } from './report.js';
import { idle, scenes, watched, type Watched } from './smooth.js';
import { Stage } from './stage.js';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '30' },
    only: { type: 'string' },
    write: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  console.log(`pnpm bench:react [--rounds 5] [--seconds 30] [--only smooth] [--write]   needs Chromium (CHROMIUM_PATH)
  --rounds   turns of each contender on 200 rows
  --seconds  for how long a page of 1,000 rows is watched
  --only     smooth, renders or mounts: one part alone
  --write    keeps the result in bench/react/results.md`);
  process.exit(0);
}
const rounds = Number(values.rounds);
const watchMs = Number(values.seconds) * 1_000;
if (!(rounds >= 1 && watchMs >= 1_000)) throw new RangeError('--rounds and --seconds are 1 or more');
const say = (text: string): void => console.error(text);

const parts = ['smooth', 'renders', 'mounts'] as const;
const isWanted = (part: (typeof parts)[number]): boolean => values.only === undefined || values.only === part;
if (!parts.some(isWanted)) throw new RangeError(`--only is one of ${parts.join(', ')}`);

/** Between any two tables of 1,000 rows an idle one is looked at. */
async function smoothly(stage: Stage): Promise<string> {
  const idles: Watched[] = [await watched(stage, idle, watchMs / 3)];
  const smooth: Watched[] = [];
  for (const scene of scenes) {
    const seen = await watched(stage, scene, scene.isPeer ? watchMs / 3 : watchMs);
    const rest = await watched(stage, idle, watchMs / 3);
    smooth.push(seen);
    idles.push(rest);
    const [rate, idleRate] = [seen, rest].map(({ framesPerSecond }) => framesPerSecond.toFixed(1));
    say(`1,000 rows: ${scene.name}: ${rate} frames a second, idle ${idleRate}`);
  }
  return smoothPart(smooth, idles, watchMs);
}

async function inTurns(stage: Stage): Promise<string> {
  const turns = new Map<string, Turn[]>(contenders.map(([page]) => [page, []]));
  for (let round = 0; round < rounds; round += 1) {
    for (let turn = 0; turn < contenders.length; turn += 1) {
      const [page] = contenders[(turn + round) % contenders.length] ?? contenders[0] ?? [''];
      turns.get(page)?.push(await turnOf(stage, page));
    }
    say(`200 rows: round ${round + 1} of ${rounds}`);
  }
  return rendersPart(turns, rounds);
}

function mounts(): string {
  const args = [...process.execArgv, new URL('mounts.ts', import.meta.url).pathname];
  const env = { ...process.env, NODE_ENV: 'production' };
  return mountsPart(execFileSync(process.execPath, args, { encoding: 'utf8', env }).trim().split('\n'));
}

const pages = new Set([...contenders.map(([page]) => page), ...scenes.map(({ page }) => page), idle.page]);
const stage = await Stage.open([...pages]);
const chromium = stage.browser.version();
const measured: string[] = [];
if (isWanted('renders')) measured.push(`${await inTurns(stage)}\n${circumstances(chromium)}\n`);
if (isWanted('smooth')) measured.push(`${await smoothly(stage)}\n${circumstances(chromium)}\n`);
await stage.close();
if (isWanted('mounts')) measured.push(`${mounts()}\n${circumstances(chromium)}\n`);

const file = new URL('results.md', import.meta.url);
const text = pageOf(existsSync(file) ? readFileSync(file, 'utf8') : '', measured);
if (values.write) writeFileSync(file, text);
console.log(text);
process.exit(0);
