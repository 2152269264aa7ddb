/** The prices that a server rendered with, as ticks; they are shown until the first live price of their channel. */
import type { PriceTick } from '@tickwire/client';
import { sayOnce } from './said.js';

/** A tick as it travels in a page: without the message that it came from. */
export type InitialPrice = Omit<PriceTick, 'source'>;

/** Prices by channel, for example `JSON.parse` of what a server rendered with. */
export type InitialPrices = Readonly<Record<string, InitialPrice | null | undefined>>;

/** One price of the page. Nobody has confirmed it here: it is never `fresh`. */
export interface InitialTick {
  /** What a server renders, and hydration with it: the same at any time of day. */
  readonly unverified: PriceTick;
  /** The same price, once it is too old by its own time. */
  readonly stale: PriceTick;
  /** Epoch ms from which on it is. */
  readonly staleAt: number;
}

/** All of them by channel. */
export type InitialTicks = ReadonlyMap<string, InitialTick>;

/** For a provider without any, or with another client than they came from. */
export const noInitialTicks: InitialTicks = new Map();

/** As the client's own default: the age at which a price is no longer fresh. */
const staleAfterMs = 60_000;

/** The message that would have brought this price: a tick always has one. */
function sourceOf(tick: InitialPrice): PriceTick['source'] {
  return tick.channel.startsWith('metal:')
    ? { type: 'priceUpdate', data: { [tick.id]: { ...tick } } }
    : { type: 'price_update', data: { ...tick, coinId: tick.id, priceChange24h: tick.changePercent } };
}

/** When it stops being of today: by the sender's time, else by its arrival; at once where it has neither, or says so. */
function staleAtOf({ timestamp, receivedAt, freshness }: InitialPrice): number {
  if (freshness === 'stale') return -Infinity;
  const told = timestamp === undefined ? NaN : Date.parse(timestamp);
  // A sender's clock may be ahead: its price has not come later than it came.
  const at = Number.isFinite(told) && !(told > receivedAt) ? told : receivedAt;
  return Number.isFinite(at) ? at + staleAfterMs : -Infinity;
}

function initialTickOf(price: InitialPrice): InitialTick {
  const source = sourceOf(price);
  return {
    // One that says itself that it is stale is so on the server too.
    unverified: { ...price, freshness: price.freshness === 'stale' ? 'stale' : 'unverified', source },
    stale: { ...price, freshness: 'stale', source },
    staleAt: staleAtOf(price),
  };
}

/** Whether an entry is a price of a page; what came out of a database or a cache may be anything. */
function isPrice(entry: unknown): entry is InitialPrice {
  const { channel, id, price, receivedAt } = (entry ?? {}) as Partial<Record<keyof InitialPrice, unknown>>;
  return (
    typeof channel === 'string' && typeof id === 'string' && typeof receivedAt === 'number' && Number.isFinite(price)
  );
}

/**
 * Reads initial prices once, so that their ticks stay the same objects.
 *
 * @returns the ticks by channel; what is no price is left out, and said once
 */
export function readInitialPrices(prices: InitialPrices | null | undefined): InitialTicks {
  if (typeof prices !== 'object' || prices === null) return noInitialTicks;
  const ticks = new Map<string, InitialTick>();
  for (const [name, price] of Object.entries(prices)) {
    if (isPrice(price)) ticks.set(price.channel, initialTickOf(price));
    else sayOnce(`initialPrices: ${JSON.stringify(name.slice(0, 80))} is no price and was left out.`, price);
  }
  return ticks;
}

const longestTimerMs = 2 ** 31 - 1;

/** Calls back whenever some of them have become stale; returns the undo. */
export function whenStale(initial: InitialTicks, now: () => number, tell: () => void): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  function wait(): void {
    let soonest = Infinity;
    for (const { staleAt } of initial.values()) if (staleAt > now()) soonest = Math.min(soonest, staleAt);
    if (soonest === Infinity) return;
    timer = setTimeout(
      () => {
        wait();
        tell();
      },
      Math.min(soonest - now(), longestTimerMs),
    );
  }
  wait();
  return () => clearTimeout(timer);
}

/** The tick of now. */
export function initialTickAt(initial: InitialTick | undefined, now: number): PriceTick | undefined {
  if (initial === undefined) return undefined;
  return now < initial.staleAt ? initial.unverified : initial.stale;
}
