import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { coinbase, type CoinbaseTicker } from '../../src/dialects/coinbase.js';
import { ticker } from './coinbase-frames.js';
import { onLink } from './recording-link.js';

/** As the exchange documents it. */
const documented: CoinbaseTicker = {
  type: 'ticker',
  sequence: 37_475_248_783,
  product_id: 'ETH-USD',
  price: '1285.22',
  open_24h: '1310.79',
  volume_24h: '245532.79269678',
  low_24h: '1280.52',
  high_24h: '1313.8',
  volume_30d: '9788783.60117027',
  best_bid: '1285.04',
  best_bid_size: '0.46688654',
  best_ask: '1285.27',
  best_ask_size: '1.56637040',
  side: 'buy',
  time: '2022-10-19T23:28:22.061769Z',
  trade_id: 370_843_401,
  last_size: '11.4396987',
};

describe('a ticker of Coinbase Exchange', () => {
  it('is told with its digits, its own time and the change since 24 hours ago', () => {
    const { link } = onLink(coinbase(), ['coin:eth-usd']);
    expect(link.read(documented)).toBeUndefined();
    expect(link.prices).toEqual([
      {
        quote: {
          channel: 'coin:eth-usd',
          id: 'eth-usd',
          price: 1285.22,
          change: -25.57,
          changePercent: -1.9507,
          high: 1313.8,
          low: 1280.52,
          volume24h: 315_563_655.83,
          currency: 'USD',
          timestamp: '2022-10-19T23:28:22.061769Z',
        },
        source: documented,
        seq: 370_843_401,
      },
    ]);
  });

  it.each([
    ['0.00000123', 1.23e-6],
    ['0.00001303', 0.00001303],
    ['69420.123456789', 69_420.123456789],
    ['1', 1],
  ])('has %s as the exact number that it is', (price, number) => {
    const { link } = onLink(coinbase(), ['coin:btc-usd']);
    link.read(ticker(1, price));
    expect(link.prices[0]?.quote.price).toBe(number);
  });

  it('claims no figure that it does not give, and no time', () => {
    const { link } = onLink(coinbase(), ['coin:btc-usd']);
    link.read({
      type: 'ticker',
      product_id: 'BTC-USD',
      price: '5',
      open_24h: '0',
      high_24h: 'NaN',
      low_24h: 4,
      volume_24h: '',
    });
    expect(link.prices.map(({ quote, seq }) => [quote, seq])).toEqual([
      [{ channel: 'coin:btc-usd', id: 'btc-usd', price: 5, currency: 'USD', timestamp: undefined }, undefined],
    ]);
  });

  it('goes to each channel that stands for its product, however that is written', () => {
    const { link } = onLink(coinbase(), ['coin:btc-usd', 'coin:BTC-USD']);
    link.read(ticker(1));
    expect(link.prices.map(({ quote }) => quote.channel)).toEqual(['coin:btc-usd', 'coin:BTC-USD']);
  });

  it.each([
    ['product_id', 'BTCUSD'],
    ['product_id', { toString: 1 }],
    ['product_id', undefined],
    ['price', 5],
    ['price', ''],
    ['price', '0'],
    ['price', '-1'],
    ['price', '1e5'],
    ['price', 'NaN'],
    ['price', '0x10'],
    ['price', ' 5'],
    ['price', '1,000'],
    ['price', `1.${'5'.repeat(70_000)}`],
    ['price', ['5']],
    ['price', null],
    ['time', 1_767_225_600],
    ['time', '1'],
    ['time', 'soon'],
    ['time', `2026-01-01T00:00:00.${'0'.repeat(70_000)}Z`],
  ])('whose %s is %j brings no price and is said to be at fault', (path, value) => {
    const { link } = onLink(coinbase(), ['coin:btc-usd']);
    expect(link.read(ticker(1, '5', { [path]: value }))).toMatchObject({ path });
    expect(link.prices).toEqual([]);
  });

  it('that comes late is not told; one that is repeated is, for it confirms the price', () => {
    const { link, host } = onLink(coinbase(), ['coin:btc-usd']);
    for (const frame of [ticker(2, '2'), ticker(1, '1'), ticker(2, '2'), ticker(3, '3')]) link.read(frame);
    expect(link.prices.map(({ quote }) => quote.price)).toEqual([2, 2, 3]);
    expect(host.counters).toMatchObject({ duplicates: 1, gaps: 0 });
  });

  it.each([
    ['to the next', [1, 2, 3], 0],
    ['over four', [1, 6], 4],
    ['back, in a count that began anew', [900, 3, 4], 0],
    ['of more trades than there can be', [1, 2 ** 53 - 1, 3, 4], 0],
    ['beyond all whole numbers', [1, 2 ** 60, 2], 0],
    ['to no whole number', [1, 7.5, 2], 0],
    ['below 0', [1, -5, 2], 0],
    ['of as many as there may be', [1, 9_000], 8_998],
  ])('F34: whose count goes %s is told, and what can have been missed is counted', (_case, trades, missed) => {
    const { link, host } = onLink(coinbase(), ['coin:btc-usd']);
    for (const [index, trade] of trades.entries()) link.read(ticker(index, String(index + 1), { trade_id: trade }));
    expect(link.prices.map(({ quote }) => quote.price)).toEqual(trades.map((_trade, index) => index + 1));
    expect(host.counters.gaps).toBe(missed);
  });

  it('F34: counts what a long pause left out, and nothing of a product that nobody followed meanwhile', async () => {
    const { link, host, dialect } = onLink(coinbase(), ['coin:btc-usd']);
    link.read(ticker(1));
    await host.clock.advance(600_000);
    link.read(ticker(500_002));
    expect(host.counters.gaps).toBe(500_000);
    host.channels.clear();
    dialect.released?.('coin:btc-usd');
    link.read(ticker(500_100));
    host.channels.add('coin:btc-usd');
    link.read(ticker(500_200));
    expect(host.counters.gaps).toBe(500_000);
  });

  it('of a product that nobody asked for is handed on for the stream to say so', () => {
    const { link } = onLink(coinbase());
    link.read(ticker(1));
    expect(link.prices[0]?.quote.channel).toBe('coin:btc-usd');
  });
});

