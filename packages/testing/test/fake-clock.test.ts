import { describe, expect, it } from 'vitest';
import { FakeClock } from '@tickwire/testing';

describe('the fake clock', () => {
  it('fires each timer at its time, in order, with promises settled in between', async () => {
    const clock = new FakeClock(1_000);
    const seen: string[] = [];
    clock.setTimeout(() => seen.push(`b at ${clock.monotonic()}`), 20);
    clock.setTimeout(() => {
      seen.push(`a at ${clock.monotonic()}`);
      void Promise.resolve().then(() => clock.setTimeout(() => seen.push(`c at ${clock.monotonic()}`), 5));
    }, 10);
    await clock.advance(30);
    expect(seen).toEqual(['a at 10', 'c at 15', 'b at 20']);
    expect([clock.now(), clock.monotonic(), clock.pending]).toEqual([1_030, 30, 0]);
  });

  it('stops timers, and tells how many wait', async () => {
    const clock = new FakeClock();
    const timer = clock.setTimeout(() => expect.unreachable(), 5);
    expect(clock.pending).toBe(1);
    clock.clearTimeout(timer);
    await clock.advance(10);
    expect(clock.pending).toBe(0);
  });

  it('sleeps: what is overdue fires once, late', async () => {
    const clock = new FakeClock();
    const seen: number[] = [];
    const again = (): void => {
      seen.push(clock.monotonic());
      clock.setTimeout(again, 10);
    };
    clock.setTimeout(again, 10);
    await clock.sleep(1_000);
    expect(seen).toEqual([1_000]);
  });

  it('lets the wall clock be set without touching durations', () => {
    const clock = new FakeClock(0);
    clock.jumpWall(7_200_000);
    expect([clock.now(), clock.monotonic()]).toEqual([7_200_000, 0]);
  });
});
