/** The last tick of each instrument of one source: what is news, and what has to be called stale when the upstream fails. */
import type { SourceTick } from './price-source.js';

/** Last ticks by instrument; as many as the source has instruments. */
export class LastTicks {
  readonly #last = new Map<string, SourceTick>();

  /** Takes ticks in; gives those that are no older than what was told, and differ from it in price or time, or begin or end a stale spell. */
  news(ticks: readonly SourceTick[]): readonly SourceTick[] {
    const fresh = ticks.filter((tick) => {
      const last = this.#last.get(tick.id);
      if (last === undefined) return true;
      if (Date.parse(tick.timestamp) < Date.parse(last.timestamp)) return false;
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