describe('what else Coinbase Exchange sends', () => {
  it('a beat says where the product stands, and is no price', () => {
    const { link } = onLink(coinbase(), ['coin:btc-usd']);
    const beat = { type: 'heartbeat', sequence: 90, product_id: 'BTC-USD', time: '2014-11-07T08:19:28.464459Z' };
    for (const last_trade_id of [20, '20', -1, undefined])
      expect(link.read({ ...beat, last_trade_id })).toBeUndefined();
    expect([link.heads, link.prices, link.unknowns]).toEqual([[['coin:btc-usd', 20]], [], []]);
  });

  it.each([
    {
      type: 'l2update',
      product_id: 'BTC-USD',
      changes: [['buy', '22356.270000', '0.00000000']],
      time: '2022-08-04T15:25:05.010758Z',
    },
    { type: 'snapshot', product_id: 'BTC-USD', bids: [['10101.10', '0.45054140']], asks: [['10102.55', '0.57753524']] },
    {
      type: 'match',
      trade_id: 10,
      product_id: 'BTC-USD',
      size: '5.23512',
      price: '400.23',
      side: 'sell',
      time: '2014-11-07T08:19:27.028459Z',
    },
    {
      type: 'last_match',
      trade_id: 10,
      product_id: 'BTC-USD',
      size: '5.23512',
      price: '400.23',
      side: 'sell',
      time: '2014-11-07T08:19:27.028459Z',
    },
    { type: 'received', product_id: 'BTC-USD', price: '502.1', sequence: 10 },
    { type: 'status', products: [{ id: 'BTC-USD', min_market_funds: '10' }], currencies: [] },
    { type: 'auction', product_id: 'BTC-USD', auction_state: 'collection', open_price: '10' },
    { type: 'ticker_batch', product_id: 'BTC-USD', price: '5' },
    { product_id: 'BTC-USD', price: '5' },
    { type: 7 },
    [],
  ])('is no price: %j', (frame) => {
    const { link } = onLink(coinbase(), ['coin:btc-usd']);
    expect(link.read(frame)).toBeUndefined();
    expect([link.prices, link.unknowns]).toEqual([[], [frame]]);
  });

  it('never makes it throw, and gives no price but that of a ticker, whatever it is', () => {
    const { link, host } = onLink(coinbase(), ['coin:btc-usd', 'coin:eth-usd']);
    const odd = fc.oneof(
      fc.jsonValue(),
      fc.constantFrom('ETH-USD', '1e400', '-0', '9'.repeat(400), 2 ** 70, { toString: 1 }),
    );
    const frames = fc.oneof(
      fc.jsonValue(),
      fc.dictionary(fc.constantFrom('type', 'channels', 'product_id', 'message', 'reason', 'last_trade_id'), odd),
      fc
        .tuple(
          fc.constantFrom('ticker', 'heartbeat', 'subscriptions', 'error'),
          fc.dictionary(fc.constantFrom(...Object.keys(documented), 'channels', 'message', 'reason'), odd),
        )
        .map(([type, changed]) => ({ ...documented, ...changed, type })),
    );
    fc.assert(
      fc.property(frames, (frame) => {
        link.prices.length = 0;
        link.ask();
        link.read(frame);
        for (const { quote } of link.prices) {
          expect(quote.price).toBe(Number((frame as CoinbaseTicker).price));
          expect(Number.isFinite(quote.price) && quote.price > 0).toBe(true);
        }
      }),
      { numRuns: 2_000 },
    );
    expect(host.reported.every(({ message }) => message.length < 500)).toBe(true);
  });
});
