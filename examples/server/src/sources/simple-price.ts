/** Reads the answers of a JSON price API in CoinGecko's simple shape, `{"bitcoin":{"usd":64000,"last_updated_at":1714557600}}`. Pure. */
import { coin } from '@tickwire/protocol';
import * as z from 'zod';
import { toIso } from '../clock.js';
import { symbolOf } from './exchange-ticker.js';
import type { CoinTick, Instrument } from './price-source.js';
import { isAhead, upstreamDecimal } from './upstream-values.js';

/** What an answer says. */
export interface SimplePrices {
  readonly ticks: readonly CoinTick[];
  /** Coins that were asked for and stand in the answer without a price that can be read, or not at all. */
  readonly unread: readonly string[];
}

const answerSchema = z.record(z.string(), z.unknown());
const entrySchema = z.record(z.string(), upstreamDecimal.nullish().catch(undefined));

/** The address of one question: `https://…/simple/price?ids=…&vs_currencies=usd&…`. */
export function questionUrl(base: string, coins: readonly string[], currency: string): string {
  const url = new URL(base);
  url.searchParams.set('ids', coins.join(','));
  url.searchParams.set('vs_currencies', currency.toLowerCase());
  for (const part of ['market_cap', '24hr_vol', '24hr_change', 'last_updated_at']) {
    url.searchParams.set(`include_${part}`, 'true');
  }
  return url.href;
}

/** How an answer is read. */
export interface SimplePriceReading {
  readonly coins: readonly string[];
  readonly currency: string;
  /** Epoch ms; the time of entries without one of their own. */
  readonly receivedAt: number;
  /** A price that is older than this, in ms, is told as stale: the API has frozen. */
  readonly oldAfterMs: number;
  readonly source: string;
}

/**
 * The prices in an answer; only of coins that were asked for, each under the time that the API gives it.
 *
 * @returns `undefined` when the answer is no object
 */
export function readSimplePrices(
  answer: unknown,
  { coins, currency, receivedAt, oldAfterMs, source }: SimplePriceReading,
): SimplePrices | undefined {
  const parsed = answerSchema.safeParse(answer);
  if (!parsed.success) return undefined;
  const entries = new Map(Object.entries(parsed.data));
  const key = currency.toLowerCase();
  const ticks: CoinTick[] = [];
  const unread: string[] = [];
  for (const id of coins) {
    const entry = entrySchema.safeParse(entries.get(id));
    const values = new Map(entry.success ? Object.entries(entry.data) : []);
    const valueOf = (name: string) => values.get(name) ?? undefined;
    const price = valueOf(key);
    if (price === undefined) {
      unread.push(id);
      continue;
    }
    const statedAt = Number(valueOf('last_updated_at') ?? NaN) * 1_000;
    const at = statedAt > 0 && !isAhead(statedAt, receivedAt) ? statedAt : receivedAt;
    const marketCap = valueOf(`${key}_market_cap`);
    const volume24h = valueOf(`${key}_24h_vol`);
    const change = valueOf(`${key}_24h_change`);
    ticks.push({
      kind: 'coin',
      id,
      price,
      ...(marketCap === undefined ? {} : { marketCap }),
      ...(volume24h === undefined ? {} : { volume24h }),
      ...(change === undefined ? {} : { priceChange24h: change }),
      currency: currency.toUpperCase(),
      source,
      timestamp: toIso(at),
      ...(receivedAt - at > oldAfterMs ? { stale: true as const } : {}),
    });
  }
  return { ticks, unread };
}

/** A coin of the API as an instrument. */
export function instrumentOfCoin(id: string, currency: string, source: string, staleAfterMs: number): Instrument {
  const symbol = symbolOf(id);
  return {
    channel: coin(id),
    kind: 'coin',
    id,
    aliases: symbol === undefined ? [] : [symbol],
    currency: currency.toUpperCase(),
    source,
    staleAfterMs,
  };
}
