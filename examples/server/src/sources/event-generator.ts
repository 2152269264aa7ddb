/** Makes up whale movements and social spikes for a demo, the same for the same seed. Everything it says is labelled `simulated`. */
import type { SocialSpike, WhaleMovement } from '@tickwire/protocol';
import { toIso, type Clock } from '../clock.js';
import { chanceOf, draw } from './price-walk.js';

/** What the generator is made of. */
export interface EventGeneratorOptions {
  readonly clock: Clock;
  /** Same seed, same events. */
  readonly seed: number;
  /** Between two events, on average, in ms. */
  readonly intervalMs: number;
  /** Coins that events may be about, by the catalog's ids. */
  readonly coins: () => readonly string[];
  /** The coin's last price, where it is known. */
  readonly priceOf: (coinId: string) => number | undefined;
  /** Publishes; what it rejects with has been logged. */
  readonly tell: (coinId: string, message: WhaleMovement | SocialSpike) => Promise<void>;
}

const source = 'simulated';
const platforms = ['twitter', 'reddit', 'telegram'] as const;
const smallestWhaleUsd = 100_000;

/** One event about a coin, from the generator's state; `undefined` for a whale of a coin without a price. */
export function eventOf(
  coinId: string,
  price: number | undefined,
  now: number,
  chance: number,
): { message: WhaleMovement | SocialSpike | undefined; chance: number } {
  const values: number[] = [];
  let state = chance;
  for (let index = 0; index < 6; index += 1) {
    const drawn = draw(state);
    values.push(drawn.value);
    state = drawn.chance;
  }
  const [kind = 0, size = 0, first = 0, second = 0, third = 0, fourth = 0] = values;
  const timestamp = toIso(now);
  const hex = (value: number) =>
    Math.floor(value * 0xffff_ffff)
      .toString(16)
      .padStart(8, '0');
  if (kind < 0.5) {
    if (price === undefined || price <= 0) return { message: undefined, chance: state };
    // Many small ones and few that are large: an exponent between 10^5 and 10^8 dollars.
    const usdValue = Math.round(smallestWhaleUsd * 10 ** (3 * size));
    const amount = Number((usdValue / price).toPrecision(8));
    const [txHash, fromAddress, toAddress] = [first, second, third].map((value) => `0x${hex(value)}${hex(fourth)}`);
    const data = { coinId, txHash: txHash ?? '', fromAddress: fromAddress ?? '', toAddress: toAddress ?? '' };
    return {
      message: { type: 'whale_movement', data: { ...data, amount, usdValue, timestamp, source }, timestamp, coinId },
      chance: state,
    };
  }
  const data = {
    coinId,
    platform: platforms[Math.floor(first * platforms.length)] ?? platforms[0],
    mentions24h: Math.round(500 * 10 ** (2 * size)),
    sentimentScore: Number((second * 2 - 1).toFixed(2)),
    trendingScore: Math.round(50 + third * 50),
    change: Math.round(20 + fourth * 280),
    timestamp,
    source,
  };
  return { message: { type: 'social_spike', data, timestamp, coinId }, chance: state };
}

/** Starts the generator; returns its undo. */
export function startEvents({ clock, seed, intervalMs, coins, priceOf, tell }: EventGeneratorOptions): () => void {
  let chance = chanceOf(seed, 'events');
  let cancel: () => void = () => undefined;
  const schedule = (): void => {
    const drawn = draw(chance);
    chance = drawn.chance;
    cancel = clock.after(Math.max(10, Math.round(intervalMs * (0.5 + drawn.value))), next);
  };
  const next = (): void => {
    const known = coins();
    const drawn = draw(chance);
    const coinId = known[Math.floor(drawn.value * known.length)];
    if (coinId !== undefined) {
      const event = eventOf(coinId, priceOf(coinId), clock.now(), drawn.chance);
      chance = event.chance;
      if (event.message !== undefined) tell(coinId, event.message).catch(() => undefined);
    }
    schedule();
  };
  schedule();
  return () => cancel();
}
