/** Remembers what publishers have published under an idempotency key, so that a repeated request publishes nothing. */
import type { Limits } from '../limits.js';

/** What became of a request. `conflict`: the key stands for another message. */
export type PublishOutcome = 'published' | 'duplicate' | 'conflict';

interface Remembered {
  readonly owner: string;
  readonly content: string;
  readonly at: number;
  readonly work: Promise<void>;
}

/** The memory of keys: bounded in number and age. One publisher fills its share of it, and then forgets its own oldest. */
export class PublishOnce {
  readonly #limits: Pick<Limits, 'rememberedPublishes' | 'publishMemoryMs' | 'publisherSharePercent'>;
  readonly #now: () => number;
  /** In the order of their age. */
  readonly #byKey = new Map<string, Remembered>();
  /** The keys of each owner, in the order of their age. */
  readonly #byOwner = new Map<string, Set<string>>();

  constructor(
    limits: Pick<Limits, 'rememberedPublishes' | 'publishMemoryMs' | 'publisherSharePercent'>,
    now: () => number,
  ) {
    this.#limits = limits;
    this.#now = now;
  }

  /** Keys that are remembered. */
  get size(): number {
    return this.#byKey.size;
  }

  /**
   * Publishes, unless the key has done so before; a request that comes meanwhile waits for the first. Rejects with what
   * `publish` rejects with; then the key is free again.
   */
  async run(owner: string, ownKey: string, content: string, publish: () => Promise<void>): Promise<PublishOutcome> {
    this.#forgetOld();
    const key = `${owner} ${ownKey}`;
    const known = this.#byKey.get(key);
    if (known !== undefined) {
      if (known.content !== content) return 'conflict';
      await known.work;
      return 'duplicate';
    }
    this.#makeRoom(owner);
    const work = publish();
    this.#byKey.set(key, { owner, content, at: this.#now(), work });
    this.#byOwner.set(owner, (this.#byOwner.get(owner) ?? new Set()).add(key));
    try {
      await work;
    } catch (error) {
      if (this.#byKey.get(key)?.work === work) this.#drop(key);
      throw error;
    }
    return 'published';
  }

  #forgetOld(): void {
    const oldestAt = this.#now() - this.#limits.publishMemoryMs;
    for (const [key, { at }] of this.#byKey) {
      if (at >= oldestAt) return;
      this.#drop(key);
    }
  }

  #makeRoom(owner: string): void {
    const { rememberedPublishes: most, publisherSharePercent } = this.#limits;
    const share = Math.max(1, Math.floor((most * publisherSharePercent) / 100));
    const own = this.#byOwner.get(owner);
    if (own !== undefined && own.size >= share) this.#dropFirst(own);
    if (this.#byKey.size >= most) this.#dropFirst(this.#byKey.keys());
  }

  #dropFirst(keys: Iterable<string>): void {
    for (const key of keys) {
      this.#drop(key);
      return;
    }
  }

  #drop(key: string): void {
    const owner = this.#byKey.get(key)?.owner;
    this.#byKey.delete(key);
    if (owner === undefined) return;
    const own = this.#byOwner.get(owner);
    own?.delete(key);
    if (own?.size === 0) this.#byOwner.delete(owner);
  }
}
