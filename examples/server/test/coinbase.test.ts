import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../src/clock.js';
import { buildServer, loadConfig } from '../src/index.js';
import { createCoinbaseSource, type CoinbaseSourceOptions } from '../src/sources/coinbase.js';
import { silentFeed, takeFrame } from '../src/sources/exchange-feed.js';
import { productOf } from '../src/sources/exchange-ticker.js';
import type { PriceSource } from '../src/sources/price-source.js';
import { startExchange, ticker, type ExchangeServer } from './exchange-server.js';
import { createPriceLog, until } from './price-log.js';
import { recordedFile } from './recorded-data.js';
import { StreamClient } from './stream-client.js';

const bitcoin = new Map([['BTC-USD', productOf('BTC-USD')]]);
const now = Date.parse('2026-01-01T00:01:00Z');
const arrival = { at: now, elapsed: 0 };
const steps = (...frames: (object | string)[]) => {
  let state = silentFeed;
  return frames.map((frame) => {
    const step = takeFrame(
      state,
      typeof frame === 'string' ? frame : JSON.stringify(frame),
      bitcoin,
      'coinbase',
      arrival,
    );
    state = step.state;
    return { price: step.tick?.price, ...step.state, works: step.works, refused: step.refused, marks: undefined };
  });
};

describe('the frames of an exchange feed', () => {
  it('are told as ticks under the coin’s name, with digits and time as written, and the volume in dollars', () => {
    const { tick } = takeFrame(
      silentFeed,
      JSON.stringify(ticker('BTC-USD', '125.10', 1)),
      bitcoin,
      'coinbase',
      arrival,
    );
    expect(tick).toEqual({
      kind: 'coin',
      id: 'bitcoin',
      price: '125.10',
      volume24h: 688.05,
      high: '110',
      low: '90',
      priceChange24h: 25.1,
      currency: 'USD',
      source: 'coinbase',
      timestamp: '2026-01-01T00:00:01.000000Z',
    });
  });

  it('count the trades that a jump left out, and tell the price all the same', () => {
    expect(steps(ticker('BTC-USD', '1', 1), ticker('BTC-USD', '2', 2), ticker('BTC-USD', '3', 7))).toMatchObject([
      { price: '1', missed: 0 },
      { price: '2', missed: 0 },
      { price: '3', missed: 4 },
    ]);
  });

  it('that are older than what is known are counted and not told; one that is repeated is no loss', () => {
    expect(
      steps(ticker('BTC-USD', '2', 2), ticker('BTC-USD', '1', 1), ticker('BTC-USD', '2', 2), ticker('BTC-USD', '3', 3)),
    ).toMatchObject([
      { price: '2' },
      { price: undefined, outdated: 1, works: true },
      { price: '2', outdated: 1 },
      { price: '3', outdated: 1, missed: 0 },
    ]);
  });

  it('of the trade that was last are a repetition, whatever their sequence; those of an older trade are not told', () => {
    const again = ticker('BTC-USD', '2', 2, { sequence: 99 });
    const older = ticker('BTC-USD', '1', 1, { sequence: 100 });
    let state = silentFeed;
    const repeats = [ticker('BTC-USD', '2', 2), again, older, ticker('BTC-USD', '3', 3, { sequence: 101 })].map(
      (frame) => {
        const step = takeFrame(state, JSON.stringify(frame), bitcoin, 'coinbase', arrival);
        state = step.state;
        return [step.tick?.price, step.isRepeat];
      },
    );
    expect(repeats).toEqual([
      ['2', false],
      ['2', true],
      [undefined, undefined],
      ['3', false],
    ]);
    expect(state).toMatchObject({ outdated: 1, missed: 0 });
  });

  it.each([
    ['an open of 0', { open_24h: '0' }, { volume24h: 550, priceChange24h: undefined }],
    ['an open that is next to nothing', { open_24h: '1e-320' }, { priceChange24h: undefined }],
    ['an open below 0', { open_24h: '-50' }, { priceChange24h: 300 }],
    ['a volume beyond all numbers', { volume_24h: '1e308' }, { volume24h: undefined }],
    ['no volume', { volume_24h: undefined }, { volume24h: undefined }],
    ['a volume of 0', { volume_24h: '0' }, { volume24h: 0 }],
  ])('claim no figure that there is not: %s', (_case, more, expected) => {
    const { tick } = takeFrame(
      silentFeed,
      JSON.stringify(ticker('BTC-USD', '100', 1, more)),
      bitcoin,
      'coinbase',
      arrival,
    );
    for (const [key, value] of Object.entries(expected)) expect(tick?.[key as 'volume24h']).toBe(value);
  });

  it('F34: have the time of their arrival where their own is far ahead, and do not make the next ones look old', () => {
    let state = silentFeed;
    const told = ['2026-01-01T00:05:59Z', '9999-01-01T00:00:00Z', '2026-01-01T00:06:01Z', '2026-01-01T00:00:59Z'].map(
      (time, index) => {
        const frame = ticker('BTC-USD', String(index), index + 1, { time });
        const step = takeFrame(state, JSON.stringify(frame), bitcoin, 'coinbase', arrival);
        state = step.state;
        return step.tick?.timestamp;
      },
    );
    expect(told).toEqual([
      '2026-01-01T00:05:59Z',
      '2026-01-01T00:01:00.000Z',
      '2026-01-01T00:01:00.000Z',
      '2026-01-01T00:00:59Z',
    ]);
  });

  it.each([
    ['of more trades than there can be', 2 ** 53 - 1, 0],
    ['beyond all whole numbers', 2 ** 60, 0],
    ['to no whole number', 7.5, 0],
    ['below 0', -5, 0],
    ['of as many as there may be', 9_000, 8_998],
  ])('F34: whose count jumps %s tell the price and miss what can have been', (_case, trade, missed) => {
    const first = ticker('BTC-USD', '1', 1);
    const jumped = ticker('BTC-USD', '2', 2, { trade_id: trade });
    const after = ticker('BTC-USD', '3', 3, { trade_id: 3 });
    const last = ticker('BTC-USD', '4', 4, { trade_id: 4 });
    const told = steps(first, jumped, after, last);
    expect(told.map(({ price }) => price)).toEqual(['1', '2', '3', '4']);
    expect(told.at(-1)).toMatchObject({ missed, invalid: 0 });
  });

  it('F34: count what a long pause left out', () => {
    const first = takeFrame(silentFeed, JSON.stringify(ticker('BTC-USD', '1', 1)), bitcoin, 'coinbase', arrival);
    const later = JSON.stringify(ticker('BTC-USD', '2', 2, { trade_id: 500_002 }));
    const second = takeFrame(first.state, later, bitcoin, 'coinbase', {
      at: now + 600_000,
      elapsed: 600_000,
    });
    expect(second.state.missed).toBe(500_000);
  });

  it.each([
    ['price', `1.${'5'.repeat(70_000)}`],
    ['price', '0.' + '0'.repeat(63) + '1'],
    ['time', `2026-01-01T00:00:00.${'0'.repeat(70_000)}Z`],
    ['high_24h', '1'.repeat(65)],
    ['volume_24h', '1'.repeat(65)],
  ])('F70: bring no price when %s is longer than any', (key, value) => {
    const step = takeFrame(
      silentFeed,
      JSON.stringify(ticker('BTC-USD', '1', 1, { [key]: value })),
      bitcoin,
      'coinbase',
      arrival,
    );
    expect(step).toMatchObject({ state: { invalid: 1 }, unread: 'bitcoin' });
    expect(step.tick).toBeUndefined();
  });

  it('go on when the exchange begins to count anew', () => {
    expect(steps(ticker('BTC-USD', '1', 9), ticker('BTC-USD', '2', 10, { sequence: 1 }))).toMatchObject([
      { price: '1' },
      { price: '2', outdated: 0 },
    ]);
  });

  it.each([
    ['no JSON', '{', { invalid: 1 }],
    ['no object', '[]', { invalid: 1 }],
    ['a price that is none', { ...ticker('BTC-USD', '1', 1), price: 'NaN' }, { invalid: 1 }],
    ['a product that nobody asked for', ticker('ABC-USD', '1', 1), { invalid: 1 }],
    ['a beat', { type: 'heartbeat', product_id: 'BTC-USD', sequence: 1 }, { invalid: 0 }],
    ['a type that is not needed', { type: 'l2update' }, { invalid: 0 }],
    ['a refusal', { type: 'error', message: 'Failed to subscribe' }, { refused: true }],
  ])('bring no price: %s', (_case, frame, expected) => {
    expect(steps(frame)).toMatchObject([{ price: undefined, ...expected }]);
  });

  it('know their products by the names of the catalog', () => {
    expect(productOf('shib-usd')).toEqual({ productId: 'SHIB-USD', coinId: 'shiba-inu' });
    expect(productOf('BTC-EUR')).toEqual({ productId: 'BTC-EUR', coinId: 'btc-eur' });
    expect(productOf('SKL-USD').coinId).toBe('skl-usd');
  });
});

