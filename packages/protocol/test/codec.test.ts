import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { decodeClientMessage, decodeServerMessage, encodeMessage } from '../src/codec.js';
import { clientMessageSchema, serverMessageSchema, type CoinPriceMessage } from '../src/index.js';
import { mutatedFrames, seededRandom, vectorFrames } from './mutate-frame.js';

const frame = (value: unknown): string => JSON.stringify(value);
const price = (coinId: unknown, extra: object = {}): object => ({
  type: 'price_update',
  data: { coinId, price: 1 },
  ...extra,
});

const whale = (amount: string): object => ({
  type: 'whale_movement',
  data: {
    coinId: 'a',
    txHash: '0x1',
    fromAddress: '0xf1',
    toAddress: '0xf2',
    timestamp: '2026-01-01T00:00:00Z',
    amount,
    usdValue: amount,
    transactionType: 'buy',
  },
});

describe('decoding', () => {
  it('returns the parsed object itself, with unknown keys in their places', () => {
    const text = '{"v":3,"type":"price_update","data":{"price":"0.0000081200","coinId":"pepe","extra":{"a":1}}}';
    const result = decodeServerMessage(text);
    expect(result.ok && JSON.stringify(result.message)).toBe(text);
  });

  it('checks the length before parsing', () => {
    const long = `{"type":"ping","pad":"${'x'.repeat(20_000)}"}`;
    expect(decodeClientMessage(long)).toEqual({
      ok: false,
      code: 'BAD_MESSAGE',
      path: '',
      reason: 'expected at most 16384 characters',
    });
    expect(decodeServerMessage(long).ok).toBe(true);
    expect(decodeServerMessage(long, { maxLength: 100 }).ok).toBe(false);
    expect(decodeServerMessage(`${' '.repeat(1_048_577)}{`)).toMatchObject({ code: 'BAD_MESSAGE', path: '' });
    expect(decodeClientMessage(' '.repeat(16_384))).toMatchObject({ code: 'BAD_JSON' });
  });

  it.each([undefined, null, 5, {}, [], Buffer.from('{"type":"ping"}'), new ArrayBuffer(3), Symbol('x')])(
    'refuses what is no text: %s',
    (value) => {
      expect(decodeServerMessage(value as string)).toMatchObject({ ok: false, code: 'BAD_JSON' });
      expect(decodeClientMessage(value as string)).toMatchObject({ ok: false, code: 'BAD_JSON' });
    },
  );

  it.each([
    ['.5', 0.5],
    ['5.', 5],
    ['+5', 5],
    ['-.5', -0.5],
    ['+.5e1', 5],
    ['5.e-1', 0.5],
    ['00.50', 0.5],
  ])('F30: takes the decimal %s in every value of every dialect', (text, value) => {
    expect(Number(text)).toBe(value);
    for (const message of [
      { type: 'price_update', data: { coinId: 'a', price: text, marketCap: text, priceChange24h: text } },
      { type: 'priceUpdate', data: { gold: { price: text, change: text } } },
      whale(text),
    ]) {
      expect(decodeServerMessage(frame(message))).toEqual({ ok: true, kind: 'known', message });
      expect(serverMessageSchema.safeParse(message).success).toBe(true);
    }
  });

  it.each([
    '',
    '.',
    '+',
    '-',
    '+-5',
    '.e5',
    '5.5.',
    '5e',
    '1e400',
    '-1e400',
    '+1.e309',
    ' 5',
    '5 ',
    '5\n',
    '0x5',
    '٥',
    '1_0',
  ])('F30: takes no decimal from %j', (text) => {
    expect(decodeServerMessage(frame(price('a', { data: { price: text } })))).toMatchObject({ path: 'data.price' });
  });

  it.each([
    ['alertId', '{"type":"alert_triggered","data":{"alertId":9007199254740993}}', 'data.alertId'],
    ['coinId', '{"type":"price_update","data":{"coinId":9007199254740993,"price":1}}', 'data.coinId'],
    ['seq', '{"type":"price_update","data":{"coinId":"a","price":1},"seq":9007199254740993}', 'seq'],
  ])('F30: says of an integer beyond 2^53 that it has lost digits: %s', (_name, text, path) => {
    const result = decodeServerMessage(text);
    expect(result).toMatchObject({ ok: false, code: 'BAD_MESSAGE', path });
    expect(!result.ok && result.reason).toContain('an integer beyond 2^53 loses digits, send it as a string');
  });

  it('lowers the number of channels on request, for both forms', () => {
    const channels = ['coin:a', 'coin:b', 'coin:c'];
    const subscribe = frame({ type: 'subscribe', id: 1, data: { channels: channels.map((channel) => ({ channel })) } });
    expect(decodeClientMessage(subscribe, { maxChannels: 3 }).ok).toBe(true);
    expect(decodeClientMessage(subscribe, { maxChannels: 2 })).toMatchObject({ path: 'data.channels' });
    const unsubscribe = frame({ type: 'unsubscribe', id: 1, data: { channels } });
    expect(decodeClientMessage(unsubscribe, { maxChannels: 2 })).toMatchObject({ path: 'data.channels' });
  });

  it('never echoes the input in a reason', () => {
    const secret = 'eyJhbGciOiJIUzI1NiJ9';
    for (const message of [
      { type: 'authenticate', data: { token: { secret } } },
      { type: 'authenticate', data: { token: [secret] } },
      { type: 'authenticate', id: { secret }, data: { token: secret } },
      { type: 'subscribe', data: { coinId: secret } },
    ]) {
      const result = decodeClientMessage(frame(message));
      expect(result.ok).toBe(false);
      expect(JSON.stringify(result)).not.toContain(secret);
    }
  });
});

