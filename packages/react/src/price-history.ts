/** A price over time: what the server remembers, then what comes. */
import type { HistoryPage, PriceTick } from '@tickwire/client';
import type { Derive } from './derived-price.js';

/** One price at one moment. */
export interface PricePoint {
  /** Epoch ms: the sender's time, or when it came. */
  readonly at: number;
  readonly price: number;
}

/** What is kept of a history. */
export interface HistoryShape {
  /** At most so many points, the newest. */
  readonly points: number;
  /** At least so many ms from one point to the next. */
  readonly everyMs: number;
}

/** A history that grows. */
export interface PriceHistory {
  /** What the server remembers goes before what has come by itself. */
  put(earlier: readonly PricePoint[]): void;
  readonly derive: Derive<readonly PricePoint[]>;
}

const timeOf = (timestamp: string | null | undefined, otherwise: number): number => {
  const at = Date.parse(timestamp ?? '');
  return Number.isFinite(at) ? at : otherwise;
};

const pointOf = ({ timestamp, receivedAt, price }: PriceTick): PricePoint => ({
  at: timeOf(timestamp, receivedAt),
  price,
});

/** Leaves out what follows too soon; the last one always stays. */
export function thinned(points: readonly PricePoint[], everyMs: number): PricePoint[] {
  const kept: PricePoint[] = [];
  let last = -Infinity;
  for (const point of [...points].reverse()) {
    if (kept.length > 0 && last - point.at < everyMs) continue;
    kept.push(point);
    last = point.at;
  }
  return kept.reverse();
}

/** The prices of a page of the server's history; what has no price or time in it is left out. */
export function pointsOf({ messages }: HistoryPage, id: string): PricePoint[] {
  return messages.flatMap((message) => {
    const { data, timestamp } = message as { data?: unknown; timestamp?: string | null };
    const parts = [data].flat() as (Readonly<Record<string, unknown>> | null | undefined)[];
    return parts.flatMap((part) => {
      const quote = (message.type === 'priceUpdate' ? part?.[id] : part) as
        | { price?: unknown; timestamp?: string | null }
        | null
        | undefined;
      const price = Number(quote?.price ?? NaN);
      const at = timeOf(quote?.timestamp ?? timestamp, NaN);
      return Number.isFinite(price) && Number.isFinite(at) ? [{ at, price }] : [];
    });
  });
}

/** Makes the history of one channel. */
export function createPriceHistory({ points, everyMs }: HistoryShape): PriceHistory {
  let value: readonly PricePoint[] = [];
  let lastTick: PriceTick | undefined;
  let waiting: PricePoint | undefined;
  let nextAt = -Infinity;
  return {
    put: (earlier) => {
      const first = value[0]?.at ?? waiting?.at ?? Infinity;
      const before = earlier.filter(({ at }) => at < first).sort((a, b) => a.at - b.at);
      value = [...thinned(before, everyMs), ...value].slice(-points);
    },
    derive: ({ tick }, now) => {
      if (tick !== undefined && tick.price !== lastTick?.price) waiting = pointOf(tick);
      lastTick = tick ?? lastTick;
      if (waiting !== undefined && now >= nextAt) {
        value = [...value, waiting].slice(-points);
        waiting = undefined;
        nextAt = now + everyMs;
      }
      return { value, until: waiting === undefined ? Infinity : nextAt };
    },
  };
}
