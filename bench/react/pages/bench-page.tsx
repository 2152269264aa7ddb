/** What every page of this bench has: rows that count their renders, frames that are counted, and the measure of both. */
import type { ComponentType } from 'react';
import { createRoot } from 'react-dom/client';

/** Counted since the last `begin`; the commits are counted by the hook that the page's text installs before React. */
export interface Counts {
  renders: number;
  /** Commits of React, all of them. */
  commits: number;
  /** Those in which a row was rendered. */
  rowCommits: number;
  frames: number;
  /** The most row commits between two animation frames. */
  most: number;
  /** The longest task in ms; 0 where none took 50. */
  longest: number;
  longTasks: number;
  ms: number;
}

declare global {
  /** Shared with the page's text and with the bench, which evaluates these by name. */
  var counts: Counts;
  var drive: (steps: number) => Promise<Counts>;
  var watch: (ms: number) => Promise<Counts>;
}

const { searchParams, hash } = new URL(location.href);
const socketsUrl = hash.slice(1);
/** Where ours connects to: `/tickwire`, or `/batches`. */
export const ourPath = searchParams.get('path') ?? '/tickwire';
export const rows = Number(searchParams.get('rows'));
export const ids = Array.from({ length: rows }, (_, row) => `c${row}`);
export const socketUrl = (pathname: string): string => `${socketsUrl}${pathname}`;

/** What a row shows. Every row calls this once a render. */
export function cells(id: string, price: number | string | undefined): React.ReactElement[] {
  counts.renders += 1;
  return [<span key="id">{id}</span>, <span key="price">{price}</span>];
}

/** Shows a page. */
export function show(Page: ComponentType): void {
  const container = document.querySelector('main');
  if (container === null) throw new Error('The page has no main.');
  createRoot(container).render(<Page />);
}

const nextFrame = (): Promise<number> => new Promise((resolve) => requestAnimationFrame(resolve));

function begin(): () => Counts {
  Object.assign(counts, { renders: 0, commits: 0, rowCommits: 0, frames: 0, most: 0, longest: 0, longTasks: 0, ms: 0 });
  const from = performance.now();
  const take = (entries: PerformanceEntryList): void => {
    for (const { duration } of entries) {
      counts.longTasks += 1;
      counts.longest = Math.max(counts.longest, duration);
    }
  };
  const observer = new PerformanceObserver((list) => take(list.getEntries()));
  observer.observe({ type: 'longtask' });
  let running = true;
  let before = 0;
  const frame = (): void => {
    if (!running) return;
    counts.frames += 1;
    counts.most = Math.max(counts.most, counts.rowCommits - before);
    before = counts.rowCommits;
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
  return () => {
    running = false;
    take(observer.takeRecords());
    observer.disconnect();
    return { ...counts, ms: performance.now() - from };
  };
}

/** Asks for ten changes in each of so many frames. */
globalThis.drive = async (steps) => {
  const control = new WebSocket(socketUrl('/control'));
  await new Promise((resolve) => control.addEventListener('open', resolve));
  await nextFrame();
  const end = begin();
  for (let step = 0; step < steps; step += 1) {
    await nextFrame();
    control.send('step');
  }
  // The last prices are on their way; a price that is late is found by who compares the table with the market.
  for (let frame = 0; frame < 30; frame += 1) await nextFrame();
  control.close();
  return end();
};

globalThis.watch = async (ms) => {
  const end = begin();
  const from = performance.now();
  while (performance.now() - from < ms) await nextFrame();
  return end();
};
