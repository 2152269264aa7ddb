import { describe, expect, it } from 'vitest';
import { defaultLimits } from '../src/limits.js';
import { closesDue, planOfDrain, returnAfterMs } from '../src/plugins/drain-plan.js';

const crowd = planOfDrain(5_000, defaultLimits);

describe('the end of', () => {
  it.each([
    [0, { spreadMs: 500, closeSpanMs: 0 }],
    [2, { spreadMs: 500, closeSpanMs: 0 }],
    [250, { spreadMs: 1_000, closeSpanMs: 0 }],
    [1_000, { spreadMs: 4_000, closeSpanMs: 4_000 }],
    [5_000, { spreadMs: 20_000, closeSpanMs: 9_000 }],
    [10_000, { spreadMs: 40_000, closeSpanMs: 9_000 }],
  ])('%i connections', (connections, plan) => {
    expect(planOfDrain(connections, defaultLimits)).toMatchObject(plan);
  });

  it('any number leaves time for the last ones within 12 s', () => {
    for (const connections of [1, 251, 3_000, 19_900]) {
      const { closeSpanMs } = planOfDrain(connections, defaultLimits);
      expect(closeSpanMs + defaultLimits.drainMs).toBeLessThanOrEqual(11_000);
    }
  });

  it('ten thousand brings at most a tenth of them back in any second, and all within a minute', () => {
    for (const connections of [5_000, 10_000]) {
      const plan = planOfDrain(connections, defaultLimits);
      expect(connections / (plan.spreadMs / 1_000)).toBeLessThanOrEqual(connections / 10);
      expect(returnAfterMs(plan, 0) + plan.spreadMs).toBeLessThan(60_000);
    }
  });
});

describe('the closes that are due', () => {
  it.each([
    [0, 28],
    [50, 56],
    [4_475, 2_500],
    [8_999, 5_000],
    [9_000, 5_000],
    [60_000, 5_000],
  ])('after %i ms of 5,000', (elapsedMs, due) => {
    expect(closesDue(crowd, elapsedMs)).toBe(due);
  });

  it('are all at once for a few', () => {
    expect(closesDue(planOfDrain(200, defaultLimits), 0)).toBe(200);
    expect(closesDue(planOfDrain(0, defaultLimits), 0)).toBe(0);
  });
});

describe('who is let go', () => {
  it.each([
    [0, 11_000],
    [4_000, 7_000],
    [9_000, 2_000],
    [9_500, 2_000],
  ])('of a crowd after %i ms stays away until the next server is up', (elapsedMs, waitMs) => {
    expect(returnAfterMs(crowd, elapsedMs)).toBe(waitMs);
  });

  it('of a few comes back soon', () => {
    expect(returnAfterMs(planOfDrain(200, defaultLimits), 0)).toBe(500);
  });
});
