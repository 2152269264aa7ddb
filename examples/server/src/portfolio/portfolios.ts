/** The holdings of all users, in memory and bounded, and what they are worth whenever a price of theirs moves. */
import { decimalToNumber, type ChannelMessage, type PortfolioUpdate } from '@tickwire/protocol';
import { toIso, type Clock } from '../clock.js';
import type { Limits } from '../limits.js';
import type { FairTurns } from '../services/fair-turns.js';
import { portfolioMessageOf, type Holding, type KnownPrice } from './portfolio-value.js';

/** What the portfolios are made of. */
export interface PortfoliosOptions {
  readonly clock: Clock;
  readonly limits: Pick<Limits, 'maxPortfolios' | 'portfolioEveryMs'>;
  /** Spreads what a price sets off over turns of the event loop; a holding is a step. */
  readonly turns: FairTurns;
  /** Tells all devices of a user; what it rejects with has been logged. */
  readonly tell: (userId: string, message: PortfolioUpdate) => Promise<void>;
}

const account = 'portfolios';

/** The portfolios of a node. One timer serves all of them. */
export class Portfolios {
  readonly #options: PortfoliosOptions;
  readonly #holdings = new Map<string, readonly Holding[]>();
  readonly #holders = new Map<string, Set<string>>();
  /** Last prices of the coins that the catalog has. */
  readonly #prices = new Map<string, KnownPrice>();
  /** Users whose worth has moved since they were told. */
  #due = new Set<string>();
  /** Users of the round that runs. */
  #telling: Set<string> | undefined;
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
    this.#schedule();
  }

  /** Ends the timer. */
  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    this.#due.clear();
    this.#telling?.clear();
  }

  #schedule(): void {
    if (this.#due.size === 0 || this.#telling !== undefined) return;
    this.#cancel ??= this.#options.clock.after(this.#options.limits.portfolioEveryMs, () => {
      this.#cancel = undefined;
      void this.#flush();
    });
  }

  /** Who falls due meanwhile has to wait for the next round, so that rounds never pile up. */
  async #flush(): Promise<void> {
    const due = this.#due;
    this.#due = new Set();
    this.#telling = due;
    for (const userId of due) {
      const turn = this.#options.turns.take(account, 1 + this.of(userId).length);
      if (turn !== undefined) await turn;
      // Emptied by `stop`.
      if (!due.has(userId)) break;
      this.#tell(userId);
    }
    this.#telling = undefined;
    this.#schedule();
  }

  #tell(userId: string): void {
    const at = toIso(this.#options.clock.now());
    const message = portfolioMessageOf(userId, this.of(userId), (coinId) => this.#prices.get(coinId), at);
    this.#options.tell(userId, message).catch(() => undefined);
  }
}
