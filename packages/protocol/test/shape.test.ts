import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import * as z from 'zod';
import { describe, expect, it, vi } from 'vitest';
import { decodeClientMessage, decodeServerMessage } from '../src/codec.js';
import { isDecimalString, isTime } from '../src/formats.js';
import { isMetalPrices, isMetalQuote, isPrice } from '../src/generated/price-checks.js';
import * as serverShapes from '../src/generated/server-shapes.js';
import { clientMessageSchema, decimalSchema, serverMessageSchema, timeSchema } from '../src/index.js';
import { faultOf, type Shape } from '../src/shape.js';
import { mutatedFrames, seededRandom, vectorFrames } from './mutate-frame.js';

describe('faultOf', () => {
  const number: Shape = [5];
  it.each<[string, Shape, unknown, string | undefined]>([
    ['anything', [0], undefined, undefined],
    ['nothing', [1], 1, ''],
    ['a string', [2], 5, ''],
    ['a string that is too long', [2, 2], 'abc', ''],
    ['a string that is too short', [2, undefined, 1], '', ''],
    ['a pattern', [2, undefined, undefined, /^a$/], 'b', ''],
    ['a number', number, '1', ''],
    ['an infinite number', number, Infinity, ''],
    ['a number below the least', [5, 0], -1, ''],
    ['an integer', [6], 1.5, ''],
    ['an unsafe integer', [6], 2 ** 53, ''],
    ['a boolean', [7], 0, ''],
    ['a literal', [8, 'a', 'b'], 'b', undefined],
    ['another literal', [8, 'a', 'b'], 'c', ''],
    ['null or a number', [9, number], null, undefined],
    ['neither null nor a number', [9, number], 'x', ''],
    ['one of two', [10, number, [2]], 'x', undefined],
    ['none of two', [10, number, [2]], true, ''],
    ['no array', [11, number], {}, ''],
    ['a bad item', [11, number], [1, 'x'], '1'],
    ['too many items', [11, number, 1], [1, 2], ''],
    ['too few items', [11, number, undefined, 1], [], ''],
    ['a bad value in a map', [12, [2], number, 5], { a: 1, b: 'x' }, 'b'],
    ['a bad key in a map', [12, [2, 1], number, 5], { ab: 1 }, 'ab'],
    ['an own __proto__ in a map', [12, [2], number, 5], JSON.parse('{"__proto__":1}'), '__proto__'],
    ['too many keys', [12, [2], number, 1], { a: 1, b: 2 }, ''],
    ['a missing key', [13, 1, 'a b', [number, number]], { b: 1 }, 'a'],
    ['an absent optional key', [13, 1, 'a b', [number, number]], { a: 1 }, undefined],
    ['a bad optional key', [13, 1, 'a b', [number, number]], { a: 1, b: 'x' }, 'b'],
    ['a null object', [13, 0, 'a', [number]], null, ''],
    ['an empty object where a key is asked', [13, 0, 'a', [number], 1], {}, ''],
    ['a fault three levels down', [13, 1, 'a', [[11, [13, 1, 'b', [number]]]]], { a: [{ b: 1 }, {}] }, 'a.1.b'],
  ])('judges %s', (_, shape, value, path) => {
    expect(faultOf(shape, value)?.path).toBe(path);
  });
});

