import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { flushSchedule } from '../src/flush.js';

describe('a flush schedule', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'requestAnimationFrame', 'cancelAnimationFrame'] });
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });

  it('runs once at the next frame', () => {
    const run = vi.fn();
    flushSchedule('frame')(run);
    expect(run).not.toHaveBeenCalled();
    vi.advanceTimersToNextFrame();
    expect(run).toHaveBeenCalledTimes(1);
    vi.advanceTimersByTime(5_000);
    expect(run).toHaveBeenCalledTimes(1);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('runs within a second where a hidden page gets no frames', () => {
    vi.stubGlobal('requestAnimationFrame', () => 1);
    const run = vi.fn();
    flushSchedule('frame')(run);
    vi.advanceTimersByTime(999);
    expect(run).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(run).toHaveBeenCalledTimes(1);
  });

  it('waits the length of a frame where there are none', () => {
    vi.stubGlobal('requestAnimationFrame', undefined);
    const run = vi.fn();
    flushSchedule('frame')(run);
    vi.advanceTimersByTime(16);
    expect(run).toHaveBeenCalledTimes(1);
  });

  it('runs at once with sync', () => {
    const run = vi.fn();
    flushSchedule('sync')(run);
    expect(run).toHaveBeenCalledTimes(1);
    expect(vi.getTimerCount()).toBe(0);
  });

  it.each([
    [250, 250],
    [-5, 0],
    [2 ** 40, 2 ** 31 - 1],
  ])('waits for %d ms as a timer of %d ms', (flush, delayMs) => {
    const run = vi.fn();
    flushSchedule(flush)(run);
    if (delayMs > 0) vi.advanceTimersByTime(delayMs - 1);
    expect(run).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(run).toHaveBeenCalledTimes(1);
  });

  it.each(['frame', 250] as const)('leaves no timer after the undo of %s', (flush) => {
    const run = vi.fn();
    flushSchedule(flush)(run)();
    expect(vi.getTimerCount()).toBe(0);
    vi.advanceTimersByTime(5_000);
    expect(run).not.toHaveBeenCalled();
  });
});
