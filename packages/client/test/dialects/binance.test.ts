import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { binance, type BinancePrice } from '../../src/dialects/binance.js';
import { documentedBook, documentedTicker, documentedTrade, ticker, trade } from './binance-frames.js';
import { onLink } from './recording-link.js';

const prices = ['ticker', 'trade', 'book'] as const;

/** A dialect on a link that follows all that the documentation speaks of. */
function follow(price: BinancePrice, ...channels: string[]) {
  return onLink(binance({ price }), ['coin:bnbbtc', 'coin:bnbusdt', 'coin:btcusdt', ...channels]);
}

describe('the price of a symbol of Binance', () => {
  it('is the last price of its 24 hours, with their change and volume', () => {
    const { link } = follow('ticker');
    expect(link.read(documentedTicker)).toBeUndefined();
    expect(link.prices).toEqual([
      {
        quote: {
          channel: 'coin:bnbbtc',
          id: 'bnbbtc',
          price: 0.0025,
          change: 0.0015,
          changePercent: 250,
          high: 0.0025,
          low: 0.001,
          volume24h: 18,
          timestamp: '2022-12-31T19:43:02.136Z',
        },
        source: documentedTicker,
        seq: undefined,
      },
    ]);
  });

  it('is that of each trade, with the number and the time of the trade', () => {
    const { link } = follow('trade');
    link.read(documentedTrade);
    expect(link.prices).toEqual([
      {
        quote: { channel: 'coin:bnbbtc', id: 'bnbbtc', price: 0.001, timestamp: '2022-12-31T19:43:02.130Z' },
        source: documentedTrade,
        seq: 12_345,
      },
    ]);
  });

  it('is the best bid, which has no time, and none is invented', () => {
    const { link } = follow('book');
    link.read(documentedBook);
    expect(link.prices).toEqual([
      {
        quote: { channel: 'coin:bnbusdt', id: 'bnbusdt', price: 25.3519, timestamp: undefined },
        source: documentedBook,
        seq: 400_900_217,
      },
    ]);
  });

  it.each([
    ['0.00000123', 1.23e-6],
    ['0.00000162', 0.00000162],
    ['106.09000000', 106.09],
    ['69420.12345678', 69_420.12345678],
  ])('of %s is the exact number that it is', (price, number) => {
    const { link } = follow('trade');
    link.read(trade(1, price));
    expect(link.prices[0]?.quote.price).toBe(number);
  });

  it('is none where it has never been traded, or nobody bids', () => {
    for (const [price, frame] of [
      ['ticker', ticker(1, '0.00000000')],
      ['book', { ...documentedBook, data: { ...documentedBook.data, b: '0.00000000' } }],
    ] as const) {
      const { link } = follow(price);
      expect([link.read(frame), link.prices, link.unknowns]).toEqual([undefined, [], []]);
    }
  });

  it('has its time in ms where the address asks for µs', () => {
    const { link } = follow('ticker');
    link.read(ticker(1_672_515_782_136_123));
    expect(link.prices[0]?.quote.timestamp).toBe('2022-12-31T19:43:02.136Z');
  });

  it('claims no figure that is none', () => {
    const { link } = follow('ticker');
    link.read(ticker(1_672_515_782_136, '5', { p: 1, P: 'NaN', h: null, l: '1e5', q: ['1'] }));
    expect(Object.keys(link.prices[0]?.quote ?? {})).toEqual(['channel', 'id', 'price', 'timestamp']);
  });

  it('goes to each channel that stands for its stream, however that is written', () => {
    const { link } = follow('trade', 'coin:BTCUSDT');
    link.read(trade(1));
    expect(link.prices.map(({ quote }) => quote.channel)).toEqual(['coin:btcusdt', 'coin:BTCUSDT']);
  });

  it.each([
    ['ticker', 'e', '24hrMiniTicker'],
    ['ticker', 'e', undefined],
    ['ticker', 's', 'ETHUSDT'],
    ['ticker', 's', { toString: 1 }],
    ['ticker', 'c', 5],
    ['ticker', 'c', ''],
    ['ticker', 'c', '-1'],
    ['ticker', 'c', '1e5'],
    ['ticker', 'c', `1.${'5'.repeat(70_000)}`],
    ['ticker', 'c', null],
    ['ticker', 'E', '1672515782136'],
    ['ticker', 'E', -1],
    ['ticker', 'E', 1e300],
    ['trade', 'p', ['5']],
    ['trade', 'a', '12345'],
    ['trade', 'a', 2 ** 60],
    ['trade', 'T', null],
    ['book', 'e', 'depthUpdate'],
    ['book', 'b', [['0.0024', '10']]],
    ['book', 'u', 0.5],
  ] as const)('in a %s whose %s is %j is none, and that is said', (price, key, value) => {
    const { link } = follow(price);
    const frame = { ticker: documentedTicker, trade: documentedTrade, book: documentedBook }[price];
    expect(link.read({ ...frame, data: { ...frame.data, [key]: value } })).toMatchObject({ path: `data.${key}` });
    expect(link.prices).toEqual([]);
  });

  it('does not go back in time, and comes once, while two links bring it', () => {
    const { link, host } = follow('ticker');
    for (const [at, price] of [
      [1_000, '1'],
      [2_000, '2'],
      [1_000, '1'],
      [2_000, '2'],
      [3_000, '3'],
    ] as const)
      link.read(ticker(at, price));
    expect(link.prices.map(({ quote }) => quote.price)).toEqual([1, 2, 3]);
    expect(host.counters.gaps).toBe(0);
  });

  it.each([
    ['to the next', [1, 2, 3], 3, 0],
    ['over four', [1, 6], 2, 4],
    ['back', [5, 6, 4, 5, 6, 7], 3, 0],
    ['of more trades than there can be', [1, 2 ** 53 - 1, 3, 4], 4, 0],
  ])('F34: where the count of trades goes %s, what can have been missed is counted', (_case, numbers, told, missed) => {
    const { link, host } = follow('trade');
    for (const number of numbers) link.read(trade(number, '1', { T: number > 1e9 ? 1 : number }));
    expect(link.prices).toHaveLength(told);
    expect(host.counters.gaps).toBe(missed);
  });

  it('that nobody followed for a while has missed nothing', () => {
    const { link, host, dialect } = follow('trade');
    link.read(trade(1));
    host.channels.delete('coin:btcusdt');
    dialect.released?.('coin:btcusdt');
    link.read(trade(50));
    host.channels.add('coin:btcusdt');
    link.read(trade(100));
    expect(host.counters.gaps).toBe(0);
  });
});

