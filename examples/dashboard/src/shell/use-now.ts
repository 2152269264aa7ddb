/** One clock for the page: it runs while somebody looks at it, a tick a second, and wakes only those whose words change. */
import { useSyncExternalStore } from 'react';

const tickMs = 1_000;
const listeners = new Set<() => void>();
let now = 0;
let timer: ReturnType<typeof setInterval> | undefined;

function tick(): void {
  now = Date.now();
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  if (timer === undefined) {
    now = Date.now();
    timer = setInterval(tick, tickMs);
  }
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

/**
 * What a component makes of the time; it renders again only when that changes.
 *
 * @param read from epoch ms, 0 before the clock runs, to a text or a number
 */
export function useClock<Read extends string | number>(read: (now: number) => Read): Read {
  return useSyncExternalStore(
    subscribe,
    () => read(now),
    () => read(0),
  );
}

/** Epoch ms, renewed each second; 0 before the clock runs. */
export function useNow(): number {
  return useClock((at) => at);
}
