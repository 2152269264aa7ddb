import { describe, expect, it } from 'vitest';
import { CandleBook, candleIntervals } from '../src/services/candles.js';
import { buildServer, loadConfig } from '../src/index.js';
import { coinTick } from './manual-source.js';
import { startTestServer } from './test-server.js';

const channel = 'coin:bitcoin';

function bookOf(prices: readonly (readonly [seconds: number, price: number])[]): CandleBook {
  const book = new CandleBook({ maxChannels: 2 });
  for (const [seconds, price] of prices) book.note(channel, price, seconds * 1_000);
  return book;
}

describe('the candles', () => {
  it('begin on whole intervals, and have open, high, low and close', () => {
    const book = bookOf([
      [61, 10],
      [70, 14],
      [80, 8],
      [119.9, 9],
      [120, 11],
    ]);
    expect(book.of(channel, 60)).toEqual([
      [60, 10, 14, 8, 9],
      [120, 11, 11, 11, 11],
    ]);
    expect(book.of(channel, 900)).toEqual([[0, 10, 14, 8, 11]]);
    expect(book.of(channel, 5).map(([time]) => time)).toEqual([60, 70, 80, 115, 120]);
  });

  it('leave out what had no price, and count a time that was set back into the newest', () => {
    const book = bookOf([
      [600, 5],
      [900, 6],
      [30, 7],
    ]);
    expect(book.of(channel, 60)).toEqual([
      [600, 5, 5, 5, 5],
      [900, 6, 7, 6, 7],
    ]);
  });

  it.each(candleIntervals)('of %d s are bounded, and the oldest goes first', (seconds) => {
    const book = bookOf(Array.from({ length: 1_000 }, (_each, index) => [index * seconds, index + 1] as const));
    const candles = book.of(channel, seconds);
    expect(candles.length).toBeLessThan(400);
    expect(candles.at(-1)).toEqual([999 * seconds, 1_000, 1_000, 1_000, 1_000]);
    expect(candles[0]).toEqual([(1_000 - candles.length) * seconds, ...Array<number>(4).fill(1_001 - candles.length)]);
    expect(book.of(channel, seconds, 2)).toEqual(candles.slice(-2));
  });

  it('are kept of so many channels and no more', () => {
    const book = bookOf([[1, 1]]);
    book.note('coin:b', 1, 1);
    book.note('coin:c', 1, 1);
    expect(book.of('coin:b', 60)).toHaveLength(1);
    expect(book.of('coin:c', 60)).toEqual([]);
  });
});

describe('GET /api/candles', () => {
  const history = { DEMO_HISTORY: 'true' };

  it('answers with what was told, for the channels that there are', async () => {
    const server = await startTestServer({}, history);
    server.source.tell(coinTick('bitcoin', 100), coinTick('bitcoin', '90'), coinTick('bitcoin', 80, { stale: true }));
    const query = `channels=coin:bitcoin,coin:nothing,nonsense&interval=900`;
    const response = await fetch(`${server.base}/api/candles?${query}`);
    expect(response.headers.get('cache-control')).toBe('no-store');
    const body = (await response.json()) as { items: { candles: number[][] }[] };
    expect(body).toMatchObject({ interval: 900, items: [{ channel, source: 'manual', currency: 'USD' }] });
    expect(body.items[0]!.candles.at(-1)!.at(-1)).toBe(90);
    expect(body.items[0]).not.toHaveProperty('madeUpBefore');
    await server.close();
  });

  it('has a day of simulated prices when the server has just started, and says that they are', async () => {
    const app = buildServer(loadConfig({ ...history, LOG_LEVEL: 'silent', PRICE_SEED: '1' }));
    await app.ready();
    const bodies = await Promise.all(
      candleIntervals.map(async (interval) => {
        const url = `/api/candles?channels=coin:pepe,metal:gold&interval=${interval}`;
        return (await app.inject({ url })).json<{
          serverTime: number;
          items: { source: string; madeUpBefore: number; candles: [number, number][] }[];
        }>();
      }),
    );
    const lengths = bodies.map(({ items }) => items.map(({ candles }) => candles.length));
    expect(lengths).toEqual([
      [180, 180],
      [360, 360],
      [96, 96],
    ]);
    for (const { serverTime, items } of bodies) {
      for (const { source, madeUpBefore, candles } of items) {
        expect(source).toBe('simulated');
        expect(madeUpBefore).toBeLessThanOrEqual(serverTime);
        expect(new Set(candles.map(([, open]) => open)).size).toBeGreaterThan(90);
      }
    }
    const prices = (await app.inject('/api/prices')).json<{
      data: { items: { channel: string; message: { data: { high: number; low: number; price: number } } }[] };
    }>();
    const { high, low, price } = prices.data.items.find(({ channel: name }) => name === channel)!.message.data;
    expect(low).toBeLessThan(price);
    expect(high / low).toBeGreaterThan(1.001);
    await app.close();
  });

  const tooMany = Array.from({ length: 201 }, (_each, index) => index).join();
  it.each([
    ['an interval that is not kept', 'channels=a&interval=7'],
    ['an interval that is no number', 'channels=a&interval=x'],
    ['no candle', 'channels=a&limit=0'],
    ['half a candle', 'channels=a&limit=1.5'],
    ['nothing', ''],
    ['more than 200 channels', `channels=${tooMany}`],
  ])('refuses a question for %s and says what to ask for', async (_case, query) => {
    const server = await startTestServer({}, history);
    const response = await fetch(`${server.base}/api/candles?${query}`);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      code: 'BAD_MESSAGE',
      error: expect.stringContaining('5, 60, 900') as string,
    });
    await server.close();
  });

  it('is not there without DEMO_HISTORY, and not for strangers where prices are not', async () => {
    const plain = await startTestServer();
    expect((await fetch(`${plain.base}/api/candles?channels=${channel}`)).status).toBe(404);
    await plain.close();
    const strict = await startTestServer({}, { ...history, REQUIRE_AUTH: 'true', JWT_SECRET: 's'.repeat(32) });
    expect((await fetch(`${strict.base}/api/candles?channels=${channel}`)).status).toBe(401);
    await strict.close();
  });
});
