import { describe, expect, it } from 'vitest';
import { defaultLimits } from '../src/limits.js';
import { planOfDrain } from '../src/plugins/drain-plan.js';

describe('the end of', () => {
  it.each([
    [0, { spreadMs: 500, closeSpanMs: 0, closesPerBeat: 1 }],
    [2, { spreadMs: 500, closeSpanMs: 0, closesPerBeat: 2 }],
    [250, { spreadMs: 1_250, closeSpanMs: 0, closesPerBeat: 250 }],
    [1_000, { spreadMs: 5_000, closeSpanMs: 5_000, closesPerBeat: 10 }],
    [5_000, { spreadMs: 25_000, closeSpanMs: 9_000, closesPerBeat: 28 }],
    [10_000, { spreadMs: 50_000, closeSpanMs: 9_000, closesPerBeat: 56 }],
  ])('%i connections', (connections, plan) => {
    expect(planOfDrain(connections, defaultLimits)).toMatchObject(plan);
  });

  it('any number leaves time for the last ones within 12 s', () => {
    for (const connections of [1, 251, 3_000, 19_900]) {
      const { closeSpanMs } = planOfDrain(connections, defaultLimits);
      expect(closeSpanMs + defaultLimits.drainMs).toBeLessThanOrEqual(11_000);
    }
  });
});