describe('the formats', () => {
  const pieces = fc.constantFrom(
    ...'0 1 2 3 4 5 6 7 8 9 - T : . Z +'.split(' '),
    '\n',
    ' ',
    '2024',
    '02',
    '29',
    '30',
    '2000',
    '1900',
    '13',
    '24',
    '60',
    'z',
    't',
  );
  const nearTimes = fc
    .tuple(fc.integer({ min: 0, max: 9999 }), fc.nat(14), fc.nat(33), fc.nat(26), fc.nat(62), fc.nat(62), fc.nat(5))
    .map(([year, month, day, hour, minute, second, tail]) => {
      const two = (value: number): string => String(value).padStart(2, '0');
      const zone = ['Z', '+05:30', '-08:00', '+24:00', '', '.5Z', '.123456789+23:59'][tail] ?? 'Z';
      return `${String(year).padStart(4, '0')}-${two(month)}-${two(day)}T${two(hour)}:${two(minute)}:${two(second)}${zone}`;
    });

  it('take the same times as the schema, also at every mutation of one', () => {
    const takes = (text: string): boolean => timeSchema.safeParse(text).success;
    fc.assert(
      fc.property(nearTimes, fc.nat(30), pieces, (time, index, piece) => {
        for (const text of [
          time,
          time.slice(0, index) + piece + time.slice(index + 1),
          time.slice(0, index) + time.slice(index + 1),
        ]) {
          if (isTime(text) !== takes(text)) throw new Error(text);
        }
      }),
      { numRuns: 20_000, seed: 7 },
    );
    for (const year of ['1900', '2000', '2023', '2024', '2100', '0000', '0004']) {
      for (let month = 0; month <= 13; month += 1) {
        for (let day = 0; day <= 32; day += 1) {
          const text = `${year}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}T00:00:00Z`;
          if (isTime(text) !== takes(text)) throw new Error(text);
        }
      }
    }
  });

  it('take an empty text for no time, before any time has come as well', async () => {
    vi.resetModules();
    const { isTime: isTimeAtFirst } = await import('../src/formats.js');
    expect(isTimeAtFirst('')).toBe(false);
  });

  it('take the same decimals as the schema', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[-+]?[0-9._]{0,8}([eE][-+]?[0-9]{0,4})?\n?$/), (text) => {
        expect(decimalSchema.safeParse(text).success).toBe(isDecimalString(text));
      }),
      { numRuns: 5_000, seed: 7 },
    );
  });
});