describe('the source coinbase', () => {
  let exchange: ExchangeServer;
  const sources: PriceSource[] = [];
  beforeEach(async () => {
    exchange = await startExchange();
  });
  afterEach(async () => {
    await Promise.all(sources.splice(0).map((source) => source.stop()));
    await exchange.close();
  });

  function start(more: Partial<CoinbaseSourceOptions> = {}) {
    const log = createPriceLog();
    const source = createCoinbaseSource({
      clock: systemClock,
      random: () => 0.5,
      url: exchange.url,
      products: ['BTC-USD', 'ETH-USD'],
      backoff: { leastMs: 10, baseMs: 20, mostMs: 40 },
      ...more,
    });
    sources.push(source);
    void source.start(log);
    return { log, source };
  }

  it('asks for its products and their beats, and names its instruments before any price', async () => {
    const { log, source } = start();
    expect(log.known.map(({ channel }) => channel)).toEqual(['coin:bitcoin', 'coin:ethereum']);
    expect(log.known[0]).toMatchObject({ aliases: ['BTC', 'BTC-USD'], currency: 'USD', source: 'coinbase' });
    expect(source.status()).toMatchObject({ state: 'connecting', ticks: 0 });
    await until('the question', () => exchange.asked.length === 1);
    expect(exchange.asked).toEqual([
      { type: 'subscribe', product_ids: ['BTC-USD', 'ETH-USD'], channels: ['ticker', 'heartbeat'] },
    ]);
  });

  it('comes back after a cut, counts what it missed, and tells nothing twice', async () => {
    exchange.onAsked = (say, link) => {
      if (link > 1) say(JSON.stringify(ticker('BTC-USD', '2', 2)));
      if (link > 1) say(JSON.stringify(ticker('BTC-USD', '9', 9)));
    };
    const { log, source } = start();
    await until('the question', () => exchange.asked.length === 1);
    exchange.say(ticker('BTC-USD', '1', 1));
    exchange.say(ticker('BTC-USD', '2', 2));
    await until('two prices', () => log.told.length === 2);
    exchange.cut();
    await until('the next price', () => log.told.length === 3);
    expect(log.lines).toEqual(['bitcoin 1', 'bitcoin 2', 'bitcoin 9']);
    expect(source.status()).toMatchObject({ state: 'running', connects: 2, missed: 6, ticks: 3 });
    expect(source.status()).not.toHaveProperty('problem');
  });

  it('calls its prices stale, under their own time, when the exchange stays away, and ends that with the first answer', async () => {
    const { log, source } = start({ staleAfterMs: 30 });
    await until('the question', () => exchange.asked.length === 1);
    exchange.say(ticker('BTC-USD', '1', 1));
    await until('the price', () => log.told.length === 1);
    const port = Number(new URL(exchange.url).port);
    await exchange.close();
    await until('the stale price', () => log.told.length === 2);
    expect(log.told[1]).toEqual({ ...log.told[0], stale: true });
    expect(source.status()).toMatchObject({ state: 'failing', problem: expect.any(String) as string });
    expect(port).toBeGreaterThan(0);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(log.told).toHaveLength(2);
    exchange = await startExchange(port);
    exchange.onAsked = (say) => say(JSON.stringify(ticker('BTC-USD', '1', 1)));
    await until('the confirmation', () => log.told.length === 3);
    expect(log.lines).toEqual(['bitcoin 1', '~bitcoin 1', 'bitcoin 1']);
    expect(source.status()).toMatchObject({ state: 'running' });
  });

  it('leaves a link on which nothing comes, but not one that beats', async () => {
    const { source } = start({ silenceMs: 250, backoff: { leastMs: 300, baseMs: 300, mostMs: 300 } });
    await until('the question', () => exchange.asked.length === 1);
    for (let beat = 0; beat < 10; beat += 1) {
      exchange.say({ type: 'heartbeat' });
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    expect(exchange.links).toBe(1);
    await until('the words', () => source.status().problem === 'The exchange fell silent');
    await until('another link', () => exchange.links > 1);
  });

  it('says that the exchange refuses its products, and keeps trying ever more slowly', async () => {
    exchange.onAsked = (say) => say('{"type":"error","message":"Failed to subscribe","reason":"XYZ is not valid"}');
    const { log, source } = start();
    await until('attempts', () => exchange.links >= 3);
    expect(source.status()).toMatchObject({
      state: 'failing',
      problem: 'The exchange refused the subscription: check PRICE_PRODUCTS',
    });
    expect(log.told).toEqual([]);
  });

  it('survives an exchange that is not there', async () => {
    await exchange.close();
    const { source } = start();
    await until('attempts', () => (source.status().connects ?? 0) >= 3);
    expect(source.status()).toMatchObject({ state: 'failing', problem: 'The exchange could not be reached', ticks: 0 });
    exchange = await startExchange();
  });

  it('tells nothing and dials nobody once it is stopped', async () => {
    const { log, source } = start();
    await until('the question', () => exchange.asked.length === 1);
    await source.stop();
    exchange.say(ticker('BTC-USD', '1', 1));
    await new Promise((resolve) => setTimeout(resolve, 80));
    expect(log.told).toEqual([]);
    expect(exchange.links).toBe(1);
    expect(source.status().state).toBe('stopped');
  });

  it('is all that a server with PRICE_SOURCE=coinbase needs to stream its prices and tell its state', async () => {
    exchange.onAsked = (say) => say(JSON.stringify(ticker('BTC-USD', '125.10', 1)));
    const environment = { PRICE_SOURCE: 'coinbase', PRICE_URL: exchange.url, PRICE_PRODUCTS: 'BTC-USD' };
    const app = buildServer(loadConfig({ LOG_LEVEL: 'silent', WS_LOOP_DELAY_MS: '60000', ...environment }));
    const address = await app.listen({ host: '127.0.0.1', port: 0 });
    const client = await StreamClient.tickwire(`${address.replace('http', 'ws')}/ws`);
    client.send({ type: 'subscribe', id: 1, data: { channels: [{ channel: 'coin:bitcoin' }] } });
    await client.next('ack');
    await until('the price', () => exchange.asked.length === 1);
    exchange.say(ticker('BTC-USD', '125.20', 2));
    expect(await client.next('price_update')).toMatchObject({ data: { source: 'coinbase', currency: 'USD' } });
    const status = (await (await fetch(`${address}/api/status`)).json()) as { sources: object[] };
    expect(status.sources).toMatchObject([{ name: 'coinbase', state: 'running', connects: 1 }, { name: 'simulated' }]);
    await client.close();
    await app.close();
  });

  const file = recordedFile('coinbase-session.jsonl');
  it.skipIf(file === undefined)('tells a recorded session price for price, over a link that is cut twice', async () => {
    const frames = readFileSync(file ?? '', 'utf8')
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { frame: string }).frame);
    const tickers = frames
      .map((frame) => JSON.parse(frame) as Record<string, string>)
      .filter((f) => f['type'] === 'ticker');
    const products = [...new Set(tickers.map((frame) => frame['product_id'] ?? ''))];
    // Each link begins a few frames before the last one ended, as an exchange that repeats its last state does.
    const cuts = [0, 40, 80, frames.length];
    exchange.onAsked = (say, link) => {
      for (const frame of frames.slice(Math.max(0, (cuts[link - 1] ?? 0) - 5), cuts[link])) say(frame);
    };
    const { log, source } = start({ products });
    for (const cut of cuts.slice(1)) {
      const due = frames.slice(0, cut).filter((frame) => frame.startsWith('{"type":"ticker"')).length;
      await until(`${due} prices`, () => log.told.length >= due);
      if (cut < frames.length) exchange.cut();
    }
    const written = tickers.map((f) => [f['product_id']?.toLowerCase(), f['price'], f['time']]);
    const told = log.told.map((tick) => [tick.id, tick.price, tick.timestamp]);
    expect(told).toEqual(written);
    const volumes = tickers.map((f) => Number(f['volume_24h']) * Number(f['price']));
    for (const [index, tick] of log.told.entries()) {
      const volume = 'volume24h' in tick ? Number(tick.volume24h) : NaN;
      expect(volume / (volumes[index] ?? NaN)).toBeCloseTo(1, 9);
    }
    expect(source.status()).toMatchObject({ ticks: 107, missed: 0, invalid: 0, connects: 3 });
  });
});
