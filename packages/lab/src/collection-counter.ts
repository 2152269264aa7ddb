/** What something costs, without a clock. */

/** Counts, until it is stopped, what is done to maps and sets: each entry that is put in, and each that is looked at in a loop or a copy. */
export class CollectionCounter {
  count = 0;
  readonly #undos: (() => void)[] = [];

  constructor() {
    const iterators = [new Map().entries(), new Set().values()].map((each) => Object.getPrototypeOf(each) as object);
    for (const [owner, name] of [
      [Map.prototype, 'set'],
      [Set.prototype, 'add'],
      ...iterators.map((iterator) => [iterator, 'next'] as const),
    ] as const) {
      const real = Reflect.get(owner, name) as (...given: unknown[]) => unknown;
      const counted = (): void => void (this.count += 1);
      Reflect.set(owner, name, function (this: unknown, ...given: unknown[]) {
        counted();
        return Reflect.apply(real, this, given);
      });
      this.#undos.push(() => Reflect.set(owner, name, real));
    }
  }

  /** Stops; returns the count. Idempotent. */
  stop(): number {
    for (const undo of this.#undos.splice(0)) undo();
    return this.count;
  }
}
