import { describe, expect, it } from 'vitest';
import { chanceOf, draw, startWalk, stepWalk, type Walk } from '../src/sources/price-walk.js';

const spec = { startPrice: 100, stepPercent: 1 };
const dayMs = 86_400_000;

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

  it('begins a new day with the last price of the old one', () => {
    const before = walked(30, 5).at(-1)!;
    const after = stepWalk(spec, before, dayMs + 1);
    expect(after.open).toBe(before.price);
    expect(after.openedAt).toBe(dayMs + 1);
    expect(after.high).toBe(Math.max(before.price, after.price));
    expect(after.low).toBe(Math.min(before.price, after.price));
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
