/** Who decodes: each takes a text and returns the message, or throws or returns nothing for a bad one. */
import { Ajv } from 'ajv';
import { coinPriceMessageSchema, metalPricesMessageSchema } from '@tickwire/protocol';
import { decodeServerMessage } from '@tickwire/protocol/codec';
import * as v from 'valibot';
import * as z from 'zod';
import * as m from 'zod/mini';

export interface Contender {
  name: string;
  coin(text: string): unknown;
  metals(text: string): unknown;
}

const parse = (text: string): unknown => JSON.parse(text);

function miniSchemas(): [m.ZodMiniType, m.ZodMiniType] {
  const decimal = m.union([m.number(), m.string().check(m.regex(/^-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/))]);
  const time = m.iso.datetime({ offset: true });
  const id = m.union([m.string().check(m.maxLength(64)), m.int()]);
  const optional = <T extends m.ZodMiniType>(schema: T) => m.optional(m.nullable(schema));
  const envelope = {
    timestamp: optional(time),
    coinId: optional(id),
    sub: m.optional(m.string()),
    seq: m.optional(m.int()),
  };
  const coin = m.looseObject({
    type: m.literal('price_update'),
    data: m.looseObject({
      coinId: optional(id),
      price: decimal,
      marketCap: optional(decimal),
      volume24h: optional(decimal),
      priceChange24h: optional(decimal),
      timestamp: optional(time),
    }),
    ...envelope,
  });
  const quote = m.looseObject({
    price: optional(decimal),
    change: optional(decimal),
    changePercent: optional(decimal),
    high: optional(decimal),
    low: optional(decimal),
    timestamp: optional(time),
  });
  const metals = m.looseObject({ type: m.literal('priceUpdate'), data: m.record(m.string(), quote), ...envelope });
  return [coin, metals];
}

function valibotSchemas() {
  const decimal = v.union([v.pipe(v.number(), v.finite()), v.pipe(v.string(), v.decimal())]);
  const time = v.pipe(v.string(), v.isoTimestamp());
  const id = v.union([v.pipe(v.string(), v.maxLength(64)), v.pipe(v.number(), v.safeInteger())]);
  const envelope = {
    timestamp: v.nullish(time),
    coinId: v.nullish(id),
    sub: v.optional(v.string()),
    seq: v.optional(v.pipe(v.number(), v.safeInteger())),
  };
  const coin = v.looseObject({
    type: v.literal('price_update'),
    data: v.looseObject({
      coinId: v.nullish(id),
      price: decimal,
      marketCap: v.nullish(decimal),
      volume24h: v.nullish(decimal),
      priceChange24h: v.nullish(decimal),
      timestamp: v.nullish(time),
    }),
    ...envelope,
  });
  const quote = v.looseObject({
    price: v.nullish(decimal),
    change: v.nullish(decimal),
    changePercent: v.nullish(decimal),
    high: v.nullish(decimal),
    low: v.nullish(decimal),
    timestamp: v.nullish(time),
  });
  const metals = v.looseObject({ type: v.literal('priceUpdate'), data: v.record(v.string(), quote), ...envelope });
  return { coin, metals };
}

/** Ajv compiles while it runs; where code must not be made, it cannot. */
function ajv(): Contender | undefined {
  try {
    const make = (schema: z.ZodType) => {
      const json = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any', target: 'draft-7' });
      return new Ajv({ validateFormats: false, strict: false }).compile(json);
    };
    const coin = make(coinPriceMessageSchema);
    const metals = make(metalPricesMessageSchema);
    const checked = (check: (value: unknown) => boolean) => (text: string) => {
      const value = parse(text);
      return check(value) ? value : undefined;
    };
    return { name: 'Ajv (compiled at run time)', coin: checked(coin), metals: checked(metals) };
  } catch {
    return undefined;
  }
}

const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;
const isDecimal = (value: unknown): boolean =>
  typeof value === 'number'
    ? Number.isFinite(value)
    : typeof value === 'string' && value !== '' && Number.isFinite(Number(value));
const isOptionalDecimal = (value: unknown): boolean => value === undefined || value === null || isDecimal(value);
const isOptionalTime = (value: unknown): boolean =>
  value === undefined || value === null || (typeof value === 'string' && time.test(value));

/** What a careful developer writes by hand for these two messages, and for no others. */
const byHand: Contender = {
  name: 'a hand-written check (two messages only)',
  coin(text) {
    const message = parse(text) as Record<string, unknown>;
    const data = message['data'] as Record<string, unknown> | null | undefined;
    if (message['type'] !== 'price_update' || typeof data !== 'object' || data === null) return undefined;
    if (!isDecimal(data['price']) || !isOptionalDecimal(data['marketCap']) || !isOptionalDecimal(data['volume24h']))
      return undefined;
    if (!isOptionalDecimal(data['priceChange24h']) || !isOptionalTime(data['timestamp'])) return undefined;
    return isOptionalTime(message['timestamp']) ? message : undefined;
  },
  metals(text) {
    const message = parse(text) as Record<string, unknown>;
    const data = message['data'] as Record<string, Record<string, unknown>> | null | undefined;
    if (message['type'] !== 'priceUpdate' || typeof data !== 'object' || data === null) return undefined;
    for (const quote of Object.values(data)) {
      if (!isOptionalDecimal(quote['price']) || !isOptionalDecimal(quote['change'])) return undefined;
      if (!isOptionalDecimal(quote['changePercent']) || !isOptionalDecimal(quote['high'])) return undefined;
      if (!isOptionalDecimal(quote['low']) || !isOptionalTime(quote['timestamp'])) return undefined;
    }
    return message;
  },
};

/** Everybody who can run here. The first is the measure for all others. */
export function contenders(): Contender[] {
  const [miniCoin, miniMetals] = miniSchemas();
  const valibot = valibotSchemas();
  const ours = (text: string): unknown => {
    const result = decodeServerMessage(text);
    return result.ok ? result.message : undefined;
  };
  const compiled = ajv();
  return [
    { name: 'JSON.parse alone', coin: parse, metals: parse },
    { name: '@tickwire/protocol/codec (every message)', coin: ours, metals: ours },
    byHand,
    ...(compiled === undefined ? [] : [compiled]),
    {
      name: 'zod, the same schema',
      coin: (text) => coinPriceMessageSchema.safeParse(parse(text)).data,
      metals: (text) => metalPricesMessageSchema.safeParse(parse(text)).data,
    },
    {
      name: 'zod/mini, a like schema',
      coin: (text) => m.safeParse(miniCoin, parse(text)).data,
      metals: (text) => m.safeParse(miniMetals, parse(text)).data,
    },
    {
      name: 'valibot, a like schema',
      coin: (text) => v.safeParse(valibot.coin, parse(text)).output,
      metals: (text) => v.safeParse(valibot.metals, parse(text)).output,
    },
  ];
}
