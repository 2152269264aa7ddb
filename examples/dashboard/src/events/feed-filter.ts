/** Which lines of a feed are shown, and what is said between them; pure. */
import { decimalToNumber } from '@tickwire/protocol';
import type { FeedLine } from './feed-lines.js';

/** The smallest whales that can be asked for, in dollars; `0` shows all. */
export const whaleMinimums = [0, 500_000, 1_000_000, 5_000_000, 10_000_000, 50_000_000] as const;

/** What the reader wants to see. */
export interface FeedFilter {
  /** In dollars; whales only. @default 0 */
  minUsd?: number;
  /** One platform; spikes only. @default every one */
  platform?: string | undefined;
  /** One coin. @default every one */
  coinId?: string | undefined;
}

/** One row of the list: a line, or what is said above lines that came while one was away. */
export type FeedRow = { kind: 'line'; key: string; line: FeedLine } | { kind: 'away'; key: string; count: number };

/** What is shown of a feed. */
export interface FilteredFeed {
  rows: readonly FeedRow[];
  /** Lines that the filter leaves out. */
  hidden: number;
}

/** So many lines are shown at most. */
const mostShown = 60;

/** Whether the filter lets a line through. What was missed has no amount and no platform: it is always said. */
export function passes({ event }: FeedLine, { minUsd = 0, platform, coinId }: FeedFilter): boolean {
  if (event.type === 'missed') return true;
  if (coinId !== undefined && String(event.data.coinId) !== coinId) return false;
  if (event.type === 'whale_movement') return minUsd === 0 || (decimalToNumber(event.data.usdValue) ?? 0) >= minUsd;
  return platform === undefined || event.data.platform === platform;
}

/** The rows of a list: what passes, with a word above each run of lines that came while one was away. */
export function filteredFeed(lines: readonly FeedLine[], filter: FeedFilter): FilteredFeed {
  const passing = lines.filter((line) => passes(line, filter));
  const rows: FeedRow[] = [];
  let away: { kind: 'away'; key: string; count: number } | undefined;
  for (const line of passing.slice(0, mostShown)) {
    const isLate = line.arrival === 'late' && line.event.type !== 'missed';
    if (!isLate) away = undefined;
    else if (away === undefined) rows.push((away = { kind: 'away', key: `away ${line.key}`, count: 1 }));
    else away.count += 1;
    rows.push({ kind: 'line', key: line.key, line });
  }
  return { rows, hidden: lines.length - passing.length };
}

/** The platforms of a feed by name, with one that is asked for even where none of its spikes is left. */
export function platformsOf(lines: readonly FeedLine[], asked: string | undefined): string[] {
  const seen = new Set(lines.flatMap(({ event }) => (event.type === 'social_spike' ? [event.data.platform] : [])));
  if (asked !== undefined) seen.add(asked);
  return [...seen].sort();
}
