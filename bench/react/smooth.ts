/** 1,000 rows and 10,000 changes a second: what is left of the frame rate, and what it takes in memory and time. */
import type { Counts } from './pages/bench-page.js';
import { heapBytes, processorSeconds, wrongRows, type PageName, type Stage } from './stage.js';

export const rows = 1_000;
export const perSecond = 10_000;
const warmUpMs = 5_000;

/** What is watched. */
export interface Scene {
  readonly page: PageName;
  readonly name: string;
  /** Where ours connects to. */
  readonly path?: '/tickwire' | '/batches';
  /** Whether the table shows prices, so that it can fall behind. */
  readonly shows: boolean;
  /** Whether it is there for comparison, and watched for a third of the time. */
  readonly isPeer: boolean;
}

export const scenes: readonly Scene[] = [
  { page: 'ours', name: '`usePrice`', shows: true, isPeer: false },
  {
    page: 'dashboard-rows',
    name: '`usePrice`, `usePriceDirection`, `useFreshness`',
    shows: true,
    isPeer: false,
  },
  { page: 'ours', name: '`usePrice`, in batches', path: '/batches', shows: true, isPeer: false },
  {
    page: 'dashboard-rows',
    name: '`usePrice`, `usePriceDirection`, `useFreshness`, in batches',
    path: '/batches',
    shows: true,
    isPeer: false,
  },
  { page: 'bare', name: 'nothing: a socket whose messages nobody reads', shows: false, isPeer: true },
  { page: 'zustand', name: 'zustand, a selector a row', shows: true, isPeer: true },
];

/** The same table, in which nothing happens. */
export const idle: Scene = { page: 'idle', name: 'idle', shows: false, isPeer: true };

/** What a page did in its turn. */
export interface Watched {
  readonly counts: Counts;
  readonly framesPerSecond: number;
  /** Seconds of the processor that the page's process took for a second. */
  readonly work: number;
  readonly heapAtStart: number;
  readonly heapAtEnd: number;
  /** What the server sent while it was watched, a second. */
  readonly sentPerSecond: number;
  /** Milliseconds from the last change to a table that shows the market's prices; none where that took over 10 s. */
  readonly behindMs: number | undefined;
}

export async function watched(stage: Stage, { page, path, shows }: Scene, ms: number): Promise<Watched> {
  const open = await stage.show(page, rows, path);
  try {
    await stage.ask({ perSecond: page === 'idle' ? 0 : perSecond });
    await open.page.evaluate((time) => watch(time), warmUpMs);
    const heapAtStart = await heapBytes(open);
    const workBefore = await processorSeconds(open);
    const before = await stage.ask({});
    const counts = await open.page.evaluate((time) => watch(time), ms);
    const after = await stage.ask({});
    const work = (await processorSeconds(open)) - workBefore;
    const heapAtEnd = await heapBytes(open);
    const standing = await stage.ask({ perSecond: 0 });
    const stopped = performance.now();
    let behindMs: number | undefined;
    while (shows && behindMs === undefined && performance.now() - stopped < 10_000) {
      if ((await wrongRows(open, standing)) === 0) behindMs = performance.now() - stopped;
    }
    const seconds = counts.ms / 1_000;
    return {
      counts,
      framesPerSecond: counts.frames / seconds,
      work: work / seconds,
      heapAtStart,
      heapAtEnd,
      sentPerSecond: (after.changes - before.changes) / seconds,
      behindMs,
    };
  } finally {
    await open.close();
  }
}
