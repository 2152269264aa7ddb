/** Frames of Binance, as it documents them. */
import type { BinanceBook, BinanceFrame, BinanceTicker, BinanceTrade } from '../../src/dialects/binance.js';

export const documentedTicker: BinanceFrame<BinanceTicker> = {
  stream: 'bnbbtc@ticker',
  data: {
    e: '24hrTicker',
    E: 1_672_515_782_136,
    s: 'BNBBTC',
    p: '0.0015',
    P: '250.00',
    w: '0.0018',
    x: '0.0009',
    c: '0.0025',
    Q: '10',
    b: '0.0024',
    B: '10',
    a: '0.0026',
    A: '100',
    o: '0.0010',
    h: '0.0025',
    l: '0.0010',
    v: '10000',
    q: '18',
    O: 0,
    C: 86_400_000,
    F: 0,
    L: 18_150,
    n: 18_151,
  },
};

export const documentedTrade: BinanceFrame<BinanceTrade> = {
  stream: 'bnbbtc@aggTrade',
  data: {
    e: 'aggTrade',
    E: 1_672_515_782_136,
    s: 'BNBBTC',
    a: 12_345,
    p: '0.001',
    q: '100',
    f: 100,
    l: 105,
    T: 1_672_515_782_130,
    m: true,
    M: true,
  },
};

export const documentedBook: BinanceFrame<BinanceBook> = {
  stream: 'bnbusdt@bookTicker',
  data: { u: 400_900_217, s: 'BNBUSDT', b: '25.35190000', B: '31.21000000', a: '25.36520000', A: '40.66000000' },
};

/** A trade of BTCUSDT, a second after the one before. */
export function trade(number: number, price = '1', more: Record<string, unknown> = {}): BinanceFrame<object> {
  const at = Date.UTC(2026, 0, 1) + number * 1_000;
  return {
    stream: 'btcusdt@aggTrade',
    data: { e: 'aggTrade', E: at, T: at, s: 'BTCUSDT', a: number, p: price, ...more },
  };
}

/** A ticker of BTCUSDT. */
export function ticker(at: number, price = '1', more: Record<string, unknown> = {}): BinanceFrame<object> {
  return { stream: 'btcusdt@ticker', data: { e: '24hrTicker', E: at, s: 'BTCUSDT', c: price, ...more } };
}
