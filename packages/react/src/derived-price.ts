/** What is made of a channel's price and of time: it changes with the price, and once more when its time has come. */
import type { PriceFeed, PriceState, StreamFeed } from './price-feed.js';
import type { Shown } from './showing.js';
import type { ReadableStore } from './use-selection.js';

/** A value, and until when it holds if no other price comes; epoch ms. */
export interface Derived<Value> {
  readonly value: Value;
  readonly until: number;
}

/** Makes the value of now. Called again for the same price, it gives the same value until its time has come. */
export type Derive<Value> = (state: PriceState, now: number) => Derived<Value>;

/** A derived value as React reads it. */
export interface DerivedStore<Value> extends ReadableStore<Value> {
  /** What it is made of has changed in another way. */
  touch(): void;
}

const longestTimerMs = 2 ** 31 - 1;
const systemNow = (): number => new Date().getTime();

/** Makes the store of one hook: one timer, only while somebody looks and a time is to come. */
export function derivedPrice<Value>(
  feed: StreamFeed,
  channel: string,
  derive: Derive<Value>,
  initial: (feed: PriceFeed) => Value,
  now: () => number = systemNow,
): DerivedStore<Value> {
  let derived: Derived<Value> | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let armedFor = Infinity;

  /** One that runs looks again when it ends: prices move the time on, and a timer anew for each of them is dear. */
  function arm(): void {
    const until = derived?.until ?? Infinity;
    if (until >= armedFor) return;
    clearTimeout(timer);
    armedFor = until;
    timer = setTimeout(
      () => {
        armedFor = Infinity;
        if (now() < (derived?.until ?? Infinity)) arm();
        else feed.touch(shown);
      },
      Math.min(Math.max(0, until - now()), longestTimerMs),
    );
  }

  const shown: Shown = {
    listeners: new Set(),
    refresh: () => {
      const before = derived;
      derived = derive(feed.get(channel), now());
      if (shown.listeners.size > 0) arm();
      return !Object.is(before?.value, derived.value);
    },
  };

  return {
    get: () => {
      if (shown.listeners.size === 0 || derived === undefined) derived = derive(feed.get(channel), now());
      return derived.value;
    },
    getInitial: () => initial(feed),
    touch: () => feed.touch(shown),
    subscribe: (listener) => {
      const own = (): void => listener();
      shown.listeners.add(own);
      const leave = feed.subscribe([channel], () => {
        if (shown.refresh()) own();
      });
      derived = undefined;
      shown.refresh();
      return () => {
        shown.listeners.delete(own);
        clearTimeout(timer);
        armedFor = Infinity;
        feed.forget(shown);
        leave();
      };
    },
  };
}
