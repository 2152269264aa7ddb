/** The calls to Redis: what may wait for it, how long it has been silent, and what it refuses. */
import type { Clock } from '../clock.js';
import type { Limits } from '../limits.js';
import { EngineError } from './engine.js';
import type { RedisLink } from './redis-link.js';
import type { RedisScript } from './redis-scripts.js';

/** What calls are made of. */
export interface RedisCallsOptions {
  readonly link: Pick<RedisLink, 'run' | 'isReady'>;
  readonly limits: Pick<Limits, 'engineWaiting' | 'engineWaitingBytes'>;
  readonly clock: Pick<Clock, 'monotonic'>;
  /** Told once of a refusal that goes on. */
  readonly onError: (what: string, error: unknown) => void;
}

/** Redis is slow when it has not answered for so long. */
const slowMs = 5_000;
const retryAfterMs = 2_000;
/** Answers of a server that is about to be well again by itself. */
const passing = /^(?:LOADING|MASTERDOWN|CLUSTERDOWN|TRYAGAIN)\b/;

/** The calls. */
export class RedisCalls {
  /** Messages that were refused unsent, and calls that failed. */
  refused = 0;
  failed = 0;
  readonly #options: RedisCallsOptions;
  #calls = 0;
  #messages = 0;
  #bytes = 0;
  #answeredAt = 0;
  #refusal: string | undefined;
  #isClosed = false;

  constructor(options: RedisCallsOptions) {
    this.#options = options;
  }

  /** Calls that wait for their answer, and the bytes of messages among them. */
  get waiting(): { calls: number; bytes: number } {
    return { calls: this.#calls, bytes: this.#bytes };
  }

  /** What an operator should know. */
  get problem(): string | undefined {
    if (!this.#options.link.isReady()) return 'Redis is away';
    const silentMs = this.#calls === 0 ? 0 : this.#options.clock.monotonic() - this.#answeredAt;
    if (silentMs > slowMs) return `Redis has not answered for ${Math.round(silentMs / 1_000)} s`;
    return this.#refusal === undefined ? undefined : `Redis refuses: ${this.#refusal}`;
  }

  /** Later calls reject. */
  close(): void {
    this.#isClosed = true;
  }

  assertOpen(): void {
    if (this.#isClosed) throw new EngineError('CLOSED', 'The engine is closed');
  }

  /** A call that reads. Rejects with `EngineError`. */
  async read(script: RedisScript, keys: readonly string[], args: readonly (string | number)[]): Promise<unknown> {
    this.assertOpen();
    if (this.#calls === 0) this.#answeredAt = this.#options.clock.monotonic();
    this.#calls += 1;
    try {
      const answer = await this.#options.link.run(script, keys, args.map(String));
      this.#refusal = undefined;
      return answer;
    } catch (error) {
      throw this.failure(error);
    } finally {
      this.#calls -= 1;
      this.#answeredAt = this.#options.clock.monotonic();
    }
  }

  /** A call that carries a message of so many bytes; one too many is refused at once, for nobody waits for old prices. */
  async write(
    script: RedisScript,
    keys: readonly string[],
    args: readonly (string | number)[],
    bytes: number,
  ): Promise<unknown> {
    const { engineWaiting, engineWaitingBytes } = this.#options.limits;
    this.assertOpen();
    if (this.#messages >= engineWaiting || this.#bytes + bytes > engineWaitingBytes) {
      this.refused += 1;
      throw this.#away('Too much waits for Redis');
    }
    this.#messages += 1;
    this.#bytes += bytes;
    try {
      return await this.read(script, keys, args);
    } finally {
      this.#messages -= 1;
      this.#bytes -= bytes;
    }
  }

  /** What a failed call means to the engine's callers. What Redis itself refuses concerns all of them, so an operator has to know. */
  failure(error: unknown): EngineError {
    this.failed += 1;
    const text = error instanceof Error ? error.message : String(error);
    if (/^[A-Z]{2,} /.test(text) && !passing.test(text)) {
      if (this.#refusal === undefined) this.#options.onError('Redis refuses what the engine asks', error);
      this.#refusal = text.slice(0, 120);
    }
    return this.#away('Redis does not answer, or refuses', error);
  }

  #away(text: string, cause?: unknown): EngineError {
    return new EngineError('UNAVAILABLE', text, retryAfterMs, { cause });
  }
}
