import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { systemClock } from '../src/clock.js';

const longest = 2_147_483_647;

describe('the machine’s clock', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it.each([
    ['what a timer can hold', longest],
    ['one ms more', longest + 1],
    ['30 days', 30 * 86_400_000],
    ['three times what a timer can hold', 3 * longest + 5],
  ])('F32: waits for %s', (_case, delayMs) => {
    const delays = vi.spyOn(globalThis, 'setTimeout');
    let fired = 0;
    systemClock.after(delayMs, () => (fired += 1));
    vi.advanceTimersByTime(delayMs - 1);
    expect(fired).toBe(0);
    vi.advanceTimersByTime(1);
    expect(fired).toBe(1);
    for (const [, partMs] of delays.mock.calls) expect(partMs).toBeLessThanOrEqual(longest);
    expect(vi.getTimerCount()).toBe(0);
  });

  it.each([Infinity, 1e308])('F32: waits for %d without an end, and lets go when told to', (delayMs) => {
    let fired = 0;
    const cancel = systemClock.after(delayMs, () => (fired += 1));
    vi.advanceTimersByTime(3 * longest);
    cancel();
    cancel();
    expect([fired, vi.getTimerCount()]).toEqual([0, 0]);
  });
});
