/** A line through points, as an SVG path; pure. */
import type { TrailPoint } from '../market/trails.js';

const tenths = (value: number): number => Math.round(value * 10) / 10;

/**
 * The path through the points, oldest first, time from left to right and the highest price at the top; at most one point
 * a unit of width, so that a long trail costs no more than a short one. Empty for fewer than two points.
 */
export function sparkPath(points: readonly TrailPoint[], width: number, height: number): string {
  const [first, last] = [points[0], points.at(-1)];
  if (first === undefined || last === undefined || points.length < 2) return '';
  let [low, high] = [first[1], first[1]];
  for (const [, price] of points) {
    if (price < low) low = price;
    if (price > high) high = price;
  }
  const span = Math.max(last[0] - first[0], 1);
  const parts: string[] = [];
  let before = -1;
  for (const [at, price] of points) {
    const x = tenths(((at - first[0]) / span) * width);
    if (Math.floor(x) === before && at !== last[0]) continue;
    before = Math.floor(x);
    const y = high === low ? height / 2 : height - ((price - low) / (high - low)) * height;
    parts.push(`${x} ${tenths(y)}`);
  }
  return `M${parts.join('L')}`;
}
