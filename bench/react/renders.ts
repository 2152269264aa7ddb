/** 200 rows, 300 frames of ten changed channels: what each way of doing it renders and commits. */
import type { Counts } from './pages/bench-page.js';
import { processorSeconds, wrongRows, type PageName, type Stage } from './stage.js';

export const rows = 200;
export const steps = 300;
export const changesPerStep = 10;

/** Who is compared; the first is ours. */
export const contenders: readonly (readonly [page: PageName, name: string])[] = [
  ['ours', '`usePrice`, a hook a row'],
  ['zustand', 'zustand, a selector a row'],
  ['use-websocket-rows', 'react-use-websocket, a hook and a filter a row'],
  ['use-websocket-top', 'react-use-websocket, one hook at the top'],
  ['seed', 'the seed’s hook'],
];

/** One turn of one contender. */
export interface Turn {
  readonly counts: Counts;
  readonly changes: number;
  /** Milliseconds of the processor that the page's process took for one step. */
  readonly workMs: number;
  /** Rows that showed another price than the market's at the end. */
  readonly wrong: number;
  /** Errors that nobody caught. */
  readonly errors: number;
}

export async function turnOf(stage: Stage, name: PageName): Promise<Turn> {
  const open = await stage.show(name, rows);
  try {
    // Each has its connection, and has compiled what it needs.
    await open.page.evaluate(() => drive(60));
    const before = await processorSeconds(open);
    const { changes } = await stage.ask({});
    const counts = await open.page.evaluate((count) => drive(count), steps);
    const workMs = (((await processorSeconds(open)) - before) * 1_000) / steps;
    const standing = await stage.ask({});
    const wrong = await wrongRows(open, standing);
    return { counts, changes: standing.changes - changes, workMs, wrong, errors: open.errors.length };
  } finally {
    await open.close();
  }
}
