/** Whale movements, social spikes and their lines, as the tests of the panel need them. */
import type { SocialSpike, WhaleMovement } from '@tickwire/protocol';
import type { FeedLine } from '../src/events/feed-lines.js';

/** 12:00 and so many seconds. */
export const at = (second: number): string => `2026-01-01T12:00:${String(second).padStart(2, '0')}.000Z`;

export function whale(seq: number, rest: Partial<WhaleMovement['data']> = {}): WhaleMovement {
  const data = {
    ...{ coinId: 'bitcoin', txHash: '0xaa', fromAddress: '0x1111aaaabbbb', toAddress: '0x2222ccccdddd' },
    ...{ amount: 100, usdValue: 6_400_000, timestamp: at(seq) },
    ...rest,
  };
  return { type: 'whale_movement', data, sub: 'whales', epoch: 'w', seq };
}

export function spike(seq: number, rest: Partial<SocialSpike['data']> = {}): SocialSpike {
  const data = {
    ...{ coinId: 'pepe', platform: 'twitter', mentions24h: 12_345, sentimentScore: 0.5, trendingScore: 80 },
    ...{ change: 187, timestamp: at(seq) },
    ...rest,
  };
  return { type: 'social_spike', data, sub: 'social', epoch: 's', seq };
}

/** What a list shows, a word a line: `whales 3`, `social 1`, `missed 2`. */
export const words = (lines: readonly FeedLine[]): string[] =>
  lines.map(({ event }) => (event.type === 'missed' ? `missed ${event.count}` : `${event.sub} ${event.seq}`));
