import { describe, expect, it } from 'vitest';
import { binance, type BinancePrice } from '../../src/dialects/binance.js';
import { onLink } from './recording-link.js';

const hourMs = 3_600_000;

/** A dialect on a link that follows one symbol. */
const follow = (price: BinancePrice) => onLink(binance({ price }), ['coin:btcusdt']);

describe('a subscription at Binance', () => {
  it.each([
    ['ticker', 'coin:btcusdt', 'btcusdt@ticker'],
    ['ticker', 'coin:BTCUSDT', 'btcusdt@ticker'],
    ['trade', 'coin:1000sats_usdt', '1000sats_usdt@aggTrade'],
    ['book', 'coin:币安人生usdt', '币安人生usdt@bookTicker'],
    ['ticker', 'coin:', undefined],
    ['ticker', 'coin:btc usdt', undefined],
    ['ticker', 'coin:btcusdt@depth', undefined],
    ['ticker', 'coin:!miniticker', undefined],
    ['ticker', `coin:${'a'.repeat(21)}`, undefined],
    ['ticker', 'metal:gold', undefined],
  ] as const)('of a %s of %s is one of %s', (price, channel, stream) => {
    expect(onLink(binance({ price })).dialect.carry(channel)).toBe(stream);
  });

  it('of a symbol that is not among those that there are is refused, where they are known', () => {
    const { dialect } = onLink(binance({ price: 'ticker', symbols: ['BTCUSDT'] }));
    expect(['coin:btcusdt', 'coin:btcusd'].map((channel) => dialect.carry(channel))).toEqual([
      'btcusdt@ticker',
      undefined,
    ]);
  });

  it('is one list, confirmed by the number of the request', () => {
    const { link } = onLink(binance({ price: 'ticker' }), ['coin:btcusdt', 'coin:ethusdt']);
    expect(link.ask()).toEqual({ method: 'SUBSCRIBE', params: ['btcusdt@ticker', 'ethusdt@ticker'], id: 'r1' });
    link.read({ result: null, id: 'r7' });
    expect(link.stands).toEqual({ 'btcusdt@ticker': 'asked', 'ethusdt@ticker': 'asked' });
    link.read({ result: null, id: 'r1' });
    expect(link.stands).toEqual({ 'btcusdt@ticker': 'confirmed', 'ethusdt@ticker': 'confirmed' });
    expect(link.ask(['btcusdt@ticker'])).toEqual({ method: 'UNSUBSCRIBE', params: ['btcusdt@ticker'], id: 'r2' });
  });

  it('names a hundred streams in a frame, and no frame is longer than 4 KiB', () => {
    const channels = Array.from({ length: 150 }, (_, index) => `coin:${String(index).padStart(20, 'x')}`);
    const { link } = onLink(binance({ price: 'book' }), channels);
    const frames = [link.ask(), link.ask(), link.ask()] as ({ params: string[] } | undefined)[];
    expect(frames.map((frame) => frame?.params.length)).toEqual([100, 50, undefined]);
    expect(JSON.stringify(frames[0]).length).toBeLessThan(4_096);
  });

  it('beyond 1024 streams is refused at once, with what to do, and stands once there is room', () => {
    const channels = Array.from({ length: 1_030 }, (_, index) => `coin:c${index}`);
    const { link, host } = onLink(binance({ price: 'ticker' }), channels);
    link.ask();
    const refused = () => Object.values(link.stands).filter((status) => status === 'refused').length;
    expect(refused()).toBe(6);
    expect(host.reported).toMatchObject([
      {
        code: 'TOO_MANY_SUBSCRIPTIONS',
        retryable: false,
        message:
          'A connection to Binance takes 1024 streams: there is no room for c1024, c1025, c1026 (6 in all). Let others go, or open a second PriceStream for them.',
      },
    ]);
    while (link.ask() !== undefined);
    expect([link.standing.size, refused(), host.reported.length]).toEqual([1_030, 6, 1]);
    host.channels.delete('coin:c0');
    host.channels.delete('coin:c1');
    expect(link.ask(['c0@ticker', 'c1@ticker'])).toMatchObject({ method: 'UNSUBSCRIBE' });
    expect(link.ask()).toMatchObject({ method: 'SUBSCRIBE', params: ['c1024@ticker', 'c1025@ticker'] });
    expect(refused()).toBe(4);
  });

  it.each([
    { error: { code: 2, msg: 'Invalid request: invalid stream' }, id: 'r1' },
    { code: 2, msg: 'Invalid request: invalid stream', id: 'r1' },
  ])('that is refused is refused for good, with the words of the exchange: %j', (answer) => {
    const { link, host } = onLink(binance({ price: 'ticker' }), ['coin:nope']);
    link.ask();
    link.read(answer);
    expect(link.stands).toEqual({ 'nope@ticker': 'refused' });
    expect(host.reported).toMatchObject([
      { code: 'UNKNOWN_CHANNEL', message: 'The exchange says: Invalid request: invalid stream. Check the symbol.' },
    ]);
  });

  it('finds out with shorter lists which stream is refused', () => {
    const symbols = Array.from({ length: 16 }, (_, index) => `c${index}`);
    const { link, host } = onLink(
      binance({ price: 'ticker' }),
      symbols.map((symbol) => `coin:${symbol}`),
    );
    for (let frame = link.ask(); frame !== undefined; frame = link.ask()) {
      const { params, id } = frame as { params: string[]; id: string };
      link.read(params.includes('c5@ticker') ? { error: { code: 2, msg: 'no' }, id } : { result: null, id });
    }
    expect(link.stands).toEqual(
      Object.fromEntries(symbols.map((symbol) => [`${symbol}@ticker`, symbol === 'c5' ? 'refused' : 'confirmed'])),
    );
    expect(host.reported).toHaveLength(1);
  });

  it('a storm of the same error is told once', () => {
    const { link, host } = follow('ticker');
    for (let error = 0; error < 1_000; error += 1) link.read({ error: { code: 3, msg: 'Invalid JSON' }, id: null });
    link.read({ error: { code: 3, msg: { toString: 1 } } });
    expect(host.reported.map(({ code, message }) => [code, message])).toEqual([
      ['INTERNAL', 'The exchange says: Invalid JSON.'],
      ['INTERNAL', 'The exchange says: an error.'],
    ]);
  });

  it('takes no other kind of price', () => {
    for (const price of ['last', 'toString', undefined])
      expect(() => binance({ price: price as 'ticker' })).toThrow("price must be 'ticker', 'trade' or 'book'");
  });
});

