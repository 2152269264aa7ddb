import { afterEach, describe, expect, it } from 'vitest';
import { FakeClock, FakeEnvironment, FakeSockets, until, type ScriptedServer } from '@tickwire/testing';
import { coinbase, type CoinbaseTicker } from '../../src/dialects/coinbase.js';
import type { PriceStreamError } from '../../src/kernel/errors.js';
import type { Tick } from '../../src/kernel/prices.js';
import { PriceStream, type PriceStreamOptions } from '../../src/kernel/stream.js';
import { list, ticker } from './coinbase-frames.js';
import { coinbaseServer, type ExchangeScript } from './exchange-servers.js';
import { recordedFrames } from './recorded-session.js';

describe('a stream of Coinbase Exchange', () => {
  const closers: (() => unknown)[] = [];
  afterEach(async () => {
    for (const close of closers.splice(0).reverse()) await close();
  });

  function follow(url: string, options: Partial<PriceStreamOptions<object, object>> = {}) {
    const stream = new PriceStream(url, {
      reconnect: { minDelayMs: 5, baseDelayMs: 10 },
      ...options,
      dialect: coinbase(),
    });
    closers.push(() => stream.close());
    const errors: PriceStreamError[] = [];
    stream.on('error', (error) => errors.push(error));
    return { stream, errors };
  }

  async function meet(script: ExchangeScript = {}) {
    const server: ScriptedServer = await coinbaseServer(script);
    closers.push(() => server.stop());
    return { server, ...follow(server.url) };
  }

  function onFakes(...channels: `coin:${string}`[]) {
    const clock = new FakeClock();
    const sockets = new FakeSockets();
    const { WebSocket } = sockets;
    const { stream, errors } = follow('ws://exchange.test', {
      clock,
      WebSocket,
      environment: new FakeEnvironment(),
      random: () => 0,
    });
    const subscription = stream.subscribe(channels, () => undefined);
    sockets.last.open();
    return { clock, sockets, stream, errors, subscription };
  }

  it('refuses an unknown product in ready(), and the others stand and are told', async () => {
    const { stream, errors } = await meet({
      has: (product) => product !== 'XYZ-USD',
      granted: (peer, products) => {
        for (const product_id of products) peer.send(ticker(1, '5', { product_id }));
      },
    });
    const ticks: Tick[] = [];
    const known = stream.subscribe(['coin:btc-usd', 'coin:eth-usd'], (tick) => ticks.push(tick));
    const unknown = stream.subscribe('coin:xyz-usd', (tick) => ticks.push(tick));
    await expect(unknown.ready()).rejects.toMatchObject({
      code: 'UNKNOWN_CHANNEL',
      message: expect.stringContaining('XYZ-USD') as string,
    });
    expect(await known.ready()).toEqual({ confirmed: true });
    await until('the prices', () => ticks.length === 2);
    expect(ticks.map(({ channel }) => channel)).toEqual(['coin:btc-usd', 'coin:eth-usd']);
    expect(errors).toHaveLength(1);
    await expect(stream.subscribe('coin:bitcoin', () => undefined).ready()).rejects.toMatchObject({
      code: 'UNKNOWN_CHANNEL',
    });
  });

  it('asks again after a reconnect, and counts the trades that passed meanwhile', async () => {
    const { stream, server } = await meet({
      granted: (peer, _products, links) => {
        for (const trade of links === 1 ? [1, 2] : [2, 9]) peer.send(ticker(trade, String(trade)));
      },
    });
    const prices: number[] = [];
    stream.subscribe('coin:btc-usd', ({ price }) => prices.push(price));
    await until('the prices', () => prices.length === 2);
    server.last.socket.terminate();
    await until('the prices after it', () => prices.length === 4);
    expect(prices).toEqual([1, 2, 2, 9]);
    expect(server.peers.map(({ received }) => received.length)).toEqual([1, 1]);
    expect(stream.stats()).toMatchObject({ gaps: 6, reconnects: 1 });
  });

  it('reconnects when the exchange closes normally: a feed is never over', async () => {
    const { stream, server } = await meet();
    await stream.subscribe('coin:btc-usd', () => undefined).ready();
    server.last.socket.close(1000);
    await until('another link', () => server.peers.length === 2);
    expect(stream.connection.get().status).not.toBe('closed');
  });

  it('gives a link up on which nothing beats, and none that beats', async () => {
    const { clock, sockets, errors } = onFakes('coin:btc-usd');
    await clock.advance(0);
    sockets.last.receive(list('BTC-USD'));
    for (let second = 0; second < 60; second += 1) {
      await clock.advance(1_000);
      sockets.last.receive({ type: 'heartbeat', product_id: 'BTC-USD', last_trade_id: 0, sequence: second });
    }
    expect(sockets.all).toHaveLength(1);
    await clock.advance(9_999);
    expect(sockets.all).toHaveLength(1);
    await clock.advance(1_000);
    expect(sockets.all).toHaveLength(2);
    expect(errors).toEqual([]);
  });

  it('keeps a quiet price fresh while the beats say that its trade is the last, and not longer', async () => {
    const { clock, sockets, stream } = onFakes('coin:btc-usd');
    await clock.advance(0);
    sockets.last.receive(list('BTC-USD'));
    sockets.last.receive({ ...ticker(7), time: new Date(clock.now()).toISOString() });
    const beats = async (seconds: number, last_trade_id: number): Promise<string | undefined> => {
      for (let second = 0; second < seconds; second += 1) {
        await clock.advance(1_000);
        sockets.last.receive({ type: 'heartbeat', product_id: 'BTC-USD', last_trade_id });
      }
      return stream.prices.get('coin:btc-usd')?.freshness;
    };
    expect(await beats(300, 7)).toBe('fresh');
    expect(await beats(62, 8)).toBe('unverified');
    expect(await beats(1, 7)).toBe('fresh');
    expect(await beats(62, 0)).toBe('unverified');
  });

  it('sends no more than five frames a second, whatever is subscribed and let go', async () => {
    const { clock, sockets, stream } = onFakes('coin:btc-usd');
    const sent: number[] = [];
    sockets.last.onSent = (message) => {
      sent.push(clock.monotonic());
      sockets.last.receive(list(...(message['type'] === 'subscribe' ? (message['product_ids'] as string[]) : [])));
    };
    sockets.last.receive(list('BTC-USD'));
    for (let index = 0; index < 100; index += 1) {
      stream.subscribe(`coin:c${index}-usd`, () => undefined);
      await clock.advance(20);
    }
    await clock.advance(30_000);
    expect(sent.length).toBeGreaterThan(5);
    for (const at of sent)
      expect(sent.filter((other) => other >= at && other < at + 1_000).length).toBeLessThanOrEqual(5);
    expect(stream.stats().sent).toBe(sent.length + 1);
  });

  it('survives nonsense and storms of errors on a real link', async () => {
    const { stream, server, errors } = await meet();
    const ticks: Tick[] = [];
    await stream.subscribe('coin:btc-usd', (tick) => ticks.push(tick)).ready();
    const nonsense = [
      'null',
      '[]',
      '7',
      '"ticker"',
      '{}',
      '{"type":"ticker"}',
      '{"type":null}',
      '{"type":"subscriptions","channels":7}',
    ];
    for (let round = 0; round < 3; round += 1) for (const frame of nonsense) server.last.send(frame);
    for (let round = 0; round < 500; round += 1) server.last.send({ type: 'error', message: 'no', reason: null });
    server.last.send(ticker(1, '5'));
    await until('the price', () => ticks.length === 1);
    expect(ticks[0]?.price).toBe(5);
    expect(errors.map(({ code }) => code)).toEqual(['INTERNAL']);
    expect(server.peers).toHaveLength(1);
  });

  const frames = recordedFrames('coinbase-session.jsonl');
  it.skipIf(frames === undefined)(
    'tells a recorded session price for price, over a link that is cut twice',
    async () => {
      const recorded = (frames ?? []).map((text) => ({
        text,
        frame: JSON.parse(text) as Omit<CoinbaseTicker, 'type'> & { type: string },
      }));
      const tickers = recorded.filter(({ frame }) => frame.type === 'ticker');
      const products = [...new Set(tickers.map(({ frame }) => frame.product_id))];
      // Each link begins a few frames before the last one ended, as an exchange that repeats its last state does.
      const cuts = [0, 40, 80, recorded.length];
      const { stream, server, errors } = await meet({
        granted: (peer, _products, links) => {
          for (const { text } of recorded.slice(Math.max(0, (cuts[links - 1] ?? 0) - 5), cuts[links])) peer.send(text);
        },
      });
      const ticks: Tick[] = [];
      stream.subscribe(
        products.map((product) => `coin:${product.toLowerCase()}` as const),
        (tick) => ticks.push(tick),
      );
      const told = () => new Set(ticks.map(({ source }) => JSON.stringify(source))).size;
      for (const cut of cuts.slice(1)) {
        const due = recorded.slice(0, cut).filter(({ frame }) => frame.type === 'ticker').length;
        await until(`${due} prices`, () => told() >= due);
        if (cut < recorded.length) server.last.socket.terminate();
      }
      // What a new link repeats confirms the last trade; nothing older comes again.
      const news = ticks.filter(
        ({ source }, index) =>
          ticks.findIndex((tick) => JSON.stringify(tick.source) === JSON.stringify(source)) === index,
      );
      expect(news.map(({ source }) => JSON.stringify(source))).toEqual(tickers.map(({ text }) => text));
      for (const tick of ticks) {
        const source = tick.source as CoinbaseTicker;
        expect([tick.price, tick.timestamp, tick.seq, tick.currency]).toEqual([
          Number(source.price),
          source.time,
          source.trade_id,
          source.product_id.split('-')[1],
        ]);
      }
      expect(errors).toEqual([]);
      expect(stream.stats()).toMatchObject({ gaps: 0, invalid: 0, unknown: 0, reconnects: 2, unwanted: [] });
    },
  );
});
