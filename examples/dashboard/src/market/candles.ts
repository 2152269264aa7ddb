/** The server's history as candles; a server without one answers with none. */
import type { PriceChannel } from '@tickwire/react';

/** A span of a channel's prices: its start (epoch seconds), then open, high, low and close. */
export type Candle = readonly [time: number, open: number, high: number, low: number, close: number];

/** The candles of one channel. */
export interface ChannelCandles {
  readonly candles: readonly Candle[];
  /** What is before this moment (epoch ms) was made up by a simulation. */
  readonly madeUpBefore?: number;
}

/** Lengths that the server has, in seconds, with how far back they lead. */
export const candleSpans = [
  { interval: 5, title: '15 min' },
  { interval: 60, title: '6 h' },
  { interval: 900, title: '24 h' },
] as const;

const mostAsked = 200;

function isCandle(value: unknown): value is Candle {
  return Array.isArray(value) && value.length >= 5 && value.every((part) => Number.isFinite(part));
}

/** What is usable of an answer: candles of numbers, in the order of their times. */
export function readCandles(answer: unknown): Map<string, ChannelCandles> {
  const items =
    typeof answer === 'object' && answer !== null ? (answer as Record<string, unknown>)['items'] : undefined;
  const found = new Map<string, ChannelCandles>();
  for (const item of Array.isArray(items) ? (items as unknown[]) : []) {
    const { channel, candles, madeUpBefore } = (item ?? {}) as Record<string, unknown>;
    if (typeof channel !== 'string' || !Array.isArray(candles)) continue;
    const usable = candles.filter(isCandle).sort((one, other) => one[0] - other[0]);
    found.set(channel, {
      candles: usable.filter(([time], index) => time !== usable[index - 1]?.[0]),
      ...(typeof madeUpBefore === 'number' ? { madeUpBefore } : {}),
    });
  }
  return found;
}

/** Asks a server for candles. */
export type AskCandles = (channels: readonly PriceChannel[], interval: number) => Promise<Map<string, ChannelCandles>>;

/**
 * Candles over HTTP, from the page's own server. Never rejects: who has no history gets none.
 *
 * @param ask `fetch`, or what stands for it
 */
export function candlesOver(ask: (url: string) => Promise<Response>): AskCandles {
  let hasNone = false;
  async function part(channels: readonly PriceChannel[], interval: number): Promise<Map<string, ChannelCandles>> {
    const names = channels.map(encodeURIComponent).join(',');
    const answer = await ask(`/api/candles?channels=${names}&interval=${interval}`);
    if (answer.status === 404) hasNone = true;
    return answer.ok ? readCandles(await answer.json()) : new Map<string, ChannelCandles>();
  }
  return async (channels, interval) => {
    const all = new Map<string, ChannelCandles>();
    for (let from = 0; from < channels.length && !hasNone; from += mostAsked) {
      const some = await part(channels.slice(from, from + mostAsked), interval).catch(() => undefined);
      for (const [channel, candles] of some ?? []) all.set(channel, candles);
    }
    return all;
  };
}
