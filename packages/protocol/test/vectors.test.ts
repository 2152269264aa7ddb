import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { clientMessageSchema, serverMessageSchema } from '../src/index.js';
import { decodeClientMessage, decodeServerMessage, type DecodeLimits } from '../src/codec.js';
import { classifyPriceUpdate, coinQuote } from '../src/dialects/coins.js';
import { metalQuotes } from '../src/dialects/metals.js';
import type { PriceQuote } from '../src/dialects/price-quote.js';
import type { ReportedItem } from '../src/codec.js';
import type { ServerMessage } from '../src/server-messages.js';

interface ValidVector {
  name: string;
  frame: string;
  kind: 'known' | 'unknown';
  meaning: string;
  ticks?: { channel: string; price: number; changeUnknown?: true }[];
  assuming?: { activeCoins: string[] };
  reported?: string[];
}
interface InvalidVector {
  name: string;
  frame: string;
  code: 'BAD_JSON' | 'BAD_MESSAGE';
  path?: string;
  limit?: 'maxChannelsPerFrame';
}

const load = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`../vectors/${name}.json`, import.meta.url), 'utf8'));
const sides = [
  { side: 'server', decode: decodeServerMessage, schema: serverMessageSchema },
  { side: 'client', decode: decodeClientMessage, schema: clientMessageSchema },
] as const;

/** The quotes of a message, items of batches and snapshots included: what a client derives. */
function quotesOf(
  message: ServerMessage,
  activeCoins: readonly string[],
  reported: readonly ReportedItem[],
  prefix = '',
): PriceQuote[] {
  const isLeftOut = (path: string): boolean => reported.some((item) => item.path === path);
  switch (message.type) {
    case 'price_update': {
      const quote = coinQuote(message, activeCoins);
      return quote === undefined ? [] : [quote];
    }
    case 'priceUpdate':
      return metalQuotes(message, reported, prefix);
    case 'batch':
      return message.messages.flatMap((item, index) =>
        isLeftOut(`${prefix}messages.${index}`)
          ? []
          : quotesOf(item as ServerMessage, activeCoins, reported, `${prefix}messages.${index}.`),
      );
    case 'snapshot':
      return message.data.items.flatMap((item, index) =>
        isLeftOut(`${prefix}data.items.${index}`)
          ? []
          : quotesOf(item.message as ServerMessage, activeCoins, reported, `${prefix}data.items.${index}.message.`),
      );
    default:
      return [];
  }
}

for (const { side, decode, schema } of sides) {
  describe(`valid frames from a ${side}`, () => {
    it.each((load(`valid-${side}`) as ValidVector[]).map((vector) => [vector.name, vector] as const))(
      'takes %s',
      (_, vector) => {
        const prototypeBefore = Object.getOwnPropertyNames(Object.prototype);
        const result = decode(vector.frame);
        expect(result).toMatchObject({ ok: true, kind: vector.kind });
        if (!result.ok) return;
        expect(JSON.stringify(result.message)).toBe(JSON.stringify(JSON.parse(vector.frame)));
        expect(result.reported?.map((item) => item.path)).toEqual(vector.reported);
        expect(schema.safeParse(JSON.parse(vector.frame)).success).toBe(result.reported === undefined);
        if (side === 'server' && result.kind === 'known') {
          const quotes = quotesOf(
            result.message as ServerMessage,
            vector.assuming?.activeCoins ?? [],
            result.reported ?? [],
          );
          const expected = vector.ticks ?? [];
          expect(quotes.map(({ channel, price }) => ({ channel, price }))).toEqual(
            expected.map(({ channel, price }) => ({ channel, price })),
          );
          for (const [index, tick] of expected.entries()) {
            if (tick.changeUnknown) expect(quotes[index]).not.toHaveProperty('change');
          }
        }
        expect(Object.getOwnPropertyNames(Object.prototype)).toEqual(prototypeBefore);
      },
    );
  });

  describe(`invalid frames from a ${side}`, () => {
    it.each((load(`invalid-${side}`) as InvalidVector[]).map((vector) => [vector.name, vector] as const))(
      'refuses %s',
      (_, vector) => {
        const limits: DecodeLimits = vector.limit === undefined ? {} : { maxChannels: 50 };
        const result = decode(vector.frame, limits);
        expect(result).toMatchObject({ ok: false, code: vector.code });
        if (vector.path !== undefined) expect(result).toMatchObject({ path: vector.path });
        if (vector.code === 'BAD_MESSAGE' && vector.limit === undefined) {
          expect(schema.safeParse(JSON.parse(vector.frame)).success).toBe(false);
        }
      },
    );
  });
}

describe('the meaning of a price_update', () => {
  const vectors = (load('valid-server') as ValidVector[]).filter(
    (vector) => (JSON.parse(vector.frame) as { type: string }).type === 'price_update',
  );
  it.each(vectors.map((vector) => [vector.name, vector] as const))('is told for %s', (_, vector) => {
    const result = decodeServerMessage(vector.frame);
    if (!result.ok || result.kind !== 'known' || result.message.type !== 'price_update') throw new Error('not decoded');
    expect(classifyPriceUpdate(result.message)).toBe(vector.meaning);
  });
});