describe('what is left out', () => {
  it('names a bad batch item by its place and keeps the others', () => {
    const result = decodeServerMessage(
      frame({ type: 'batch', messages: [price('bitcoin'), price(true), 5, null, {}] }),
    );
    expect(result).toMatchObject({ ok: true, kind: 'known' });
    expect(result.ok && result.reported?.map((item) => item.path)).toEqual([
      'messages.1',
      'messages.2',
      'messages.3',
      'messages.4',
    ]);
  });

  it('names a bad metal inside an item by its whole path', () => {
    const metals = { type: 'priceUpdate', data: { gold: 5, silver: { price: 1 } } };
    const item = { channel: 'metal:gold', epoch: 'e', seq: 1, message: metals };
    expect(decodeServerMessage(frame({ type: 'batch', messages: [metals] }))).toMatchObject({
      reported: [{ path: 'messages.0.data.gold' }],
    });
    expect(decodeServerMessage(frame({ type: 'snapshot', data: { items: [item] } }))).toMatchObject({
      reported: [{ path: 'data.items.0.message.data.gold' }],
    });
  });

  it('leaves out a snapshot item or a history entry that is no message of a channel', () => {
    const item = (message: unknown): object => ({ channel: 'coin:a', epoch: 'e', seq: 1, message });
    const snapshot = { type: 'snapshot', data: { items: [item(price('a')), item({ type: 'pong' }), item(price([]))] } };
    expect(decodeServerMessage(frame(snapshot))).toMatchObject({
      ok: true,
      reported: [{ path: 'data.items.1' }, { path: 'data.items.2' }],
    });
    const history = {
      type: 'ack',
      id: 'r',
      op: 'history',
      data: {
        channel: 'whales',
        epoch: 'w',
        seq: 3,
        complete: true,
        messages: [{ type: 'candle' }, { type: 'ack' }, 7],
      },
    };
    expect(decodeServerMessage(frame(history))).toMatchObject({
      ok: true,
      reported: [{ path: 'data.messages.1' }, { path: 'data.messages.2' }],
    });
  });

  it('refuses a batch in a batch, an own __proto__ among heads, and more metals than the cap', () => {
    expect(
      decodeServerMessage(frame({ type: 'batch', messages: [{ type: 'pong' }, { type: 'batch', messages: [] }] })),
    ).toMatchObject({ ok: false, path: 'messages.1' });
    expect(decodeServerMessage('{"type":"heartbeat","data":{"serverTime":1,"heads":{"__proto__":1}}}')).toMatchObject({
      ok: false,
      path: 'data.heads.__proto__',
    });
    const many = Object.fromEntries(Array.from({ length: 1_001 }, (_, index) => [`m${index}`, { price: 1 }]));
    expect(decodeServerMessage(frame({ type: 'priceUpdate', data: many }))).toMatchObject({ ok: false, path: 'data' });
  });
});

