/** Waiting for facts. */

/**
 * Waits until something holds; fails with what was waited for.
 *
 * @param withinMs when to give up: a bound for what never comes, far above what a busy machine takes @default 30,000
 */
export async function until(what: string, holds: () => boolean, withinMs = 30_000): Promise<void> {
  const end = performance.now() + withinMs;
  while (!holds()) {
    if (performance.now() > end) throw new Error(`Not within ${withinMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
