import { afterEach, describe, expect, it } from 'vitest';
import { FakeClock, FakeEnvironment, FakeSockets, until, type FakeSocket } from '@tickwire/testing';
import {
  binance,
  type BinanceBook,
  type BinanceFrame,
  type BinancePrice,
  type BinanceTrade,
} from '../../src/dialects/binance.js';
import type { PriceStreamError } from '../../src/kernel/errors.js';
import type { Tick } from '../../src/kernel/prices.js';
import { PriceStream, type PriceStreamOptions } from '../../src/kernel/stream.js';
import { documentedTicker, ticker, trade } from './binance-frames.js';
import { binanceServer, type ExchangeScript } from './exchange-servers.js';
import { recordedFrames } from './recorded-session.js';

const hourMs = 3_600_000;
const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

function follow(url: string, price: BinancePrice, options: Partial<PriceStreamOptions<object, object>> = {}) {
  const stream = new PriceStream(url, {
    reconnect: { minDelayMs: 5, baseDelayMs: 10 },
    ...options,
    dialect: binance({ price }),
  });
  closers.push(() => stream.close());
  const errors: PriceStreamError[] = [];
  stream.on('error', (error) => errors.push(error));
  return { stream, errors };
}

async function meet(price: BinancePrice, script: ExchangeScript = {}) {
  const server = await binanceServer(script);
  closers.push(() => server.stop());
  return { server, ...follow(`${server.url}/stream`, price) };
}

