import { expect, it } from 'vitest';
import type { TrailPoint } from '../src/market/trails.js';
import { sparkPath } from '../src/watchlist/spark-path.js';

it.each<[string, TrailPoint[], string]>([
  ['nothing', [], ''],
  ['one point', [[0, 5]], ''],
  [
    'two points',
    [
      [0, 1],
      [10, 2],
    ],
    'M0 20L100 0',
  ],
  [
    'a flat trail',
    [
      [0, 3],
      [5, 3],
      [10, 3],
    ],
    'M0 10L50 10L100 10',
  ],
  [
    'points at one moment',
    [
      [7, 1],
      [7, 2],
    ],
    'M0 20L0 0',
  ],
  [
    'tiny prices',
    [
      [0, 1e-9],
      [5, 3e-9],
      [10, 2e-9],
    ],
    'M0 20L50 0L100 10',
  ],
  [
    'uneven times',
    [
      [0, 0],
      [1, 4],
      [10, 2],
    ],
    'M0 20L10 0L100 10',
  ],
])('draws %s', (_what, points, path) => {
  expect(sparkPath(points, 100, 20)).toBe(path);
});

it('draws a long trail with no more points than it is wide, and its end', () => {
  const path = sparkPath(
    Array.from({ length: 5_000 }, (_, index) => [index, index % 7] as const),
    72,
    24,
  );
  expect(path.split('L').length).toBeLessThanOrEqual(74);
  expect(path).toMatch(/L72 [\d.]+$/);
});
