/** A clock that stands still until it is told to move. Fits the client's `Clock` by shape. */

interface FakeTimer {
  readonly at: number;
  readonly order: number;
  readonly callback: () => void;
}

/** Lets everything that only waits for promises happen. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
}

/** Time as a test wants it: a monotonic clock, a wall clock, and timers on the former. */
export class FakeClock {
  #monotonic = 0;
  #wall: number;
  #order = 0;
  readonly #timers = new Map<number, FakeTimer>();

  /** @param wallStart epoch milliseconds at the start */
  constructor(wallStart = Date.UTC(2026, 0, 1)) {
    this.#wall = wallStart;
  }

  now(): number {
    return this.#wall;
  }

  monotonic(): number {
    return this.#monotonic;
  }

  setTimeout(callback: () => void, delayMs: number): number {
    this.#order += 1;
    this.#timers.set(this.#order, { at: this.#monotonic + Math.max(0, delayMs), order: this.#order, callback });
    return this.#order;
  }

  clearTimeout(timer: unknown): void {
    this.#timers.delete(timer as number);
  }

  /** Timers that wait. */
  get pending(): number {
    return this.#timers.size;
  }

  /** Moves on by `ms`, firing each timer at its time and settling promises in between. */
  async advance(ms: number): Promise<void> {
    const end = this.#monotonic + ms;
    await settle();
    for (let timer = this.#due(end); timer !== undefined; timer = this.#due(end)) {
      this.#moveTo(Math.max(this.#monotonic, timer.at));
      this.#timers.delete(timer.order);
      timer.callback();
      await settle();
    }
    this.#moveTo(end);
    await settle();
  }

  /** Time passes with no timer fired, as in sleep; then what is overdue fires, once, in order. */
  async sleep(ms: number): Promise<void> {
    this.#moveTo(this.#monotonic + ms);
    const overdue = [...this.#timers.values()].filter((timer) => timer.at <= this.#monotonic);
    for (const timer of overdue.sort(earlier)) {
      if (!this.#timers.delete(timer.order)) continue;
      timer.callback();
      await settle();
    }
  }

  /** Somebody sets the wall clock; durations are not affected. */
  jumpWall(ms: number): void {
    this.#wall += ms;
  }

  #due(end: number): FakeTimer | undefined {
    return [...this.#timers.values()].filter((timer) => timer.at <= end).sort(earlier)[0];
  }

  #moveTo(monotonic: number): void {
    this.#wall += monotonic - this.#monotonic;
    this.#monotonic = monotonic;
  }
}

/** A clock that stands still. @param startsAt epoch milliseconds @default 1 January 2026, 0:00 UTC */
export function createFakeClock(startsAt?: number): FakeClock {
  return new FakeClock(startsAt);
}

function earlier(left: FakeTimer, right: FakeTimer): number {
  return left.at - right.at || left.order - right.order;
}
