/** Remembers what publishers have published under an idempotency key, so that a repeated request publishes nothing. */
import type { Limits } from '../limits.js';

/** What became of a request. `conflict`: the key stands for another message. */
export type PublishOutcome = 'published' | 'duplicate' | 'conflict';

interface Remembered {
  readonly content: string;
  readonly at: number;
  readonly work: Promise<void>;
}

/** The memory of keys: bounded in number and age. */
export class PublishOnce {
  readonly #limits: Pick<Limits, 'rememberedPublishes' | 'publishMemoryMs'>;
  readonly #now: () => number;
  /** In the order of their age. */
  readonly #byKey = new Map<string, Remembered>();

  constructor(limits: Pick<Limits, 'rememberedPublishes' | 'publishMemoryMs'>, now: () => number) {
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
  async run(key: string, content: string, publish: () => Promise<void>): Promise<PublishOutcome> {
    this.#forget();
    const known = this.#byKey.get(key);
    if (known !== undefined) {
      if (known.content !== content) return 'conflict';
      await known.work;
      return 'duplicate';
    }
    const work = publish();
    this.#byKey.set(key, { content, at: this.#now(), work });
    try {
      await work;
    } catch (error) {
      this.#byKey.delete(key);
      throw error;
    }
    return 'published';
  }

  #forget(): void {
    const oldestAt = this.#now() - this.#limits.publishMemoryMs;
    for (const [key, { at }] of this.#byKey) {
      if (at >= oldestAt && this.#byKey.size < this.#limits.rememberedPublishes) return;
      this.#byKey.delete(key);
    }
  }
}
