/** Seeded chance, and what it does to the links: each fault hits one proxy, which is the neighbourhood of some clients. */
import { setTimeout as pause } from 'node:timers/promises';
import type { FaultProxy } from '@tickwire/testing';

/** Chance from a seed: 0 ≤ n < 1 (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

type Fault = (proxy: FaultProxy, random: () => number) => Promise<void>;

const faults: Readonly<Record<string, Fault>> = {
  'cut within 4 KB': async (proxy, random) => {
    const direction = random() < 0.8 ? 'down' : 'up';
    proxy.cutAfter(Math.floor(random() * 4_096), direction, random() < 0.5 ? 'reset' : 'end');
    await pause(3_000);
    proxy.heal();
  },
  reset: (proxy) => {
    proxy.reset();
    return Promise.resolve();
  },
  'half close': (proxy, random) => {
    proxy.halfClose(random() < 0.5 ? 'down' : 'up');
    return Promise.resolve();
  },
  'stall of 1–8 s': async (proxy, random) => {
    const directions = ['both', 'down', 'up'] as const;
    proxy.stall(directions[Math.floor(random() * 3)] ?? 'both', random() < 0.7 ? 'open' : 'all');
    await pause(1_000 + random() * 7_000);
    proxy.heal();
  },
  'refusal of 1–4 s': async (proxy, random) => {
    proxy.refuse();
    proxy.reset();
    await pause(1_000 + random() * 3_000);
    await proxy.accept();
  },
};

/** Does one fault after the other to random proxies until it is told to end. */
export class Faults {
  /** How often each was done. */
  readonly done = new Map<string, number>();
  readonly #proxies: readonly FaultProxy[];
  readonly #random: () => number;
  readonly #busy = new Map<FaultProxy, Promise<void>>();

  constructor(proxies: readonly FaultProxy[], random: () => number) {
    this.#proxies = proxies;
    this.#random = random;
  }

  /** Does a random fault to a random proxy, unless one is at work there. */
  strike(): void {
    const random = this.#random;
    const proxy = this.#proxies[Math.floor(random() * this.#proxies.length)];
    const names = Object.keys(faults);
    const name = names[Math.floor(random() * names.length)] ?? '';
    const fault = faults[name];
    if (proxy === undefined || fault === undefined || this.#busy.has(proxy)) return;
    this.done.set(name, (this.done.get(name) ?? 0) + 1);
    const work = fault(proxy, random).finally(() => this.#busy.delete(proxy));
    this.#busy.set(proxy, work);
  }

  /** Resolves when every fault is over. */
  async over(): Promise<void> {
    await Promise.all(this.#busy.values());
    for (const proxy of this.#proxies) proxy.heal();
  }
}