describe('a connection to Binance', () => {
  it('is asked for a property where it is silent, and the answer counts as one', () => {
    const { link, dialect } = follow('ticker');
    expect(dialect.ping?.('r5', link)).toEqual({ method: 'GET_PROPERTY', params: ['combined'], id: 'r5' });
    link.read({ result: true, id: 'r5' });
    expect(link.pongs).toEqual(['r5']);
  });

  it.each([
    [0, 23 * hourMs + 50 * 60_000],
    [0.999_999, 23 * hourMs + 30 * 60_000],
  ])('is moved before its 24 hours are over, each client at another time: %d', async (chance, dueMs) => {
    const { link, host, dialect } = follow('ticker');
    host.chance = chance;
    dialect.opened?.(link);
    await host.clock.advance(dueMs - 1_000);
    expect(link.moves).toEqual([]);
    await host.clock.advance(2_000);
    expect(link.moves).toEqual([[0, 600_000]]);
  });

  it('leaves no timer when it is lost, and that of its successor when it has been moved', () => {
    const { link, host, dialect } = follow('ticker');
    dialect.opened?.(link);
    dialect.lost?.(link);
    expect(host.clock.pending).toBe(1);
    host.link = undefined;
    dialect.lost?.(link);
    expect(host.clock.pending).toBe(0);
  });

  it.each([
    [1000, 'retry', undefined],
    [1008, 'retry', 60_000],
    [1006, undefined, undefined],
  ])('that is closed with %d is made again', (code, action, minDelayMs) => {
    const { link, dialect } = follow('ticker');
    const verdict = dialect.closed?.(code, 'Too many requests', link);
    expect([verdict?.action, verdict?.minDelayMs]).toEqual([action, minDelayMs]);
  });
});
