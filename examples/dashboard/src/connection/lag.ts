/** How late prices arrive, by what is usual for this connection: the clocks of the two sides need not agree. Pure. */
import type { PriceTick } from '@tickwire/client';

/** What has been measured so far. */
export interface Lag {
  /** The shortest way of a price so far, in ms, with the difference of the clocks in it. */
  leastMs: number;
  /** By how much the prices of the last look were later than that. */
  lateMs: number;
}

/** So much later than usual is slow; below the other it is as usual again. */
const slowFromMs = 700;
const usualBelowMs = 350;

/** What the prices that arrived since `since` say; what was known where none did. */
export function measuredLag(lag: Lag | undefined, ticks: Iterable<PriceTick>, since: number): Lag | undefined {
  const ways: number[] = [];
  for (const { receivedAt, timestamp } of ticks) {
    const sentAt = timestamp === undefined ? Number.NaN : Date.parse(timestamp);
    if (receivedAt > since && Number.isFinite(sentAt)) ways.push(receivedAt - sentAt);
  }
  // The middle one: a source that is asked now and then brings old prices among those of this moment.
  const wayMs = ways.sort((one, other) => one - other)[Math.floor(ways.length / 2)];
  if (wayMs === undefined) return lag;
  const leastMs = Math.min(lag?.leastMs ?? wayMs, wayMs);
  return { leastMs, lateMs: wayMs - leastMs };
}

/** Whether the link is slow now, where it was or was not before. */
export function isSlow(lag: Lag | undefined, wasSlow: boolean): boolean {
  return lag !== undefined && lag.lateMs >= (wasSlow ? usualBelowMs : slowFromMs);
}