describe('the generated rooms', () => {
  it.each(['generate-shapes.ts', 'generate-json-schema.ts'])(
    'are what the schemas say now, says %s',
    (script) => {
      const root = new URL('..', import.meta.url);
      execFileSync(
        process.execPath,
        ['--conditions=@tickwire/source', '--import', 'tsx', `scripts/${script}`, '--check'],
        { cwd: root, stdio: 'pipe' },
      );
    },
    60_000,
  );

  it('have no eval, no Function and no zod, nor has anything that the codec imports', () => {
    const seen = new Set<string>();
    const visit = (url: URL): void => {
      if (seen.has(url.href)) return;
      seen.add(url.href);
      const text = readFileSync(url, 'utf8');
      expect(text).not.toMatch(/\beval\s*\(|new Function|^import (?!type).*'zod'/m);
      for (const found of text.matchAll(/^(?:import|export) (?!type)[^;]*?'(\.[^']+)\.js'/gm))
        visit(new URL(`${found[1] ?? ''}.ts`, url));
    };
    visit(new URL('../src/codec.ts', import.meta.url));
    expect([...seen].some((href) => href.endsWith('generated/server-shapes.ts'))).toBe(true);
  });
});

/** Messages made from the schemas themselves: fast-check's values, filled into what JSON Schema says. */
function messagesOf(schema: z.ZodType): fc.Arbitrary<unknown> {
  type Json = Record<string, unknown> & { type?: string | string[]; anyOf?: Json[]; properties?: Record<string, Json> };
  const strange = fc.oneof(
    fc.jsonValue({ maxDepth: 2 }),
    fc.constantFrom('1e400', '__proto__', 1e308, -0, '', null, [], {}),
  );
  const fill = (json: Json): fc.Arbitrary<unknown> => {
    const choices = json.anyOf ?? (Array.isArray(json.type) ? json.type.map((type) => ({ ...json, type })) : undefined);
    if (choices !== undefined) return fc.oneof(...choices.map(fill));
    if (json['const'] !== undefined) return fc.constant(json['const']);
    if (json['enum'] !== undefined) return fc.constantFrom(...(json['enum'] as unknown[]));
    switch (json.type) {
      case 'null':
        return fc.constant(null);
      case 'number':
        return fc.oneof(
          fc.double({ noNaN: true, noDefaultInfinity: true, min: (json['minimum'] as number | undefined) ?? -1e9 }),
          fc.nat(),
        );
      case 'integer':
        return fc.integer({ min: Math.max((json['minimum'] as number | undefined) ?? -5, -5), max: 9 });
      case 'boolean':
        return fc.boolean();
      case 'string':
        if (json['format'] === 'decimal') return fc.constantFrom('1', '-0.5', '8e-6', '007.10');
        if (json['format'] === 'date-time')
          return fc.constantFrom('2024-02-29T00:00:00Z', '2026-01-01T00:00:00.123456+05:30');
        return json['pattern'] === undefined
          ? fc.constantFrom('', 'bitcoin', 'x')
          : fc.constantFrom('bitcoin', 'coin:bitcoin', 'whales', 'future_type', 'gold');
      case 'array':
        return fc.array(fill((json['items'] as Json | undefined) ?? {}), {
          minLength: (json['minItems'] as number | undefined) ?? 0,
          maxLength: 3,
        });
      case 'object': {
        if (json.properties === undefined) {
          const values = json['additionalProperties'] as Json | undefined;
          return fc.dictionary(fc.constantFrom('gold', 'silver', 'coin:a'), fill(values ?? {}), { maxKeys: 3 });
        }
        const keys = Object.fromEntries(
          Object.entries(json.properties).filter(([, value]) => value['not'] === undefined),
        );
        return fc.record(Object.fromEntries(Object.entries(keys).map(([key, value]) => [key, fill(value)])), {
          requiredKeys: (json['required'] as string[] | undefined) ?? [],
        });
      }
      default:
        return fc.jsonValue({ maxDepth: 1 });
    }
  };
  const whole = fill(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as Json);
  const damaged = fc
    .tuple(whole, fc.array(fc.nat(40), { minLength: 1, maxLength: 6 }), strange)
    .map(([value, way, strangeValue]) => {
      let holder = value as Record<string, unknown>;
      for (const step of way) {
        const keys = Object.keys(holder);
        const key = keys[step % Math.max(keys.length, 1)];
        if (key === undefined) break;
        const next = holder[key];
        if (step % 3 === 0 || typeof next !== 'object' || next === null) {
          if (step % 5 === 0 && !Array.isArray(holder)) Reflect.deleteProperty(holder, key);
          else holder[key] = strangeValue;
          break;
        }
        holder = next as Record<string, unknown>;
      }
      return value;
    });
  return fc.oneof({ weight: 1, arbitrary: whole }, { weight: 2, arbitrary: damaged });
}

describe('parity of codec and schemas', () => {
  it.each([
    ['server', serverMessageSchema, decodeServerMessage, 6_000],
    ['client', clientMessageSchema, decodeClientMessage, 6_000],
  ] as const)(
    'holds for frames made from the schemas of a %s, whole and damaged',
    (_, schema, decode, numRuns) => {
      let accepted = 0;
      fc.assert(
        fc.property(messagesOf(schema), (message) => {
          const text = JSON.stringify(message);
          const result = decode(text);
          const clean = result.ok && !('reported' in result);
          if (clean) accepted += 1;
          if (schema.safeParse(JSON.parse(text)).success !== clean)
            throw new Error(`${text} ${JSON.stringify(result)}`);
        }),
        { numRuns, seed: 20261122 },
      );
      expect(accepted).toBeGreaterThan(numRuns / 10);
    },
    60_000,
  );

  it('holds between the straight-line checks and the shapes that explain them', () => {
    const frames = mutatedFrames(vectorFrames(), seededRandom(5));
    for (let round = 0; round < 20_000; round += 1) {
      let value: unknown;
      try {
        value = JSON.parse(frames.next().value);
      } catch {
        continue;
      }
      const quotes =
        typeof value === 'object' && value !== null && 'data' in value ? Object.values(value.data ?? {}) : [];
      for (const [check, shape, judged] of [
        [isPrice, serverShapes.price, value],
        [isMetalPrices, serverShapes.metalPrices, value],
        ...quotes.map((quote) => [isMetalQuote, serverShapes.metalQuote, quote] as const),
      ] as const) {
        const found = faultOf(shape, judged);
        if (check(judged) !== (found === undefined))
          throw new Error(`${JSON.stringify(judged)} ${JSON.stringify(found)}`);
      }
    }
  });
});
