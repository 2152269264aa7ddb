/** A price source whose ticks a test makes, one by one. */
import type {
  CoinTick,
  Instrument,
  MetalTick,
  PriceSink,
  PriceSource,
  SourceTick,
} from '../src/sources/price-source.js';

export interface ManualSource extends PriceSource {
  tell(...ticks: SourceTick[]): void;
}

const time = '2026-01-01T00:00:00.000Z';

export function coinTick(id: string, price: number | string, more: Partial<CoinTick> = {}): CoinTick {
  return { kind: 'coin', id, price, currency: 'USD', source: 'manual', timestamp: time, ...more };
}

export function metalTick(id: string, price: number, more: Partial<MetalTick> = {}): MetalTick {
  const fixed = { change: 1, changePercent: 0.1, high: price, low: price, currency: 'INR', unit: 'gram' };
  return { kind: 'metal', id, price, source: 'manual', timestamp: time, ...fixed, ...more };
}

const shared = { source: 'manual', staleAfterMs: 60_000 };
const instruments: readonly Instrument[] = [
  { ...shared, kind: 'coin', id: 'bitcoin', channel: 'coin:bitcoin', aliases: ['BTC', 1], currency: 'USD' },
  { ...shared, kind: 'coin', id: 'dogecoin', channel: 'coin:dogecoin', aliases: ['DOGE'], currency: 'USD' },
  { ...shared, kind: 'metal', id: 'gold', channel: 'metal:gold', aliases: ['XAU'], currency: 'INR', unit: 'gram' },
  { ...shared, kind: 'metal', id: 'silver', channel: 'metal:silver', aliases: ['XAG'], currency: 'INR', unit: 'gram' },
];

export function createManualSource(): ManualSource {
  let sink: PriceSink | undefined;
  let ticks = 0;
  return {
    name: 'manual',
    start(given) {
      sink = given;
      given.instruments(instruments);
      return Promise.resolve();
    },
    stop() {
      sink = undefined;
      return Promise.resolve();
    },
    status: () => ({ name: 'manual', state: sink === undefined ? 'idle' : 'running', ticks }),
    tell(...told) {
      ticks += told.length;
      sink?.ticks(told);
    },
  };
}