describe('what else Binance sends', () => {
  const streams = [
    { stream: 'bnbbtc@kline_1m', data: { e: 'kline', E: 1, s: 'BNBBTC', k: { c: '0.0020', h: '1', l: '1' } } },
    { stream: 'bnbbtc@depth@100ms', data: { e: 'depthUpdate', E: 1, s: 'BNBBTC', U: 1, u: 2, b: [['1', '2']], a: [] } },
    { stream: 'bnbbtc@depth5', data: { lastUpdateId: 160, bids: [['0.0024', '10']], asks: [] } },
    { stream: 'bnbbtc@miniTicker', data: { e: '24hrMiniTicker', E: 1, s: 'BNBBTC', c: '0.0025' } },
    { stream: 'bnbbtc@ticker_1h', data: { e: '1hTicker', E: 1, s: 'BNBBTC', c: '0.0025' } },
    { stream: 'bnbbtc@avgPrice', data: { e: 'avgPrice', E: 1, s: 'BNBBTC', w: '25776.86' } },
    { stream: '!ticker@arr', data: [documentedTicker.data] },
    { stream: 'bnbbtc@ticker' },
    { stream: 7, data: {} },
    {},
    [],
  ];
  it.each(prices.flatMap((price) => streams.map((frame) => [price, frame] as const)))(
    'is no %s price: %j',
    (price, frame) => {
      const { link } = follow(price);
      expect(link.read(frame)).toBeUndefined();
      expect([link.prices, link.unknowns]).toEqual([[], [frame]]);
    },
  );

  it('is no price where it is that of another kind', () => {
    for (const price of prices) {
      const { link } = follow(price);
      for (const frame of [documentedTicker, documentedTrade, documentedBook]) link.read(frame);
      expect([link.prices.length, link.unknowns.length]).toEqual([1, 2]);
    }
  });

  it('in raw streams is said to need another address', () => {
    for (const { data } of [documentedTicker, documentedTrade, documentedBook])
      expect(follow('ticker').link.read(data)).toMatchObject({ reason: expect.stringContaining('/stream') as string });
  });

  it('before it shuts down moves the stream, within five seconds', () => {
    const { link, host } = follow('ticker');
    host.chance = 0.5;
    link.read({ stream: '!serverShutdown', data: { e: 'serverShutdown', E: 1_770_123_456_789 } });
    expect(link.moves).toEqual([[2_500, 600_000]]);
  });

  it.each(prices)('never makes it throw, and gives no price but its own: %s', (price) => {
    const { link, host } = follow(price);
    const documented = { ticker: documentedTicker, trade: documentedTrade, book: documentedBook }[price];
    const key = { ticker: 'c', trade: 'p', book: 'b' }[price];
    const odd = fc.oneof(
      fc.jsonValue(),
      fc.constantFrom('1e400', '-0', '9'.repeat(400), 2 ** 70, 1e300, { toString: 1 }),
    );
    const frames = fc.oneof(
      fc.jsonValue(),
      fc.dictionary(fc.constantFrom('stream', 'data', 'id', 'result', 'error', 'code', 'msg', 'e', 'u'), odd),
      fc
        .dictionary(fc.constantFrom(...Object.keys(documented.data)), odd)
        .map((changed) => ({ ...documented, data: { ...documented.data, ...changed } })),
    );
    fc.assert(
      fc.property(frames, (frame) => {
        link.prices.length = 0;
        link.ask();
        link.read(frame);
        for (const { quote } of link.prices) {
          expect(quote.price).toBe(Number((frame as { data: Record<string, unknown> }).data[key]));
          expect(Number.isFinite(quote.price) && quote.price > 0).toBe(true);
        }
      }),
      { numRuns: 1_000 },
    );
    expect(host.reported.every(({ message }) => message.length < 500)).toBe(true);
  });
});