describe('a stream of Binance', () => {
  /** Fake sockets of an exchange that answers all. */
  function onFakes(price: BinancePrice, ...channels: `coin:${string}`[]) {
    const clock = new FakeClock();
    const sockets = new FakeSockets();
    const sent: { socket: FakeSocket; at: number; message: Record<string, unknown> }[] = [];
    sockets.dialled = (socket) => {
      socket.onSent = (message) => {
        sent.push({ socket, at: clock.monotonic(), message });
        const result = message['method'] === 'GET_PROPERTY' ? true : null;
        queueMicrotask(() => socket.receive({ result, id: message['id'] }));
      };
      queueMicrotask(() => socket.open());
    };
    const { WebSocket } = sockets;
    const made = follow('ws://exchange.test/stream', price, {
      clock,
      WebSocket,
      environment: new FakeEnvironment(),
      random: () => 0,
    });
    const ticks: Tick[] = [];
    made.stream.subscribe(channels, (tick) => ticks.push(tick));
    return { clock, sockets, sent, ticks, ...made };
  }

  it('has its subscription confirmed, and an ill-formed one refused in ready()', async () => {
    const { stream, errors } = await meet('ticker', { has: (name) => name !== 'nope@ticker' });
    const known = stream.subscribe(['coin:btcusdt', 'coin:ethusdt'], () => undefined);
    const unknown = stream.subscribe('coin:nope', () => undefined);
    await expect(unknown.ready()).rejects.toMatchObject({ code: 'UNKNOWN_CHANNEL' });
    expect(await known.ready()).toEqual({ confirmed: true });
    expect(errors).toHaveLength(1);
  });

  it('asks again after a reconnect, and counts the trades that passed meanwhile', async () => {
    const { stream, server } = await meet('trade', {
      granted: (peer, _names, links) => {
        for (const number of links === 1 ? [1, 2] : [9]) peer.send(trade(number, String(number)));
      },
    });
    const prices: number[] = [];
    stream.subscribe('coin:btcusdt', ({ price }) => prices.push(price));
    await until('the prices', () => prices.length === 2);
    server.last.socket.terminate();
    await until('the price after it', () => prices.length === 3);
    expect(prices).toEqual([1, 2, 9]);
    expect(server.peers.map(({ received }) => received.map(({ params }) => params))).toEqual([
      [['btcusdt@aggTrade']],
      [['btcusdt@aggTrade']],
    ]);
    expect(stream.stats()).toMatchObject({ gaps: 6, reconnects: 1 });
  });

  it('is moved before its 24 hours are over: no price is missed, none comes twice, and it stays connected', async () => {
    const { clock, sockets, stream, ticks } = onFakes('trade', 'coin:btcusdt');
    const statuses: string[] = [];
    await clock.advance(10);
    stream.on('connection', ({ status }) => statuses.push(status));
    const [first] = sockets.all;
    let number = 0;
    for (let minute = 0; minute < 24 * 60; minute += 1) {
      await clock.advance(60_000);
      number += 1;
      for (const socket of sockets.all) socket.receive(trade(number));
    }
    expect(sockets.all).toHaveLength(2);
    expect(first?.closedByClient?.code).toBe(1000);
    expect(ticks.map(({ seq }) => seq)).toEqual(Array.from({ length: 1_440 }, (_, index) => index + 1));
    expect(new Set(statuses)).toEqual(new Set(['connected']));
    expect(stream.stats()).toMatchObject({ gaps: 0, reconnects: 1 });
  });

  it('hears both links while it is moved, each trade once', async () => {
    const { clock, sockets, stream, ticks } = onFakes('trade', 'coin:btcusdt');
    await clock.advance(10);
    const [first] = sockets.all;
    first?.receive({ stream: '!serverShutdown', data: { e: 'serverShutdown', E: 1 } });
    sockets.dialled = (socket) => queueMicrotask(() => socket.open());
    await clock.advance(10);
    const { last } = sockets;
    expect(last).not.toBe(first);
    first?.receive(trade(1));
    first?.receive(trade(2));
    last.receive(trade(2));
    first?.receive(trade(3));
    last.receive(trade(3));
    const [{ id } = {}] = last.taken();
    last.receive({ result: null, id });
    await clock.advance(10);
    last.receive(trade(4));
    expect(first?.closedByClient?.code).toBe(1000);
    expect(ticks.map(({ seq }) => seq)).toEqual([1, 2, 3, 4]);
    expect(stream.stats()).toMatchObject({ gaps: 0, duplicates: 2 });
  });

  it('sends no more than two frames in any second, pings among them, for 1024 streams and the end of some', async () => {
    const channels = Array.from({ length: 1_024 }, (_, index) => `coin:c${index}` as const);
    const { clock, sent, stream } = onFakes('ticker', ...channels.slice(24));
    const some = stream.subscribe(channels.slice(0, 24), () => undefined);
    await clock.advance(60_000);
    some.unsubscribe();
    await clock.advance(60_000);
    const params = sent.flatMap(({ message }) =>
      message['method'] === 'SUBSCRIBE' ? (message['params'] as string[]) : [],
    );
    expect(new Set(params).size).toBe(1_024);
    expect(sent.filter(({ message }) => message['method'] === 'UNSUBSCRIBE')).toHaveLength(1);
    for (const { at } of sent)
      expect(sent.filter((other) => other.at >= at && other.at < at + 1_000).length).toBeLessThanOrEqual(2);
  });

  it('says at subscribe that there is no room beyond 1024 streams, in ready() as well', async () => {
    const channels = Array.from({ length: 1_024 }, (_, index) => `coin:c${index}` as const);
    const { clock, stream, errors } = onFakes('ticker', ...channels);
    await clock.advance(60_000);
    const beyond = stream.subscribe('coin:btcusdt', () => undefined);
    await expect(beyond.ready()).rejects.toMatchObject({ code: 'TOO_MANY_SUBSCRIPTIONS' });
    expect(errors.map(({ code }) => code)).toEqual(['TOO_MANY_SUBSCRIPTIONS']);
  });

  it('gives a link up that answers no ping, and keeps a quiet one that does', async () => {
    const { clock, sockets } = onFakes('trade', 'coin:btcusdt');
    await clock.advance(hourMs);
    expect(sockets.all).toHaveLength(1);
    sockets.last.onSent = undefined;
    await clock.advance(25_000);
    expect(sockets.all.length).toBeGreaterThan(1);
  });

  it('says of an address of raw streams what is wrong with it', async () => {
    const { stream, server, errors } = await meet('ticker', {
      granted: (peer) => {
        for (let frame = 0; frame < 30; frame += 1) peer.send(documentedTicker.data);
      },
    });
    stream.subscribe('coin:bnbbtc', () => undefined);
    await until('the words', () => errors.length > 0);
    expect(errors[0]?.message).toContain('the address has to end in /stream');
    expect(server.peers.length).toBeGreaterThan(0);
  });

  it('survives nonsense and storms of errors on a real link', async () => {
    const { stream, server, errors } = await meet('ticker');
    const ticks: Tick[] = [];
    await stream.subscribe('coin:btcusdt', (tick) => ticks.push(tick)).ready();
    const nonsense = [
      'null',
      '[]',
      '7',
      '"ticker"',
      '{}',
      '{"stream":null}',
      '{"stream":"btcusdt@ticker","data":{}}',
      '{"result":{},"id":{}}',
    ];
    for (let round = 0; round < 3; round += 1) for (const frame of nonsense) server.last.send(frame);
    for (let round = 0; round < 500; round += 1) server.last.send({ error: { code: -1, msg: 'no' }, id: null });
    server.last.send(ticker(Date.UTC(2026, 0, 1), '5'));
    await until('the price', () => ticks.length === 1);
    expect(ticks[0]?.price).toBe(5);
    expect(errors.map(({ code }) => code)).toEqual(['INTERNAL']);
    expect(server.peers).toHaveLength(1);
  });
});

