/** A source of made-up prices: a seeded random walk for each instrument. Everything it says is labelled `simulated`. */
import { coin, metal, type Channel } from '@tickwire/protocol';
import { toIso, type Clock } from '../clock.js';
import type { Instrument, PriceSink, PriceSource, SourceTick } from './price-source.js';
import { chanceOf, startWalk, stepWalk, type Walk, type WalkSpec } from './price-walk.js';
import {
  coinCurrency,
  metalCurrency,
  metalUnit,
  instrumentsOf,
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
  /** How many there are, made-up ones among them. @default those that the simulation has */
  readonly instruments?: number;
  /** Whether prices have walked for a day already when the source starts. @default false */
  readonly hasPast?: boolean;
}

const name = 'simulated';

const hourMs = 3_600_000;
const pastMs = 24 * hourMs;
/** So old is the first hour when the walk begins: no stride ends where an hour does, whatever is rounded. */
const firstHourMs = 1_801_234;
/** Several steps in each of the candles that are kept that far back. */
const strides = [
  { fromMs: pastMs, toMs: 6 * hourMs, strideMs: 60_000 },
  { fromMs: 6 * hourMs, toMs: hourMs / 4, strideMs: 15_000 },
  { fromMs: hourMs / 4, toMs: 0, strideMs: 2_000 },
];

/** A price becomes stale when three ticks were missed, and never before a minute. */
export function staleAfter(intervalMs: number): number {
  return Math.max(60_000, 3 * intervalMs);
}

/** The change of 24 hours in percent, to four digits; 0 for an open of 0, where no percentage exists. */
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
  const chosen = instrumentsOf(options.instruments ?? 0).filter((instrument) => kinds.includes(instrument.kind));
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

  /** Walks the day before the start in strides, longer ones the longer ago. */
  function walkPast(spec: WalkSpec, chance: number, sink: PriceSink, channel: Channel): Walk {
    const [now, at] = [clock.monotonic(), clock.now()];
    let walk = startWalk(spec, chance, now - pastMs - firstHourMs);
    for (const { fromMs, toMs, strideMs } of strides) {
      for (let ago = fromMs; ago > toMs; ago -= strideMs) {
        walk = stepWalk(spec, walk, now - ago, strideMs / intervalMs);
        sink.past?.(channel, walk.price, at - ago);
      }
    }
    return walk;
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
        const chance = chanceOf(options.seed, instrument.id);
        const walk = options.hasPast
          ? walkPast(spec, chance, sink, describe(instrument).channel)
          : startWalk(spec, chance, clock.monotonic());
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
