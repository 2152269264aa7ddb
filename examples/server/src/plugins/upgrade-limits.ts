/** How many connections an address may have and open, and how many the server takes in a second. It holds numbers only. */
import type { Clock } from '../clock.js';
import { KeyedBuckets } from '../keyed-buckets.js';
import type { Limits } from '../limits.js';

/** What the limits are made of. */
export interface UpgradeLimitOptions {
  readonly limits: Pick<
    Limits,
    'connectionsPerAddress' | 'connectsPerSecond' | 'connectBurst' | 'totalConnectsPerSecond' | 'maxRememberedKeys'
  >;
  readonly clock: Pick<Clock, 'monotonic'>;
  /** Addresses without a limit of their own, as `addressKey` makes them: a proxy on this machine is all its clients. */
  readonly unlimited: ReadonlySet<string>;
}

/** Which limit refuses an upgrade, and when to come again. */
export interface UpgradeRefusal {
  readonly reason: 'address_connections' | 'address_rate' | 'server_rate';
  readonly retryAfterMs: number;
}

const secondMs = 1_000;
const fullWaitMs = 5_000;
const everybody = '';

/** The limits of one server. */
export class UpgradeLimits {
  readonly #options: UpgradeLimitOptions;
  readonly #open = new Map<string, number>();
  readonly #perAddress: KeyedBuckets;
  readonly #inAll: KeyedBuckets;

  constructor(options: UpgradeLimitOptions) {
    const { connectBurst, connectsPerSecond, totalConnectsPerSecond, maxRememberedKeys } = options.limits;
    this.#options = options;
    this.#perAddress = new KeyedBuckets({
      capacity: connectBurst,
      refillMs: (connectBurst / connectsPerSecond) * secondMs,
      maxKeys: maxRememberedKeys,
    });
    this.#inAll = new KeyedBuckets({ capacity: totalConnectsPerSecond, refillMs: secondMs, maxKeys: 1 });
  }

  /** Addresses that are remembered: with a connection, or for having opened some lately. */
  count(): { open: number; recent: number } {
    return { open: this.#open.size, recent: this.#perAddress.count(this.#options.clock.monotonic()) };
  }

  /** Whether the address has as many connections as it may have. */
  isFull(address: string): boolean {
    const { limits, unlimited } = this.#options;
    return !unlimited.has(address) && (this.#open.get(address) ?? 0) >= limits.connectionsPerAddress;
  }

  /** Counts an attempt of this address; `undefined` when it may go on. */
  refusalOf(address: string): UpgradeRefusal | undefined {
    const { clock, unlimited } = this.#options;
    const now = clock.monotonic();
    if (!unlimited.has(address)) {
      if (this.isFull(address)) return { reason: 'address_connections', retryAfterMs: fullWaitMs };
      const retryAfterMs = this.#perAddress.take(address, now);
      if (retryAfterMs > 0) return { reason: 'address_rate', retryAfterMs };
    }
    const retryAfterMs = this.#inAll.take(everybody, now);
    return retryAfterMs > 0 ? { reason: 'server_rate', retryAfterMs } : undefined;
  }

  opened(address: string): void {
    this.#open.set(address, (this.#open.get(address) ?? 0) + 1);
  }

  closed(address: string): void {
    const left = (this.#open.get(address) ?? 1) - 1;
    if (left > 0) this.#open.set(address, left);
    else this.#open.delete(address);
  }
}
