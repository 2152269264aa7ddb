import { describe, expect, it } from 'vitest';
import { KeyedBuckets } from '../src/keyed-buckets.js';

describe('buckets by key', () => {
  it('gives a burst, then one token as each is refilled', () => {
    const buckets = new KeyedBuckets({ capacity: 3, refillMs: 3_000, maxKeys: 10 });
    expect([0, 0, 0, 0].map(() => buckets.take('a', 0))).toEqual([0, 0, 0, 1_000]);
    expect(buckets.waitOf('a', 400)).toBe(600);
    expect(buckets.take('a', 1_000)).toBe(0);
    expect(buckets.take('a', 1_000)).toBe(1_000);
  });

  it('keeps keys apart', () => {
    const buckets = new KeyedBuckets({ capacity: 1, refillMs: 1_000, maxKeys: 10 });
    buckets.take('a', 0);
    expect(buckets.take('__proto__', 0)).toBe(0);
    expect(buckets.take('a', 0)).toBe(1_000);
  });

  it('takes nothing when it is asked how long to wait', () => {
    const buckets = new KeyedBuckets({ capacity: 1, refillMs: 1_000, maxKeys: 10 });
    for (let index = 0; index < 5; index += 1) expect(buckets.waitOf('a', 0)).toBe(0);
    expect(buckets.count(0)).toBe(0);
  });

  it('remembers no more keys than its cap, and forgets the one that was quiet for longest', () => {
    const buckets = new KeyedBuckets({ capacity: 1, refillMs: 1e9, maxKeys: 100 });
    buckets.take('first', 0);
    for (let index = 0; index < 100_000; index += 1) buckets.take(`k${index}`, 1);
    expect(buckets.count(1)).toBe(100);
    expect(buckets.take('k99999', 1)).toBeGreaterThan(0);
    expect(buckets.take('first', 1)).toBe(0);
  });

  it('keeps nothing of keys whose bucket is full again', () => {
    const buckets = new KeyedBuckets({ capacity: 2, refillMs: 1_000, maxKeys: 100 });
    for (let index = 0; index < 50; index += 1) buckets.take(`k${index}`, 0);
    expect(buckets.count(499)).toBe(50);
    expect(buckets.count(500)).toBe(0);
  });

  it('is not emptied by a clock that goes back', () => {
    const buckets = new KeyedBuckets({ capacity: 1, refillMs: 1_000, maxKeys: 10 });
    buckets.take('a', 10_000);
    expect(buckets.waitOf('a', 0)).toBe(1_000);
  });
});
