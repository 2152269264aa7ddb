import { readFileSync } from 'node:fs';
import { describe, expect, expectTypeOf, it, vi } from 'vitest';
import {
  decodeServerMessage,
  judgeCoinMessage,
  judgeMetalPrices,
  judgeServerMessage,
  type DecodeResult,
} from '../src/codec.js';
import type { CoinNoticeMessage, CoinPriceMessage, MetalPricesMessage, ServerMessage } from '../src/index.js';
import { mutatedFrames, seededRandom, vectorFrames } from './mutate-frame.js';

/** What the decoder says of each text, beside the text's value: all vectors and 32,509 mutated frames that are JSON. */
function* decodedFrames(): Generator<{ text: string; value: unknown; decoded: DecodeResult<ServerMessage> }> {
  const vectors = vectorFrames();
  const mutated = mutatedFrames(vectors, seededRandom(32_509));
  for (let count = -vectors.length; count < 32_509; count += 1) {
    const text = vectors[count + vectors.length] ?? mutated.next().value;
    const decoded = decodeServerMessage(text);
    if (decoded.ok || decoded.code === 'BAD_MESSAGE') yield { text, value: JSON.parse(text), decoded };
  }
}

const typeOf = (value: unknown): unknown =>
  typeof value === 'object' && value !== null && 'type' in value ? value.type : undefined;

describe('a message that is already parsed', () => {
  it('is judged as its text is decoded, in verdict, path, words and what is left out', () => {
    let count = 0;
    for (const { text, value, decoded } of decodedFrames()) {
      count += 1;
      if (JSON.stringify(judgeServerMessage(value)) !== JSON.stringify(decoded)) throw new Error(text);
    }
    expect(count).toBeGreaterThan(20_000);
  });

  it('is given back as the object itself, and nothing is parsed for it', () => {
    const message = { type: 'price_update', data: { coinId: 'bitcoin', price: '1.50' } };
    const metals = { type: 'priceUpdate', data: { gold: { price: 1 } } };
    const future = { type: 'candle' };
    const parse = vi.spyOn(JSON, 'parse');
    try {
      for (const value of [message, metals, future]) {
        const result = judgeServerMessage(value);
        expect(result.ok && result.message).toBe(value);
      }
      expect(judgeCoinMessage(message)).toEqual({ ok: true, kind: 'known', message });
      expect(judgeMetalPrices(metals)).toEqual({ ok: true, kind: 'known', message: metals });
      // The text of the shapes, once, when the first type was asked for that is no price.
      expect(parse.mock.calls.length).toBeLessThanOrEqual(1);
    } finally {
      parse.mockRestore();
    }
  });

  it.each([undefined, null, 5, 'price_update', [], [{ type: 'pong' }], () => 1, Symbol('x'), 5n])(
    'is refused when it is no object: %s',
    (value) => {
      for (const judge of [judgeServerMessage, judgeMetalPrices, judgeCoinMessage]) {
        const reason = 'expected an object';
        expect(judge(value)).toEqual({ ok: false, code: 'BAD_MESSAGE', path: '', reason });
      }
    },
  );

  it.each([{}, { type: 5 }, { type: null }, { data: {} }])('is refused when it has no type: %j', (value) => {
    for (const judge of [judgeServerMessage, judgeMetalPrices, judgeCoinMessage]) {
      const reason = 'expected a string';
      expect(judge(value)).toEqual({ ok: false, code: 'BAD_MESSAGE', path: 'type', reason });
    }
  });

  it('has no type of its own where Object.prototype has one', () => {
    const prototype = Object.prototype as { type?: string };
    try {
      prototype.type = 'pong';
      expect(judgeServerMessage({})).toMatchObject({ ok: false, path: 'type' });
      expect(judgeServerMessage({ type: 'pong' })).toMatchObject({ ok: true, kind: 'known' });
    } finally {
      delete prototype.type;
    }
  });

  it('is judged by its type, whatever names JavaScript or the shapes themselves have', () => {
    const types = [
      'constructor',
      '__proto__',
      'toString',
      '',
      'A',
      'E',
      'ack.subscribe',
      '.pong',
      '-pong',
      's128',
      'n or d',
    ];
    for (const type of types) expect(judgeServerMessage({ type })).toMatchObject({ ok: true, kind: 'unknown' });
    for (const op of ['constructor', '__proto__', '', 'A', '.pong', 'ack'])
      expect(judgeServerMessage({ type: 'ack', id: 1, op })).toMatchObject({ ok: true, kind: 'known' });
    for (const op of [undefined, null, 5, { toString: 1 }, ['subscribe']])
      expect(judgeServerMessage({ type: 'ack', id: 1, op })).toMatchObject({ ok: false, path: 'op' });
  });
});

describe('a judge of one type', () => {
  it.each([
    ['priceUpdate', judgeMetalPrices],
    ['price_update', judgeCoinMessage],
  ] as const)('says of %s what the judge of all says, and knows no other', (type, judge) => {
    let count = 0;
    for (const { text, value, decoded } of decodedFrames()) {
      const isOther = decoded.ok ? typeOf(value) !== type : typeof typeOf(value) === 'string' && typeOf(value) !== type;
      const wanted = isOther ? { ok: true, kind: 'unknown', message: value } : decoded;
      if (JSON.stringify(judge(value)) !== JSON.stringify(wanted)) throw new Error(text);
      if (typeOf(value) === type) count += 1;
    }
    expect(count).toBeGreaterThan(500);
  });

  it('gives the messages of its type', () => {
    expectTypeOf(judgeServerMessage).returns.toEqualTypeOf<DecodeResult<ServerMessage>>();
    expectTypeOf(judgeMetalPrices).returns.toEqualTypeOf<DecodeResult<MetalPricesMessage>>();
    expectTypeOf(judgeCoinMessage).returns.toEqualTypeOf<DecodeResult<CoinPriceMessage | CoinNoticeMessage>>();
  });

  it.each([
    ['judge-metal-prices', ['generated/coin-checks', 'generated/server-shapes', 'shape', 'judge-server-message']],
    ['judge-coin-message', ['generated/metal-checks', 'generated/server-shapes', 'shape', 'reports']],
    ['judge-server-message', ['generated/client-shapes', 'client-judges']],
  ])('stands in a room of its own that loads no other shapes: %s', (room, others) => {
    const rooms = new Set<string>();
    const visit = (name: string): void => {
      if (rooms.has(name)) return;
      rooms.add(name);
      const url = new URL(`../src/${name}.ts`, import.meta.url);
      const text = readFileSync(url, 'utf8');
      for (const [, file = ''] of text.matchAll(/^(?:import|export) (?!type)[^;]*?'(\.[^']+)\.js'/gm)) {
        visit(new URL(`${file}.ts`, url).href.replace(/^.*\/src\/(.*)\.ts$/, '$1'));
      }
    };
    visit(room);
    for (const other of others) expect([...rooms]).not.toContain(other);
    expect([...rooms]).toContain('generated/price-parts');
    expect(rooms.has('primitives')).toBe(false);
  });
});
