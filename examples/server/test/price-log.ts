/** What a source tells, kept in order for a test. */
import type { Instrument, PriceSink, SourceTick } from '../src/sources/price-source.js';

export interface PriceLog extends PriceSink {
  readonly known: Instrument[];
  readonly told: SourceTick[];
  /** `id price`, with a `~` before those that are stale. */
  readonly lines: string[];
}

export function createPriceLog(): PriceLog {
  const known: Instrument[] = [];
  const told: SourceTick[] = [];
  return {
    known,
    told,
    get lines() {
      return told.map(({ id, price, stale }) => `${stale ? '~' : ''}${id} ${price}`);
    },
    instruments: (instruments) => void known.push(...instruments),
    ticks: (ticks) => void told.push(...ticks),
  };
}

/** Waits until something holds. */
export async function until(what: string, holds: () => boolean, patienceMs = 60_000): Promise<void> {
  const end = performance.now() + patienceMs;
  while (!holds()) {
    if (performance.now() > end) throw new Error(`Waited in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
