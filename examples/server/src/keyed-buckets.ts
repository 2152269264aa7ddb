/** Token buckets by key: how often each address or user may do something. Pure but for its map, which is capped. */

/** The shape of every bucket. */
export interface BucketShape {
  /** How much a full bucket holds; a burst. */
  readonly capacity: number;
  /** In how many ms an empty bucket is full again. */
  readonly refillMs: number;
  /** Keys that are remembered; beyond, the key that was quiet for longest is forgotten. */
  readonly maxKeys: number;
}

interface Bucket {
  tokens: number;
  refilledAt: number;
}

/** Buckets that exist only while they are not full. */
export class KeyedBuckets {
  readonly #shape: BucketShape;
  /** In the order of their last use: the first one is the fullest, or nearly so. */
  readonly #buckets = new Map<string, Bucket>();

  constructor(shape: BucketShape) {
    this.#shape = shape;
  }

  /** Takes one token. Returns 0, or the ms until there is one to take. */
  take(key: string, now: number): number {
    const tokens = this.#tokensOf(key, now);
    if (tokens < 1) return this.#waitMs(tokens);
    this.#dropFull(now, 2);
    this.#buckets.delete(key);
    if (this.#buckets.size >= this.#shape.maxKeys) this.#dropOldest();
    this.#buckets.set(key, { tokens: tokens - 1, refilledAt: now });
    return 0;
  }

  /** How long `take` would make this key wait, in ms, without taking anything. */
  waitOf(key: string, now: number): number {
    const tokens = this.#tokensOf(key, now);
    return tokens < 1 ? this.#waitMs(tokens) : 0;
  }

  /** How many the key could take now; not rounded. */
  left(key: string, now: number): number {
    return this.#tokensOf(key, now);
  }

  /** Keys that are remembered, those whose bucket is full again left out. */
  count(now: number): number {
    this.#dropFull(now, this.#buckets.size);
    return this.#buckets.size;
  }

  #tokensOf(key: string, now: number): number {
    const bucket = this.#buckets.get(key);
    return bucket === undefined ? this.#shape.capacity : this.#refilled(bucket, now);
  }

  #refilled({ tokens, refilledAt }: Bucket, now: number): number {
    const { capacity, refillMs } = this.#shape;
    return Math.min(capacity, tokens + (Math.max(0, now - refilledAt) * capacity) / refillMs);
  }

  #waitMs(tokens: number): number {
    return Math.ceil(((1 - tokens) * this.#shape.refillMs) / this.#shape.capacity);
  }

  #dropOldest(): void {
    for (const key of this.#buckets.keys()) {
      this.#buckets.delete(key);
      return;
    }
  }

  #dropFull(now: number, atMost: number): void {
    let left = atMost;
    for (const [key, bucket] of this.#buckets) {
      if (left === 0) return;
      left -= 1;
      if (this.#refilled(bucket, now) >= this.#shape.capacity) this.#buckets.delete(key);
    }
  }
}
