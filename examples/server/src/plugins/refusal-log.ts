/** Tells the log why upgrades are refused: one line for many, so that a crowd at the door does not fill a disk. */
import type { Clock } from '../clock.js';
import { countOne } from '../counters.js';
import type { RefusalReason } from './upgrade-guard.js';

/** What the log is made of. */
export interface RefusalLogOptions {
  readonly clock: Pick<Clock, 'after'>;
  /** How often there may be a line, in ms. */
  readonly everyMs: number;
  /** Writes the line: how many were refused since the one before, by reason. */
  readonly write: (counts: Readonly<Record<string, number>>) => void;
}

/** Refusals that the log has not told of yet. */
export class RefusalLog {
  readonly #options: RefusalLogOptions;
  readonly #counts = new Map<RefusalReason, number>();
  #cancel: (() => void) | undefined;

  constructor(options: RefusalLogOptions) {
    this.#options = options;
  }

  /** Counts a refusal; the line about it follows within `everyMs`. */
  add(reason: RefusalReason): void {
    countOne(this.#counts, reason);
    this.#cancel ??= this.#options.clock.after(this.#options.everyMs, () => this.flush());
  }

  /** Writes what there is to tell, and leaves no timer. */
  flush(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    if (this.#counts.size === 0) return;
    this.#options.write(Object.fromEntries(this.#counts));
    this.#counts.clear();
  }
}
