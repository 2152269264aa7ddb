import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import * as z from 'zod';
import { describe, expect, it, vi } from 'vitest';
import { decodeClientMessage, decodeServerMessage } from '../src/codec.js';
import { isJsonObject } from '../src/fault.js';
import { coinNoticeFault, coinPriceFault } from '../src/generated/coin-checks.js';
import { metalPricesFault, metalQuoteFault } from '../src/generated/metal-checks.js';
import { clientMessageSchema, serverMessageSchema } from '../src/index.js';
import { shapesOf } from '../src/shape.js';
import { priceSources } from '../scripts/message-sources.js';
import { textOf } from '../scripts/shape-text.js';
import { mutatedFrames, seededRandom, vectorFrames } from './mutate-frame.js';

describe('a shape', () => {
  it.each<[string, string, unknown, string | undefined, string?]>([
    ['anything', '*', undefined, undefined],
    ['nothing', '-', 1, '', 'no such key'],
    ['a string', 's', 5, '', 'a string'],
    ['a string that is too long', 's2', 'abc', '', 'a string of at most 2 characters'],
    ['a string that is too short', 's-1', '', '', 'a string of at least 1 characters'],
    ['a string with both bounds', 's2-1', '', '', 'a string of at least 1 and at most 2 characters'],
    ['a pattern', 's/^a$/', 'b', '', 'a string in the form that the contract gives it'],
    ['a pattern with every sign of JSON', 's/^[a:,]{1,2}$/', 'a:', undefined],
    ['a decimal', 'd', '1e400', '', 'a decimal'],
    ['a time', 't', '2026-02-29T00:00:00Z', '', 'an ISO 8601 time with Z or an offset'],
    ['a number', 'n', '1', '', 'a number'],
    ['an infinite number', 'n', Infinity, ''],
    ['a number below the least', 'n0', -1, '', 'a number of at least 0'],
    ['an integer', 'i', 1.5, '', 'an integer'],
    [
      'an unsafe integer',
      'i1',
      2 ** 53,
      '',
      'an integer of at least 1; an integer beyond 2^53 loses digits, send it as a string',
    ],
    ['a boolean', 'b', 0, '', 'a boolean'],
    ['a literal', '=a=b', 'b', undefined],
    ['another literal', '=a=b', 'c', '', 'one of the listed values'],
    ['no text where literals are listed', '=a=b', '', ''],
    ['a literal true', '=true', true, undefined],
    ['a text that looks like a literal true', '=true', 'true', ''],
    ['one of two', 'n or s', 'x', undefined],
    ['none of two', 'n or s', true, '', 'a number or a string'],
    ['no array', '[n]', {}, '', 'an array'],
    ['a bad item', '[n]', [1, 'x'], '1'],
    ['too many items', '[n,1]', [1, 2], '', 'at most 1 items'],
    ['too few items', '[n,9,1]', [], '', 'at least one item'],
    ['no map', '[map,s,n,5]', [], '', 'an object'],
    ['a bad value in a map', '[map,s,n,5]', { a: 1, b: 'x' }, 'b', 'a number'],
    ['a bad key in a map', '[map,s1,n,5]', { ab: 1 }, 'ab', 'another name'],
    ['an own __proto__ in a map', '[map,s,n,5]', JSON.parse('{"__proto__":1}'), '__proto__', 'another name'],
    ['too many keys', '[map,s,n,1]', { a: 1, b: 2 }, '', 'at most 1 keys'],
    ['a missing key', '{a:n,b~:n}', { b: 1 }, 'a', 'a number'],
    ['a required key that is null', '{a:n}', { a: null }, 'a', 'a number'],
    ['an absent optional key', '{a:n,b~:n}', { a: 1 }, undefined],
    ['an optional key that is null', '{a~:n}', { a: null }, 'a', 'a number'],
    ['a bad optional key', '{a:n,b~:n}', { a: 1, b: 'x' }, 'b'],
    ['a nullish key that is absent', '{a?:n}', {}, undefined],
    ['a nullish key that is null', '{a?:n}', { a: null }, undefined],
    ['a nullish key that is neither', '{a?:n}', { a: 'x' }, 'a', 'a number'],
    ['a required key that may be null', '{a!:n}', { a: null }, undefined],
    ['a required key that may be null and is missing', '{a!:n}', {}, 'a', 'a number or null'],
    ['a null object', '{a:n}', null, '', 'an object'],
    ['a fault three levels down', '{a:[{b:n}]}', { a: [{ b: 1 }, {}] }, 'a.1.b', 'a number'],
  ])('judges %s', (_, text, value, path, what) => {
    const fault = shapesOf(`shape:${text}`)('shape')?.faultOf(value);
    expect(fault?.path).toBe(path);
    if (what !== undefined) expect(fault?.reason).toBe(`expected ${what}`);
  });

  it('names other shapes, and stands for the keys of one', () => {
    const shapeOf = shapesOf('A:n or d,B:{b:A},whole:{a:A,...:B,c?:[B]}');
    expect(shapeOf('whole')?.faultOf({ a: '1.5', b: 2, c: [{ b: 3 }] })).toBeUndefined();
    expect(shapeOf('whole')?.faultOf({ a: 1 })).toEqual({ path: 'b', reason: 'expected a number or a decimal' });
    expect(shapeOf('whole')?.faultOf({ a: 1, b: 2, c: [{ b: 'x' }] })?.path).toBe('c.0.b');
  });

  it('is read at its first use, once, and is not there for a name that the text does not have', () => {
    const parse = vi.spyOn(JSON, 'parse');
    try {
      const shapeOf = shapesOf('a:{b:n},c:[broken');
      expect(parse).not.toHaveBeenCalled();
      expect(() => shapeOf('a')).toThrow(SyntaxError);
      parse.mockClear();
      const good = shapesOf('a:{b:n},c:[a]');
      expect(good('a')).toBe(good('a'));
      expect([good('b'), good('n'), good('constructor'), good('__proto__')]).toEqual([
        undefined,
        undefined,
        undefined,
        undefined,
      ]);
      expect(good('c')?.faultOf([{ b: 'x' }])?.path).toBe('0.b');
      expect(parse).toHaveBeenCalledTimes(1);
    } finally {
      parse.mockRestore();
    }
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

  it('holds between the straight-line checks and the shapes of the same schemas, in paths and in words', () => {
    // That a notice has a key at all, `#`, is asked by straight-line code alone.
    const withText = JSON.stringify(priceSources, (key, held: unknown) => (key === '#' ? undefined : held));
    const shapeOf = shapesOf(textOf(JSON.parse(withText) as typeof priceSources).join());
    const frames = mutatedFrames(vectorFrames(), seededRandom(5));
    let faults = 0;
    for (let round = 0; round < 20_000; round += 1) {
      let value: unknown;
      try {
        value = JSON.parse(frames.next().value);
      } catch {
        continue;
      }
      if (!isJsonObject(value)) continue;
      const quotes = Object.values(value['data'] ?? {}).map(
        (quote) => ['metalQuote', metalQuoteFault(quote), quote] as const,
      );
      for (const [name, found, judged] of [
        ['coinPrice', coinPriceFault(value), value],
        ['coinNotice', coinNoticeFault(value), value],
        ['metalPrices', metalPricesFault(value), value],
        ...quotes,
      ] as const) {
        if (found?.reason === 'expected at least one key') continue;
        if (found !== undefined) faults += 1;
        const [inLine, byShape] = [found, shapeOf(name)?.faultOf(judged)].map((fault) => JSON.stringify(fault));
        if (inLine !== byShape) throw new Error(`${JSON.stringify(judged)} ${inLine ?? ''} ${byShape ?? ''}`);
      }
    }
    expect(faults).toBeGreaterThan(10_000);
  });
});
