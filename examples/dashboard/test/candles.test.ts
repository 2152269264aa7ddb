import { describe, expect, it } from 'vitest';
import { candlesOver, readCandles } from '../src/market/candles.js';

const candle = [60, 1, 3, 1, 2];

describe('an answer with candles', () => {
  it('is read in the order of its times, each once', () => {
    const items = [{ channel: 'coin:bitcoin', madeUpBefore: 7, candles: [[120, 2, 3, 1, 2], candle, candle] }];
    expect(readCandles({ items }).get('coin:bitcoin')).toEqual({
      candles: [candle, [120, 2, 3, 1, 2]],
      madeUpBefore: 7,
    });
  });

  it.each<[string, unknown]>([
    ['no object', 'candles'],
    ['nothing', null],
    ['no items', {}],
    ['items that are no list', { items: 7 }],
    ['an item that is nothing', { items: [null, 5] }],
    ['an item without candles', { items: [{ channel: 'coin:bitcoin' }] }],
  ])('gives none where it is %s', (_what, answer) => {
    expect(readCandles(answer).size).toBe(0);
  });

  it('loses the candles that are none', () => {
    const candles = [candle, [1, 2], 'candle', [120, 1, null, 1, 1], [180, 1, 2, 1, Number.NaN]];
    expect(readCandles({ items: [{ channel: 'coin:a', candles }] }).get('coin:a')?.candles).toEqual([candle]);
  });
});

describe('candles over HTTP', () => {
  const channels = Array.from({ length: 450 }, (_, index) => `coin:c${index}` as const);
  const answering = (status: number, asked: string[]) => (url: string) => {
    asked.push(url);
    const first = /channels=([^,&]*)/.exec(url)?.[1] ?? '';
    const items = [{ channel: decodeURIComponent(first), candles: [candle] }];
    return Promise.resolve(new Response(JSON.stringify({ items }), { status }));
  };

  it('are asked for in parts that a server takes', async () => {
    const asked: string[] = [];
    const found = await candlesOver(answering(200, asked))(channels, 900);
    expect(asked.map((url) => url.split(',').length)).toEqual([200, 200, 50]);
    expect(asked[0]).toMatch(/^\/api\/candles\?channels=coin%3Ac0,.*&interval=900$/);
    expect([...found.keys()]).toEqual(['coin:c0', 'coin:c200', 'coin:c400']);
  });

  it('are not asked for again where the server has none', async () => {
    const asked: string[] = [];
    const ask = candlesOver(answering(404, asked));
    expect((await ask(channels, 900)).size).toBe(0);
    expect((await ask(channels, 60)).size).toBe(0);
    expect(asked).toHaveLength(1);
  });

  it('are none while the server cannot be reached, or answers with a page', async () => {
    expect((await candlesOver(() => Promise.reject(new TypeError('offline')))(['coin:a'], 60)).size).toBe(0);
    expect((await candlesOver(() => Promise.resolve(new Response('<!doctype html>')))(['coin:a'], 60)).size).toBe(0);
  });
});
