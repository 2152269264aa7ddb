import { describe, expect, it } from 'vitest';
import { seededRandom } from '../model/operations.js';
import { herdCourse, type HerdPlan } from './herd.js';
import { policy } from './life-bench.js';

const plan = (part: Partial<HerdPlan> = {}): HerdPlan => ({
  clients: 20_000,
  downMs: 5_000,
  capacityPerSecond: Infinity,
  reason: 'restart',
  policy: policy.reconnect,
  random: seededRandom(20_261_122),
  ...part,
});

describe('a crowd of clients after a restart', () => {
  it('is back, all of it, without a hint', () => {
    const course = herdCourse(plan());
    expect(course.nearlyAllBackMs).toBeLessThan(16_000);
    expect(course.attempts).toBeLessThan(20_000 * 6);
  });

  it('comes in a spread that the server asks for: never more than a twentieth of it in one second', () => {
    const course = herdCourse(plan({ reason: 'restart;ra=5000;sp=30000' }));
    expect(course.peak).toBeLessThan(20_000 / 20);
    expect(course.attempts).toBe(20_000);
  });

  it('gets a server going that can take only a fiftieth of it in a second', () => {
    const capacityPerSecond = 400;
    const blind = herdCourse(plan({ capacityPerSecond }));
    const told = herdCourse(plan({ capacityPerSecond, reason: 'restart;ra=5000;sp=60000' }));
    expect(told.peak).toBeLessThan(blind.peak / 20);
    expect(Math.max(blind.nearlyAllBackMs, told.nearlyAllBackMs)).toBeLessThan(300_000);
  });

  it('does not come in step at the cap: attempts of any second stay near their mean', () => {
    const { attemptsPerSecond } = herdCourse(plan({ downMs: 300_000 }));
    const late = attemptsPerSecond.slice(120, 300);
    const mean = late.reduce((sum, each) => sum + each, 0) / late.length;
    expect(Math.max(...late)).toBeLessThan(mean * 1.5);
    expect(Math.min(...late)).toBeGreaterThan(mean * 0.5);
  });
});
