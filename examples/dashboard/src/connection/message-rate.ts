/** Messages a second, from a counter that is looked at now and then; pure. */

/** What the counter showed, and when. */
export interface CountSample {
  /** Epoch ms. */
  at: number;
  count: number;
}

/** Over so long a stretch the rate is taken, so that it does not jump about. */
const windowMs = 5_000;

/** The samples that the rate is taken from, with one more; the first is the last one from before the window. */
export function withSample(samples: readonly CountSample[], sample: CountSample): readonly CountSample[] {
  const last = samples.at(-1);
  // A counter that went back is another client's, and a clock that went back measures nothing.
  if (last !== undefined && (sample.count < last.count || sample.at < last.at)) return [sample];
  if (last?.at === sample.at) return [...samples.slice(0, -1), sample];
  const firstInside = samples.findIndex(({ at }) => at > sample.at - windowMs);
  return [...samples.slice(firstInside < 0 ? -1 : Math.max(0, firstInside - 1)), sample];
}

/** Messages a second; `undefined` while there is nothing to compare with. */
export function rateOf(samples: readonly CountSample[]): number | undefined {
  const [first] = samples;
  const last = samples.at(-1);
  if (first === undefined || last === undefined || last.at === first.at) return undefined;
  return ((last.count - first.count) * 1_000) / (last.at - first.at);
}

/** `12 a second`, `0.4 a second`, `none`. */
export function rateWords(rate: number | undefined): string {
  if (rate === undefined) return 'measuring…';
  if (rate < 0.05) return 'none';
  return `${rate < 10 ? Number(rate.toFixed(1)) : Math.round(rate)} a second`;
}
