/** A source of made-up prices: a seeded random walk for each instrument. Everything it says is labelled `simulated`. */
import { coin, metal } from '@tickwire/protocol';
import { toIso, type Clock } from '../clock.js';
import type { Instrument, PriceSink, PriceSource, SourceTick } from './price-source.js';
import { chanceOf, startWalk, stepWalk, type Walk, type WalkSpec } from './price-walk.js';
import {
  coinCurrency,
  metalCurrency,
  metalUnit,
  simulatedInstruments,
  walkSpecOf,
  type SimulatedInstrument,
} from './simulated-instruments.js';

/** What the simulated source is made of. */
export interface SimulatedSourceOptions {
  readonly clock: Clock;
  /** Same seed, same prices. */
  readonly seed: number;
  readonly intervalMs: number;
  /** Typical move of one step, in percent. */
  readonly volatilityPercent: number;
  /** @default both */
  readonly kinds?: readonly ('coin' | 'metal')[];
}

const name = 'simulated';

/** A price becomes stale when three ticks were missed, and never before a minute. */
export function staleAfter(intervalMs: number): number {
  return Math.max(60_000, 3 * intervalMs);
}

/** The change since the day's open in percent, to four digits; 0 for an open of 0, where no percentage exists. */
function percentOf(walk: Walk): number {
  return walk.open === 0 ? 0 : Number((((walk.price - walk.open) / walk.open) * 100).toFixed(4));
}

/** What a walk says as a tick. */
export function tickOf(instrument: SimulatedInstrument, walk: Walk, now: number): SourceTick {
  const shared = { id: instrument.id, price: walk.price, source: name, timestamp: toIso(now) };
  if (instrument.kind === 'metal') {
    return {
      ...shared,
      kind: 'metal',
      change: Number((walk.price - walk.open).toPrecision(7)),
      changePercent: percentOf(walk),
      high: walk.high,
      low: walk.low,
      currency: metalCurrency,
      unit: metalUnit,
    };
  }
  return {
    ...shared,
    kind: 'coin',
    currency: coinCurrency,
    priceChange24h: percentOf(walk),
    high: walk.high,
    low: walk.low,
    ...(instrument.supply === undefined ? {} : { marketCap: Math.round(walk.price * instrument.supply) }),
    ...(instrument.volume24h === undefined ? {} : { volume24h: instrument.volume24h }),
  };
}

/** Makes the simulated source; nothing runs before `start`. */
export function createSimulatedSource(options: SimulatedSourceOptions): PriceSource {
  const { clock, intervalMs } = options;
  const kinds = options.kinds ?? ['coin', 'metal'];
  const chosen = simulatedInstruments.filter((instrument) => kinds.includes(instrument.kind));
  const walks = new Map<string, { instrument: SimulatedInstrument; spec: WalkSpec; walk: Walk }>();
  let cancel: (() => void) | undefined;
  let state: 'idle' | 'running' | 'stopped' = 'idle';
  let ticks = 0;
  let lastTickAt: number | undefined;

  function describe(instrument: SimulatedInstrument): Instrument {
    const { kind, id, aliases } = instrument;
    const shared = { kind, id, aliases, source: name, staleAfterMs: staleAfter(intervalMs) };
    return kind === 'metal'
      ? { ...shared, channel: metal(id), currency: metalCurrency, unit: metalUnit }
      : { ...shared, channel: coin(id), currency: coinCurrency };
  }

  function tell(sink: PriceSink): void {
    const now = clock.now();
    const batch: SourceTick[] = [];
    for (const entry of walks.values()) {
      entry.walk = stepWalk(entry.spec, entry.walk, clock.monotonic());
      batch.push(tickOf(entry.instrument, entry.walk, now));
    }
    ticks += batch.length;
    lastTickAt = now;
    sink.ticks(batch);
    cancel = clock.after(intervalMs, () => tell(sink));
  }

  return {
    name,
    start(sink) {
      if (state === 'running') return Promise.resolve();
      state = 'running';
      for (const instrument of chosen) {
        const spec = walkSpecOf(instrument, options.volatilityPercent);
        const walk = startWalk(spec, chanceOf(options.seed, instrument.id), clock.monotonic());
        walks.set(instrument.id, { instrument, spec, walk });
      }
      sink.instruments(chosen.map(describe));
      tell(sink);
      return Promise.resolve();
    },
    stop() {
      state = 'stopped';
      cancel?.();
      cancel = undefined;
      return Promise.resolve();
    },
    status: () => ({ name, state, ticks, ...(lastTickAt === undefined ? {} : { lastTickAt }) }),
  };
}
