/** The metals dialect: one frame names the whole set, nothing is acked, ten messages a minute are the limit. Section 11 of PROTOCOL.md. */
import type { MetalPricesMessage } from '@tickwire/protocol';
import { judgeMetalPrices } from '@tickwire/protocol/codec';
import { metalQuotes } from '@tickwire/protocol/rules';
import type { Ask, Dialect, DialectLink, Fault, Work } from '../kernel/dialect.js';
import type { Tick } from '../kernel/prices.js';
import { verdictOf, type Verdict } from '../kernel/verdicts.js';

/** What the channels of a metals server deliver. */
export interface MetalChannels {
  [channel: `metal:${string}`]: Tick<`metal:${string}`, MetalPricesMessage>;
}

/** The one key under which all metals are asked for. */
const allMetals = 'metals';
const prefix = 'metal:';
const minuteMs = 60_000;

function namesOf(link: DialectLink): readonly string[] {
  return [...link.channels(allMetals)].map((channel) => channel.slice(prefix.length)).sort();
}

/** How metals are asked for, whoever reads the answers. */
export const metalAsks = {
  carry: (channel: string): string | undefined => (channel.startsWith(prefix) ? allMetals : undefined),
  // The published backend replaces the set: always the whole of it.
  signature: (_key: string, link: DialectLink): string => namesOf(link).join(' '),
  ask: ({ gone, owed }: Work, _id: string, link: DialectLink): Ask | undefined => {
    for (const key of gone) {
      const names = link.asked(key)?.signature.split(' ');
      return { frame: { type: 'unsubscribe', metals: names }, gone: [key] };
    }
    for (const key of owed) {
      return { frame: { type: 'subscribe', metals: namesOf(link) }, asked: [key] };
    }
    return undefined;
  },
  ackMs: 0,
  // It closes above 10 a minute: 8 leave room for what it counts otherwise, and frames that a slow link delivers late
  // and together are still too few in 65 s.
  pace: { count: 8, windowMs: 65_000 },
  minIdleMs: 15_000,
  ping: () => ({ type: 'ping' }),
  proves: (message: unknown): boolean => (message as { type?: unknown } | null)?.type === 'priceUpdate',
} satisfies Partial<Dialect>;

/** What an older metals server means by its closes. */
function closed(code: number, reason: string): Verdict | undefined {
  if (code !== 1008) return undefined;
  if (/^rate limit exceeded/i.test(reason)) return { action: 'retry', meaning: 'rate limited', minDelayMs: minuteMs };
  if (/^server at capacity/i.test(reason)) return verdictOf(1013);
  return undefined;
}

/** A frame is partial, and a bad entry harms itself alone. */
function readPrices(message: unknown, link: DialectLink): Fault | undefined {
  const result = judgeMetalPrices(message);
  if (!result.ok) return result;
  if (result.kind === 'unknown') return undefined;
  const { message: update, reported } = result;
  for (const fault of reported ?? []) link.leftOut(fault);
  link.emit('priceUpdate', update);
  for (const quote of metalQuotes(update, reported)) link.price(quote, update);
  return undefined;
}

/**
 * The dialect of the precious-metals server.
 *
 * @example new PriceStream('wss://prices.example/ws', { dialect: metals() }).subscribe('metal:gold', (tick) => …)
 */
export function metals(): Dialect<MetalChannels, { priceUpdate: MetalPricesMessage }> {
  return {
    name: 'metals',
    ...metalAsks,
    closed,
    read(message, link) {
      const { type } = (message ?? {}) as { readonly type?: unknown };
      if (type === 'pong') link.pong();
      else if (type !== 'priceUpdate') link.unknown(message);
      else return readPrices(message, link);
      return undefined;
    },
  };
}
