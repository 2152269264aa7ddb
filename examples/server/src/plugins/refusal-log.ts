/** Tells the log why upgrades are refused: one line for many, so that a crowd at the door does not fill a disk. */
import type { Clock } from '../clock.js';
import { countOne } from '../counters.js';
import { tellableOrigin } from './origin.js';
import type { RefusalReason } from './upgrade-guard.js';

/** What the log is made of. */
export interface RefusalLogOptions {
  readonly clock: Pick<Clock, 'after'>;
  /** How often there may be a line, in ms. */
  readonly everyMs: number;
  /** Writes the line: how many were refused since the one before, by reason, and some of the origins that were. */
  readonly write: (counts: Readonly<Record<string, number>>, origins: readonly string[]) => void;
}

/** So many different origins are told in one line. */
const mostOrigins = 5;

/** Refusals that the log has not told of yet. */
export class RefusalLog {
  readonly #options: RefusalLogOptions;
  readonly #counts = new Map<RefusalReason, number>();
  readonly #origins = new Set<string>();
  #cancel: (() => void) | undefined;

  constructor(options: RefusalLogOptions) {
    this.#options = options;
  }

  /**
   * Counts a refusal; the line about it follows within `everyMs`.
   *
   * @param origin whose pages may not connect, when that is the reason
   */
  add(reason: RefusalReason, origin?: string): void {
    countOne(this.#counts, reason);
    if (reason === 'origin' && origin !== undefined && this.#origins.size < mostOrigins) {
      this.#origins.add(tellableOrigin(origin));
    }
    this.#cancel ??= this.#options.clock.after(this.#options.everyMs, () => this.flush());
  }

  /** Writes what there is to tell, and leaves no timer. */
  flush(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    if (this.#counts.size === 0) return;
    this.#options.write(Object.fromEntries(this.#counts), [...this.#origins]);
    this.#counts.clear();
    this.#origins.clear();
  }
}
