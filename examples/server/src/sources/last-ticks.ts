/** The last tick of each instrument of one source: what is news, and what has to be called stale when the upstream fails. */
import type { SourceTick } from './price-source.js';
import { isAhead } from './upstream-values.js';

/** Last ticks by instrument; as many as the source has instruments. */
export class LastTicks {
  readonly #last = new Map<string, SourceTick>();

  /**
   * Takes ticks in; gives those that are no older than what was told, and differ from it in price or time, or begin or end a
   * stale spell.
   *
   * @param now epoch ms
   */
  news(ticks: readonly SourceTick[], now: number): readonly SourceTick[] {
    const fresh = ticks.filter((tick) => {
      const last = this.#last.get(tick.id);
      if (last === undefined) return true;
      // Times may be those of arrival: what was told before the clock was set back holds nothing up.
      const isOlder = Date.parse(tick.timestamp) < Date.parse(last.timestamp);
      if (isOlder && !isAhead(last.timestamp, now)) return false;
      return last.stale !== tick.stale || last.price !== tick.price || last.timestamp !== tick.timestamp;
    });
    return this.keep(fresh);
  }

  /** Takes ticks in that are news in any case, and gives them back. */
  keep<T extends SourceTick>(ticks: readonly T[]): readonly T[] {
    for (const tick of ticks) this.#last.set(tick.id, tick);
    return ticks;
  }

  /** The last ticks that were not called stale yet, as stale ones with their own honest times; only those of `ids`, if given. */
  goStale(ids?: ReadonlySet<string>): SourceTick[] {
    const gone: SourceTick[] = [];
    for (const [id, tick] of this.#last) {
      if (tick.stale || (ids !== undefined && !ids.has(id))) continue;
      const stale = { ...tick, stale: true as const };
      this.#last.set(id, stale);
      gone.push(stale);
    }
    return gone;
  }
}
