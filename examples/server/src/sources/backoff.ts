/** When a failed upstream is tried again. Pure. Full jitter: https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/ */

/** How the waits grow, in ms. */
export interface Backoff {
  readonly leastMs: number;
  readonly baseMs: number;
  readonly mostMs: number;
}

/** The waits of a source that was told nothing else. */
export const defaultBackoff: Backoff = { leastMs: 250, baseMs: 1_000, mostMs: 30_000 };

/** 2^31 is beyond every cap; a larger exponent would only overflow. */
const largestExponent = 31;

/**
 * The wait before the attempt that follows `failures` failures in a row.
 *
 * @param random in [0, 1)
 */
export function backoffMs({ leastMs, baseMs, mostMs }: Backoff, failures: number, random: number): number {
  const exponent = Math.min(largestExponent, Math.max(0, failures - 1));
  const ceiling = Math.max(leastMs, Math.min(mostMs, baseMs * 2 ** exponent));
  return Math.round(leastMs + random * (ceiling - leastMs));
}
