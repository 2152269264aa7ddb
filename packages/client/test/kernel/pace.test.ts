import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { metals } from '../../src/dialects/metals.js';
import type { Pace } from '../../src/kernel/dialect.js';
import { refill, spend, unpaced, waitOf, type Paced } from '../../src/kernel/pace.js';

const ofMetals = metals().pace;

/** A budget that starts full. */
function filled(pace: Pace): Paced {
  const paced = unpaced();
  refill(paced, pace, 0);
  return paced;
}

/** Sends as eagerly as the pace allows, with these pauses between the wishes; returns when each frame went out. */
function eager(pace: Pace | undefined, paced: Paced, pauses: readonly number[]): number[] {
  let now = 0;
  return pauses.map((pause) => {
    now += pause;
    for (let waitMs = waitOf(paced, pace, now); waitMs > 0; waitMs = waitOf(paced, pace, now)) now += waitMs;
    spend(paced, pace, now);
    return now;
  });
}

describe('the pace', () => {
  it('keeps to 8 in any rolling 60 s on metals, however eager the sender', () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 20_000 }), { maxLength: 60 }), (pauses) => {
        const sentAt = eager(ofMetals, unpaced(), pauses);
        for (const at of sentAt) {
          expect(sentAt.filter((other) => other >= at && other < at + 60_000).length).toBeLessThanOrEqual(8);
        }
      }),
    );
  });

  it('holds windows of a dialect of somebody else, however many they count and however long they are', () => {
    const pace = { count: 150, windowMs: 120_000 };
    const sentAt = eager(
      pace,
      unpaced(),
      Array.from({ length: 400 }, () => 0),
    );
    for (const at of sentAt)
      expect(sentAt.filter((other) => other >= at && other < at + pace.windowMs).length).toBeLessThanOrEqual(
        pace.count,
      );
  });

  it('F8: shows a metals server no more than 8 in any 60 s, over a link that holds frames back for up to 5 s', () => {
    const pauses = fc.array(fc.nat({ max: 2_000 }), { minLength: 30, maxLength: 60 });
    const delays = fc.array(fc.nat({ max: 5_000 }), { minLength: 60, maxLength: 60 });
    fc.assert(
      fc.property(pauses, delays, (wishes, held) => {
        let last = 0;
        const sentAt = eager(ofMetals, unpaced(), wishes);
        const seen = sentAt.map((at, index) => (last = Math.max(last, at + (held[index] ?? 0))));
        for (const at of seen) {
          expect(seen.filter((other) => other >= at && other < at + 60_000).length).toBeLessThanOrEqual(8);
        }
      }),
      { examples: [[Array<number>(30).fill(667), [5_000, ...Array<number>(59).fill(0)]]] },
    );
  });

  it('lets the ninth wait for exactly as long as it has to', () => {
    expect(eager(ofMetals, unpaced(), [0, 1_000, 0, 0, 0, 0, 0, 0, 0])).toEqual([
      ...[0, ...Array<number>(7).fill(1_000), 65_000],
    ]);
  });

  it('lets a burst through and then the stated rate', () => {
    const pace: Pace = { burst: 3, perMinute: 60 };
    expect(eager(pace, filled(pace), [0, 0, 0, 0, 0])).toEqual([0, 0, 0, 1_000, 2_000]);
  });

  it('never sends more than burst plus rate', () => {
    const pace: Pace = { burst: 5, perMinute: 120 };
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 3_000 }), { maxLength: 80 }), (pauses) => {
        const sentAt = eager(pace, filled(pace), pauses);
        for (const at of sentAt) {
          const within = sentAt.filter((other) => other >= at && other <= at + 10_000).length;
          expect(within).toBeLessThanOrEqual(5 + 20 + 1);
        }
      }),
    );
  });

  it('of nobody lets everything through', () => {
    expect(eager(undefined, unpaced(), Array<number>(200).fill(0))).toEqual(Array<number>(200).fill(0));
  });

  it('counts what went out before there was one, and fills only what is a bucket', () => {
    const pace = { count: 8, windowMs: 65_000 };
    const paced = unpaced();
    expect(eager(undefined, paced, [...Array<number>(7).fill(0), 30_000])).toHaveLength(8);
    refill(paced, pace, 31_000);
    expect(waitOf(paced, pace, 31_000)).toBe(34_000);
  });

  it('keeps no more than a hundred instants, and none that no window sees', () => {
    const pace: Pace = { burst: 1e6, perMinute: 1e6 };
    const paced = filled(pace);
    eager(pace, paced, Array<number>(1_000).fill(1));
    expect(paced.sentAt).toHaveLength(100);
    eager(pace, paced, [67_000]);
    expect(paced.sentAt).toHaveLength(1);
  });
});
