/** The settings of the live price sources. Pure; `config.ts` reads them with all others. */
import { nameSchema } from '@tickwire/protocol';
import * as z from 'zod';
import type { ConfigKey } from '../config-key.js';
import { defaultCoins, defaultProducts } from './exchange-ticker.js';

/** Where live prices come from. */
export interface UpstreamConfig {
  readonly url: string;
  /** Whether it is the public one, for lack of another. */
  readonly isPublic: boolean;
  /** `BTC-USD` …; of the source `coinbase`. */
  readonly products: readonly string[];
  /** `bitcoin` …; of the source `http`. */
  readonly coins: readonly string[];
  /** Of the source `http`: `USD`. */
  readonly currency: string;
}

const mostNames = 100;
const coinbaseUrl = 'wss://ws-feed.exchange.coinbase.com';
const simplePriceUrl = 'https://api.coingecko.com/api/v3/simple/price';

/** The keys, as they are listed. */
export const upstreamKeys: readonly ConfigKey[] = [
  {
    name: 'PRICE_URL',
    fallback: 'the public one',
    meaning: 'address of the exchange feed (wss://) or of the price API (https://)',
  },
  {
    name: 'PRICE_PRODUCTS',
    fallback: defaultProducts.join(','),
    meaning: 'what PRICE_SOURCE=coinbase subscribes to',
  },
  { name: 'PRICE_COINS', fallback: defaultCoins.join(','), meaning: 'what PRICE_SOURCE=http asks for' },
  { name: 'PRICE_CURRENCY', fallback: 'USD', meaning: 'in which currency PRICE_SOURCE=http asks' },
  {
    name: 'PRICE_CACHE_FILE',
    fallback: 'none',
    meaning: 'file that keeps the last prices over a restart; they are stale until refreshed',
  },
];

function listOf(item: z.ZodString) {
  return z
    .string()
    .transform((text) => [...new Set(text.split(',').map((name) => name.trim()))])
    .pipe(z.array(item).max(mostNames, { error: `expected at most ${mostNames}` }))
    .optional();
}

/** The keys as a part of the environment's schema. */
export const upstreamShape = {
  PRICE_URL: z.url({ error: 'expected an address' }).optional(),
  PRICE_PRODUCTS: listOf(
    z.string().regex(/^[A-Za-z0-9]{1,20}-[A-Za-z0-9]{1,20}$/, { error: 'expected products like BTC-USD' }),
  ),
  PRICE_COINS: listOf(nameSchema),
  PRICE_CURRENCY: z
    .string()
    .regex(/^[A-Za-z]{2,8}$/, { error: 'expected a currency like USD' })
    .optional(),
  PRICE_CACHE_FILE: z.string().optional(),
};

interface UpstreamValues {
  readonly PRICE_URL?: string | undefined;
  readonly PRICE_PRODUCTS?: readonly string[] | undefined;
  readonly PRICE_COINS?: readonly string[] | undefined;
  readonly PRICE_CURRENCY?: string | undefined;
}

/** What is wrong with them together, one line a problem. */
export function upstreamProblems({ PRICE_URL }: UpstreamValues, source: string): string[] {
  if (PRICE_URL === undefined) return [];
  const { protocol, username, password } = new URL(PRICE_URL);
  if (username !== '' || password !== '') return ['PRICE_URL: an address must not carry a name or a password'];
  const schemes = source === 'coinbase' ? ['wss:', 'ws:'] : source === 'http' ? ['https:', 'http:'] : undefined;
  if (schemes === undefined || schemes.includes(protocol)) return [];
  return [`PRICE_URL: PRICE_SOURCE=${source} needs an address that starts with ${schemes[0] ?? ''}//`];
}

/** The settings with their defaults. */
export function upstreamOf(values: UpstreamValues, source: string): UpstreamConfig {
  return {
    url: values.PRICE_URL ?? (source === 'coinbase' ? coinbaseUrl : simplePriceUrl),
    isPublic: values.PRICE_URL === undefined,
    products: values.PRICE_PRODUCTS ?? defaultProducts,
    coins: values.PRICE_COINS ?? defaultCoins,
    currency: values.PRICE_CURRENCY ?? 'USD',
  };
}