describe('what a hostile frame costs', () => {
  it('is bounded: more metals, or more faults, than a frame may have refuse it early', () => {
    const bad = (count: number, prefix: string): object =>
      Object.fromEntries(Array.from({ length: count }, (_, index) => [`${prefix}${index}`, 0]));
    const maps = Array.from({ length: 1_000 }, (_, index) => bad(100, `m${index}x`));
    expect(decodeServerMessage(frame({ type: 'priceUpdate', data: maps }), { maxLength: 5_000_000 })).toMatchObject({
      ok: false,
      path: 'data.10',
    });
    expect(decodeServerMessage(frame({ type: 'priceUpdate', data: bad(80_000, 'm') }))).toMatchObject({
      ok: false,
      path: 'data',
    });
    const messages = Array.from({ length: 100 }, () => ({ type: 'priceUpdate', data: bad(500, 'm') }));
    expect(decodeServerMessage(frame({ type: 'batch', messages }))).toMatchObject({ ok: false, path: '' });
  });
});

describe('encoding', () => {
  it('writes what decoding reads', () => {
    const message: CoinPriceMessage = { type: 'price_update', data: { coinId: 'bitcoin', price: '1.50' } };
    const result = decodeServerMessage(encodeMessage(message));
    expect(result.ok && result.message).toEqual(message);
  });
});

describe('200,000 mutated frames', () => {
  // In parts, each within the time that a test has on a machine with other work.
  it.each(Array.from({ length: 10 }, (_, part) => part))(
    'decode without a throw, agree with the schemas where sampled, and leave Object.prototype alone: part %i of ten',
    (part) => {
      const before = Object.getOwnPropertyNames(Object.prototype).join();
      const frames = mutatedFrames(vectorFrames(), seededRandom(20261122 + part));
      let accepted = 0;
      for (let round = 0; round < 10_000; round += 1) {
        const text = frames.next().value;
        const fromServer = decodeServerMessage(text);
        const fromClient = decodeClientMessage(text);
        if (fromServer.ok) accepted += 1;
        if (!fromServer.ok && typeof fromServer.path !== 'string') throw new Error(`no path: ${text}`);
        if (round % 10 !== 0 || (!fromServer.ok && fromServer.code === 'BAD_JSON')) continue;
        const value: unknown = JSON.parse(text);
        const clean = fromServer.ok && fromServer.reported === undefined;
        if (serverMessageSchema.safeParse(value).success !== clean) throw new Error(`server parity: ${text}`);
        if (text.length <= 16_384 && clientMessageSchema.safeParse(value).success !== fromClient.ok) {
          throw new Error(`client parity: ${text}`);
        }
      }
      expect(accepted).toBeGreaterThan(1_000);
      expect(Object.getOwnPropertyNames(Object.prototype).join()).toBe(before);
    },
  );
});

describe('the seed documents', () => {
  const blocks = (text: string): string[] =>
    [...text.matchAll(/```json\n([\s\S]*?)```/g)].map((block) => block[1] ?? '');
  const seeds = new URL('../../../../shared/seeds/', import.meta.url);
  const here = existsSync(seeds);
  if (!here) console.log('The seed documents are not here: their blocks are tested through the vectors only.');

  it.skipIf(!here)('have only JSON blocks that decode, verbatim', () => {
    let count = 0;
    for (const name of ['meme-coin-analyzer-websocket.md', 'swarnaai-websocket-system.md']) {
      for (const block of blocks(readFileSync(new URL(name, seeds), 'utf8'))) {
        const results = [decodeServerMessage(block), decodeClientMessage(block)];
        expect(results.some((result) => result.ok && result.kind === 'known')).toBe(true);
        count += 1;
      }
    }
    expect(count).toBe(13);
  });

  it('stand in the vectors block by block', () => {
    const count = (name: string): number =>
      (
        JSON.parse(readFileSync(new URL(`../vectors/${name}.json`, import.meta.url), 'utf8')) as { source: string }[]
      ).filter((vector) => vector.source === 'seed document').length;
    expect(count('valid-server') + count('valid-client')).toBe(13);
  });
});
