import { describe, expect, it } from 'vitest';
import { chanceOf, draw, startWalk, stepWalk, type Walk } from '../src/sources/price-walk.js';

const spec = { startPrice: 100, stepPercent: 1 };

function walked(steps: number, seed: number, name = 'bitcoin'): Walk[] {
  const walks = [startWalk(spec, chanceOf(seed, name), 0)];
  for (let step = 1; step <= steps; step += 1) walks.push(stepWalk(spec, walks.at(-1)!, step * 1_000));
  return walks;
}

describe('the price walk', () => {
  it('is the same for the same seed and name', () => {
    expect(walked(50, 7)).toEqual(walked(50, 7));
  });

  it.each([
    ['another seed', 8, 'bitcoin'],
    ['another name', 7, 'ethereum'],
  ])('differs for %s', (_case, seed, name) => {
    const prices = walked(20, seed, name).map(({ price }) => price);
    expect(prices.slice(1)).not.toEqual(
      walked(20, 7)
        .map(({ price }) => price)
        .slice(1),
    );
  });

  it('stays positive, near its start, and within high and low over 20,000 steps', () => {
    const walks = walked(20_000, 3);
    expect(Math.min(...walks.map(({ price }) => price))).toBeGreaterThan(10);
    expect(Math.max(...walks.map(({ price }) => price))).toBeLessThan(1_000);
    expect(walks.filter(({ price, low, high }) => price < low || price > high)).toEqual([]);
  });

  it('moves by about its step', () => {
    const walks = walked(5_000, 11);
    const moves = walks.slice(1).map((walk, index) => Math.log(walk.price / walks[index]!.price) * 100);
    const deviation = Math.sqrt(moves.reduce((sum, move) => sum + move * move, 0) / moves.length);
    expect(deviation).toBeGreaterThan(0.9);
    expect(deviation).toBeLessThan(1.1);
  });

  it('has open, high and low of the last 24 hours, each hour going as a whole', () => {
    let walk = startWalk(spec, 1, 0);
    const hours = [[walk]];
    for (let minute = 30; minute <= 60 * 60; minute += 30) {
      walk = stepWalk(spec, walk, minute * 60_000);
      if (minute % 60 === 0) hours.push([]);
      hours.at(-1)!.push(walk);
      const day = hours.slice(-24);
      // An hour begins where the one before it ended.
      const before = hours.at(-25)?.at(-1);
      const prices = [...(before === undefined ? [] : [before]), ...day.flat()].map(({ price }) => price);
      expect([walk.open, walk.high, walk.low]).toEqual([prices[0], Math.max(...prices), Math.min(...prices)]);
    }
  });

  it('takes many steps at once as if one after the other: just as far, and back towards the start', () => {
    const many = 50;
    const pulled = { ...spec, pull: 0.01 };
    const ends = (stride: number): number[] =>
      Array.from({ length: 400 }, (_each, seed) => {
        let walk = { ...startWalk(pulled, chanceOf(seed, 'x'), 0), price: 200 };
        for (let step = 0; step < many; step += stride) walk = stepWalk(pulled, walk, 0, stride);
        return Math.log(walk.price / spec.startPrice);
      });
    const mean = (values: number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
    const spread = (values: number[]): number => Math.sqrt(mean(values.map((value) => (value - mean(values)) ** 2)));
    const [single, leaps] = [ends(1), ends(many)];
    expect(mean(leaps)).toBeCloseTo(Math.log(2) * 0.99 ** many, 1);
    expect(mean(leaps) - mean(single)).toBeCloseTo(0, 1);
    expect(spread(leaps) / spread(single)).toBeGreaterThan(0.85);
    expect(spread(leaps) / spread(single)).toBeLessThan(1.15);
  });

  it('draws numbers in [0, 1) that fill the range', () => {
    const counts = new Array<number>(10).fill(0);
    let chance = 1;
    for (let index = 0; index < 10_000; index += 1) {
      const drawn = draw(chance);
      chance = drawn.chance;
      counts[Math.floor(drawn.value * 10)]! += 1;
    }
    // A number outside [0, 1) would have made an eleventh entry, or NaN of one.
    expect(counts).toHaveLength(10);
    for (const count of counts) expect(count).toBeGreaterThan(850);
  });
});
