import { FakeSockets } from '@tickwire/testing';
import { describe, expectTypeOf, it } from 'vitest';
import {
  binance,
  type BinanceBook,
  type BinanceFrame,
  type BinanceTicker,
  type BinanceTrade,
} from '../../src/dialects/binance.js';
import { coinbase, type CoinbaseTicker } from '../../src/dialects/coinbase.js';
import type { DialectSource } from '../../src/kernel/dialect.js';
import type { Subscription } from '../../src/kernel/handle.js';
import { PriceStream } from '../../src/kernel/stream.js';

describe('what the channels of an exchange deliver', () => {
  it('has the frame of its kind as its source', async () => {
    const { WebSocket } = new FakeSockets();
    const streams: { close(): Promise<void> }[] = [];
    const open = <Channels extends object>(dialect: DialectSource<Channels>): PriceStream<Channels> => {
      const stream = new PriceStream('wss://exchange.test', { dialect, WebSocket });
      streams.push(stream);
      return stream;
    };
    const trades = open(binance({ price: 'trade' })).subscribe('coin:x');
    const tickers = open(binance({ price: 'ticker' })).subscribe('coin:x');
    const books = open(binance({ price: 'book' })).subscribe('coin:x');
    const lasts = open(coinbase()).subscribe('coin:x');
    expectTypeOf(trades).toExtend<Subscription<{ source: BinanceFrame<BinanceTrade>; channel: `coin:${string}` }>>();
    expectTypeOf(tickers).toExtend<Subscription<{ source: BinanceFrame<BinanceTicker> }>>();
    expectTypeOf(books).toExtend<Subscription<{ source: BinanceFrame<BinanceBook> }>>();
    expectTypeOf(lasts).toExtend<Subscription<{ source: CoinbaseTicker }>>();
    // @ts-expect-error A metal is none of its channels.
    open(coinbase()).subscribe('metal:gold');
    for (const stream of streams) await stream.close();
  });
});
