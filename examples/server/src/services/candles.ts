/** Prices of the last day as candles: bounded for each channel, in memory, and gone with the process. Pure. */

/** When it begins (epoch seconds), then open, high, low and close. */
export type Candle = readonly [time: number, open: number, high: number, low: number, close: number];

/** How many candles are kept of each interval, in seconds: a quarter of an hour, six hours, a day. */
const keptOf: ReadonlyMap<number, number> = new Map([
  [5, 180],
  [60, 360],
  [900, 96],
]);
/** The intervals that there are, in seconds. */
export const candleIntervals: readonly number[] = [...keptOf.keys()];

const width = 5;

/** The last candles of one interval. */
class CandleRing {
  readonly #seconds: number;
  readonly #kept: number;
  readonly #values: Float64Array;
  /** Candles so far; the newest is the one before. */
  #count = 0;

  constructor(seconds: number, kept: number) {
    this.#seconds = seconds;
    this.#kept = kept;
    this.#values = new Float64Array(kept * width);
  }

  /** Takes in a price; a time from before the newest candle, as a clock that was set back gives it, counts into that. */
  note(price: number, at: number): void {
    const time = Math.floor(at / 1_000 / this.#seconds) * this.#seconds;
    const values = this.#values;
    const newest = this.#offsetOf(this.#count - 1);
    if (this.#count === 0 || time > (values[newest] ?? 0)) {
      values.set([time, price, price, price, price], this.#offsetOf(this.#count));
      this.#count += 1;
      return;
    }
    values[newest + 2] = Math.max(values[newest + 2] ?? price, price);
    values[newest + 3] = Math.min(values[newest + 3] ?? price, price);
    values[newest + 4] = price;
  }

  /** The newest candles, the oldest of them first. */
  last(limit: number): Candle[] {
    const candles: Candle[] = [];
    const first = Math.max(0, this.#count - Math.min(limit, this.#kept));
    for (let index = first; index < this.#count; index += 1) {
      const [time = 0, open = 0, high = 0, low = 0, close = 0] = this.#values.subarray(this.#offsetOf(index));
      candles.push([time, open, high, low, close]);
    }
    return candles;
  }

  #offsetOf(index: number): number {
    return (Math.max(0, index) % this.#kept) * width;
  }
}

/** The candles of all channels. */
export class CandleBook {
  readonly #maxChannels: number;
  readonly #rings = new Map<string, ReadonlyMap<number, CandleRing>>();

  /** @param options `maxChannels`: those beyond it have no candles */
  constructor({ maxChannels }: { readonly maxChannels: number }) {
    this.#maxChannels = maxChannels;
  }

  /** Takes in a price that was told at this time, epoch ms. */
  note(channel: string, price: number, at: number): void {
    const rings = this.#rings.get(channel) ?? this.#begin(channel);
    for (const ring of rings?.values() ?? []) ring.note(price, at);
  }

  /** The newest candles of a channel, the oldest of them first; none where nothing is known. */
  of(channel: string, seconds: number, limit = Infinity): Candle[] {
    return this.#rings.get(channel)?.get(seconds)?.last(limit) ?? [];
  }

  #begin(channel: string): ReadonlyMap<number, CandleRing> | undefined {
    if (this.#rings.size >= this.#maxChannels) return undefined;
    const rings = new Map(Array.from(keptOf, ([seconds, kept]) => [seconds, new CandleRing(seconds, kept)]));
    this.#rings.set(channel, rings);
    return rings;
  }
}
