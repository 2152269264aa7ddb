/**
 * How often an address may fail to prove who it is. Proofs count when they begin: no more of them run at a moment than may
 * still fail; the others wait for their turn, so that a crowd behind one address that is in the right gets in.
 */
import { ErrorCode } from '@tickwire/protocol';
import { KeyedBuckets } from '../keyed-buckets.js';
import type { Limits } from '../limits.js';
import type { Proof } from './identity.js';

/** What attempts are made of. */
export interface AttemptOptions {
  readonly limits: Pick<Limits, 'authFailuresPerMinute' | 'authWaitingPerAddress' | 'maxRememberedKeys'>;
  /** Measures spans, in ms. */
  readonly now: () => number;
}

interface Address {
  running: number;
  readonly waiting: (() => void)[];
}

const minuteMs = 60_000;
const busyWaitMs = 1_000;

/** The attempts of all addresses. */
export class Attempts {
  readonly #options: AttemptOptions;
  readonly #failures: KeyedBuckets;
  /** Addresses with a proof that runs. */
  readonly #busy = new Map<string, Address>();

  constructor(options: AttemptOptions) {
    const { authFailuresPerMinute: capacity, maxRememberedKeys: maxKeys } = options.limits;
    this.#options = options;
    this.#failures = new KeyedBuckets({ capacity, refillMs: minuteMs, maxKeys });
  }

  /** How long this address has to wait before it may try again, in ms; 0: it may. */
  waitOf(address: string): number {
    return this.#failures.waitOf(address, this.#options.now());
  }

  /** Addresses with a proof that runs or waits. */
  get busy(): number {
    return this.#busy.size;
  }

  /** Runs the proof when it is its turn, or answers in its place. Rejects with what `prove` rejects with. */
  async run(address: string, prove: () => Promise<Proof>): Promise<Proof> {
    const state = this.#busy.get(address) ?? { running: 0, waiting: [] };
    this.#busy.set(address, state);
    for (let isLate = false; this.#mustWait(address, state); isLate = true) {
      if (!isLate && state.waiting.length >= this.#options.limits.authWaitingPerAddress) {
        return { ok: false, code: ErrorCode.SERVER_BUSY, retryAfterMs: busyWaitMs };
      }
      // Who was woken too early keeps the first place.
      await new Promise<void>((resolve) => (isLate ? state.waiting.unshift(resolve) : state.waiting.push(resolve)));
    }
    try {
      const retryAfterMs = this.waitOf(address);
      if (retryAfterMs > 0) return { ok: false, code: ErrorCode.AUTH_RATE_LIMITED, retryAfterMs };
      return await this.#prove(address, state, prove);
    } finally {
      const next = state.waiting.shift();
      if (next !== undefined) next();
      else if (state.running === 0) this.#busy.delete(address);
    }
  }

  /** Whether as many proofs run as may still fail. */
  #mustWait(address: string, { running }: Address): boolean {
    const now = this.#options.now();
    return this.#failures.waitOf(address, now) === 0 && running >= Math.floor(this.#failures.left(address, now));
  }

  async #prove(address: string, state: Address, prove: () => Promise<Proof>): Promise<Proof> {
    state.running += 1;
    try {
      const proof = await prove();
      // That this server cannot check at the moment is not held against anybody.
      if (!proof.ok && proof.code !== ErrorCode.SERVER_BUSY) this.#failures.take(address, this.#options.now());
      return proof;
    } finally {
      state.running -= 1;
    }
  }
}
