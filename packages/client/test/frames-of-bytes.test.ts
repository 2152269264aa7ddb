import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { coinPrice, coinsWelcome, settle } from '@tickwire/testing';
import type { InvalidEvent, PriceStreamError } from '@tickwire/client';
import { Harness } from './harness.js';

/** A client of a server that has greeted with a text, and what it says from now on. */
async function met() {
  const harness = await new Harness().connected(coinsWelcome());
  harness.client.subscribe('coin:bitcoin', () => undefined);
  const errors = harness.record('error') as PriceStreamError[];
  const invalid = harness.record('invalid') as InvalidEvent[];
  return { harness, errors, invalid };
}

describe('text that comes as bytes', () => {
  const text = '{"type":"price_update","data":{"coinId":"bitcoin","price":5,"name":"Zürich ₿ 🚀"}}';
  const utf8 = new TextEncoder().encode(text);
  const padded = new Uint8Array([1, 2, ...utf8, 3]);
  const makes: Readonly<Record<string, () => unknown>> = {
    'an ArrayBuffer': () => utf8.buffer,
    'an ArrayBuffer of another realm': () => {
      const buffer = runInNewContext(`new ArrayBuffer(${utf8.length})`) as ArrayBuffer;
      new Uint8Array(buffer).set(utf8);
      return buffer;
    },
    'a Uint8Array': () => utf8,
    'a view into more': () => padded.subarray(2, padded.length - 1),
    'a DataView': () => new DataView(utf8.buffer),
    'a Buffer': () => Buffer.from(text),
    'a Blob': () => new Blob([utf8]),
    'bytes with a mark': () => new Uint8Array([0xef, 0xbb, 0xbf, ...utf8]),
    'a text with a mark': () => `\ufeff${text}`,
  };

  it.each(Object.keys(makes))('F6: is read: %s', async (make) => {
    const { harness, invalid } = await met();
    harness.socket.receiveRaw(makes[make]?.());
    await expect.poll(() => harness.client.prices.get('coin:bitcoin')?.price).toBe(5);
    expect(invalid).toEqual([]);
  });

  it('F6: keeps its place among other frames, and before the close', async () => {
    const { harness } = await met();
    const prices: number[] = [];
    harness.client.subscribe('coin:bitcoin', ({ price }) => prices.push(price));
    const { socket } = harness;
    for (let n = 1; n <= 6; n += 1) {
      const frame = JSON.stringify(coinPrice('bitcoin', n));
      socket.receiveRaw(n % 2 === 0 ? frame : new Blob([frame]));
    }
    socket.drop(1012);
    await expect.poll(() => harness.client.connection.get().status).toBe('reconnecting');
    expect(prices).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it('F6: says nothing more once the client is closed', async () => {
    const { harness } = await met();
    const messages = harness.client.stats().messages;
    const blob = new Blob([utf8]);
    harness.socket.receiveRaw(blob);
    await harness.client.close();
    await blob.arrayBuffer();
    await settle();
    expect(harness.client.stats().messages).toBe(messages);
  });

  it('F6: is asked for as bytes that are there at once, where the platform has a choice', async () => {
    const { harness } = await met();
    expect(Reflect.get(harness.socket, 'binaryType')).toBe('arraybuffer');
  });
});

describe('bytes that are no text', () => {
  it.each([
    { what: 'gzip', bytes: [0x1f, 0x8b, 8, 0, 0], hex: '1f 8b 08 00 00', hint: 'compressed' },
    { what: 'zlib', bytes: [0x78, 0x9c, 0xab], hex: '78 9c ab', hint: 'compressed' },
    { what: 'MessagePack', bytes: [0x82, 0xa4, 0x74], hex: '82 a4 74', hint: 'JSON as text' },
    {
      what: 'protobuf that reads as text',
      bytes: [0x0a, 0x03, 0x62, 0x74, 0x63],
      hex: '0a 03 62 74 63',
      hint: 'JSON as text',
    },
    {
      what: 'text in Latin-1',
      bytes: [
        ...Buffer.from('{"type":"price_update","data":{"coinId":"bitcoin","price":5,"name":"Zürich"}}', 'latin1'),
      ],
      hex: '7b 22 74 79 70 65 22 3a 22 70 72 69 63 65 5f 75',
      hint: 'JSON as text',
    },
    { what: 'nothing', bytes: [], hex: '', hint: 'JSON as text' },
  ])('F6: are told by the first of them and a hint: $what', async ({ bytes, hex, hint }) => {
    const { harness, invalid } = await met();
    harness.socket.receiveRaw(new Uint8Array(bytes));
    expect(invalid).toMatchObject([{ code: 'BAD_MESSAGE', path: '', sample: hex }]);
    expect(invalid[0]?.reason).toContain(hint);
    expect(harness.client.stats()).toMatchObject({ invalid: 1, reconnects: 0 });
  });

  it('F6: that do not end reach `error`', async () => {
    const { harness, errors } = await met();
    for (let n = 0; n < 20; n += 1) harness.socket.receiveRaw(new Uint8Array([0x1f, 0x8b, 8]));
    expect(errors.map(({ code }) => code)).toEqual(['BAD_MESSAGE']);
    expect(errors[0]?.message).toContain('1f 8b 08');
  });
});
