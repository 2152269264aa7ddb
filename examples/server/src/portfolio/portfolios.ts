/** The holdings of all users, in memory and bounded, and what they are worth whenever a price of theirs moves. */
import { decimalToNumber, type ChannelMessage, type PortfolioUpdate } from '@tickwire/protocol';
import { toIso, type Clock } from '../clock.js';
import type { Limits } from '../limits.js';
import { portfolioMessageOf, type Holding, type KnownPrice } from './portfolio-value.js';

/** What the portfolios are made of. */
export interface PortfoliosOptions {
  readonly clock: Clock;
  readonly limits: Pick<Limits, 'maxPortfolios' | 'portfolioEveryMs'>;
  /** Tells all devices of a user; what it rejects with has been logged. */
  readonly tell: (userId: string, message: PortfolioUpdate) => Promise<void>;
}

/** The portfolios of a node. One timer serves all of them. */
export class Portfolios {
  readonly #options: PortfoliosOptions;
  readonly #holdings = new Map<string, readonly Holding[]>();
  readonly #holders = new Map<string, Set<string>>();
  /** Last prices of the coins that the catalog has. */
  readonly #prices = new Map<string, KnownPrice>();
  readonly #due = new Set<string>();
  #cancel: (() => void) | undefined;

  constructor(options: PortfoliosOptions) {
    this.#options = options;
  }

  /** Users that hold anything. */
  get size(): number {
    return this.#holdings.size;
  }

  /** What the user holds. */
  of(userId: string): readonly Holding[] {
    return this.#holdings.get(userId) ?? [];
  }

  /** The coin's last price. */
  priceOf(coinId: string): number | undefined {
    return this.#prices.get(coinId)?.price;
  }

  /** Replaces what the user holds and tells its worth at once; `false` when there are too many portfolios. */
  replace(userId: string, holdings: readonly Holding[]): boolean {
    const isNew = !this.#holdings.has(userId);
    if (isNew && holdings.length > 0 && this.size >= this.#options.limits.maxPortfolios) return false;
    for (const { coinId } of this.of(userId)) this.#holders.get(coinId)?.delete(userId);
    if (holdings.length === 0) this.#holdings.delete(userId);
    else this.#holdings.set(userId, holdings);
    for (const { coinId } of holdings) {
      this.#holders.set(coinId, (this.#holders.get(coinId) ?? new Set<string>()).add(userId));
    }
    this.#tell(userId);
    return true;
  }

  /** Takes in what was published of a coin; its holders are told soon, however many prices come meanwhile. */
  take(coinId: string, message: ChannelMessage): void {
    if (message.type !== 'price_update') return;
    const price = decimalToNumber(message.data.price);
    if (price === undefined) return;
    const isStale = message.data['stale'] === true;
    const known = this.#prices.get(coinId);
    if (known?.price === price && known.isStale === isStale) return;
    this.#prices.set(coinId, { price, isStale });
    for (const userId of this.#holders.get(coinId) ?? []) this.#due.add(userId);
    if (this.#due.size > 0) {
      this.#cancel ??= this.#options.clock.after(this.#options.limits.portfolioEveryMs, () => this.#flush());
    }
  }

  /** Ends the timer. */
  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    this.#due.clear();
  }

  #flush(): void {
    this.#cancel = undefined;
    for (const userId of this.#due) this.#tell(userId);
    this.#due.clear();
  }

  #tell(userId: string): void {
    const at = toIso(this.#options.clock.now());
    const message = portfolioMessageOf(userId, this.of(userId), (coinId) => this.#prices.get(coinId), at);
    this.#options.tell(userId, message).catch(() => undefined);
  }
}
