/** The last day of each price that is looked at, for sparklines: the server's candles, then what has come since. */
import type { PriceChannel } from '@tickwire/react';
import type { AskCandles } from './candles.js';

/** A moment (epoch ms) and the price then. */
export type TrailPoint = readonly [at: number, price: number];

/** What the store needs of the world. */
export interface TrailSources {
  ask: AskCandles;
  priceOf: (channel: PriceChannel) => number | undefined;
  /** Epoch ms. @default the clock of the page */
  now?: () => number;
  /** Calls back every so often until the undo is called. @default the timers of the page */
  every?: (ms: number, call: () => void) => () => void;
}

const pageNow = (): number => Date.now();

function pageTimer(ms: number, call: () => void): () => void {
  const timer = setInterval(call, ms);
  return () => clearInterval(timer);
}

/** A store as React reads it, by channel. */
export interface Trails {
  get: (channel: PriceChannel) => readonly TrailPoint[];
  subscribe: (channel: PriceChannel, listener: () => void) => () => void;
}

interface Trail {
  points: readonly TrailPoint[];
  /** When the server was asked last, epoch ms. */
  askedAt: number;
  listeners: Set<() => void>;
}

const sampleMs = 5_000;
const spanMs = 86_400_000;
const candleS = 900;
/** As long as a candle: what came meanwhile is then part of the server's answer. */
const askAgainMs = candleS * 1_000;
const mostKept = 2_000;
const none: readonly TrailPoint[] = [];

/** Makes a store that samples prices, and asks the server for what was before, while somebody looks at them. */
export function createTrails({ ask, priceOf, now = pageNow, every = pageTimer }: TrailSources): Trails {
  const trails = new Map<PriceChannel, Trail>();
  const looked = new Set<PriceChannel>();
  const wanted = new Set<PriceChannel>();
  let stop: (() => void) | undefined;

  function set(trail: Trail, points: readonly TrailPoint[]): void {
    trail.points = points;
    for (const listener of [...trail.listeners]) listener();
  }

  function want(channel: PriceChannel, trail: Trail): void {
    if (now() - trail.askedAt < askAgainMs) return;
    trail.askedAt = now();
    if (wanted.size === 0) queueMicrotask(() => void askWanted());
    wanted.add(channel);
  }

  /** All that became visible at once, in one request. */
  async function askWanted(): Promise<void> {
    const channels = [...wanted];
    wanted.clear();
    for (const [name, { candles }] of await ask(channels, candleS)) {
      const trail = trails.get(name as PriceChannel);
      if (trail === undefined || candles.length === 0) continue;
      const told = candles.map(([time, , , , close]): TrailPoint => [(time + candleS) * 1_000, close]);
      // The last candle is not over: its close is of now.
      const closed = told.slice(0, -1);
      const until = closed.at(-1)?.[0] ?? 0;
      set(trail, [...closed, ...trail.points.filter(([at]) => at > until)]);
    }
  }

  function sample(): void {
    const at = now();
    for (const channel of looked) {
      const trail = trails.get(channel);
      const price = priceOf(channel);
      if (trail === undefined) continue;
      want(channel, trail);
      if (price !== undefined)
        set(trail, [...trail.points.filter(([then]) => then > at - spanMs), [at, price] as const]);
    }
  }

  function trailOf(channel: PriceChannel): Trail {
    let trail = trails.get(channel);
    if (trail === undefined) {
      for (const old of trails.keys()) {
        if (trails.size < mostKept) break;
        if (!looked.has(old)) trails.delete(old);
      }
      trail = { points: none, askedAt: -Infinity, listeners: new Set() };
      trails.set(channel, trail);
    }
    return trail;
  }

  return {
    get: (channel) => trails.get(channel)?.points ?? none,
    subscribe: (channel, listener) => {
      const trail = trailOf(channel);
      trail.listeners.add(listener);
      looked.add(channel);
      want(channel, trail);
      stop ??= every(sampleMs, sample);
      return () => {
        trail.listeners.delete(listener);
        if (trail.listeners.size > 0) return;
        looked.delete(channel);
        if (looked.size > 0) return;
        stop?.();
        stop = undefined;
      };
    },
  };
}