const frames = recordedFrames('binance-session.jsonl');
const quoted = ['aaveupusdt', 'gtobtc', 'onttry', 'perlbnb', 'busdtry', 'adarub', 'qspbtc'];
const traded = ['aaveupusdt', 'onttry', 'busdtry', 'qspbtc', 'veteth', 'swrvbusd'];
const all = [...new Set([...quoted, ...traded, 'steemeth'])];

describe.skipIf(frames === undefined)('a recorded session of Binance', () => {
  const recorded = (frames ?? []).map((text) => ({ text, frame: JSON.parse(text) as BinanceFrame }));

  it.each([
    ['book', 191, (data: BinanceBook) => data.b, () => undefined],
    ['trade', 24, (data: BinanceTrade) => data.p, ({ T }: BinanceTrade) => new Date(T).toISOString()],
    ['ticker', 0, () => '', () => undefined],
  ] as const)(
    'is told as %s price for price, and nothing else of it is a price',
    async (price, count, textOf, timeOf) => {
      const { stream, server, errors } = await meet(price, {
        granted: (peer) => {
          for (const { text } of recorded) peer.send(text);
        },
      });
      const ticks: Tick[] = [];
      stream.subscribe(
        all.map((symbol) => `coin:${symbol}` as const),
        (tick) => ticks.push(tick),
      );
      await until('all frames', () => stream.stats().messages === recorded.length + 1);
      const suffix = { book: '@bookTicker', trade: '@aggTrade', ticker: '@ticker' }[price];
      const told = recorded.filter(({ frame }) => frame.stream.endsWith(suffix));
      expect(told).toHaveLength(count);
      expect(ticks.map(({ source }) => JSON.stringify(source))).toEqual(told.map(({ text }) => text));
      for (const tick of ticks) {
        const { data } = tick.source as BinanceFrame;
        expect([tick.price, tick.timestamp]).toEqual([Number(textOf(data as never)), timeOf(data as never)]);
      }
      expect(stream.prices.get('coin:steemeth')).toBeUndefined();
      expect(stream.stats()).toMatchObject({
        gaps: 0,
        duplicates: 0,
        invalid: 0,
        unknown: recorded.length - count,
        unwanted: [],
      });
      expect(errors.map(({ message }) => message)).toEqual([]);
      expect(server.peers).toHaveLength(1);
    },
  );
});
