/** What went through a fault proxy, as plain entries that can be printed or stored as JSON. */

/** One thing that happened. */
export interface FaultLogEntry {
  /** Milliseconds since the proxy started. */
  readonly atMs: number;
  /** The number of the link, from 1 on; 0 is the proxy itself. */
  readonly connection: number;
  /** `accepted`, `up`, `down` (bytes came in), `up end`, `client reset`, `cut end`, `rule …`, `closed` and the like. */
  readonly event: string;
  readonly bytes?: number;
}

/** Keeps the newest entries. */
export class FaultLog {
  readonly #entries: FaultLogEntry[] = [];
  readonly #limit: number;
  readonly #now: () => number;
  readonly #startedAt: number;

  constructor(now: () => number, limit: number) {
    this.#now = now;
    this.#limit = limit;
    this.#startedAt = now();
  }

  get entries(): readonly FaultLogEntry[] {
    return this.#entries;
  }

  add(connection: number, event: string, bytes?: number): void {
    const atMs = Math.round(this.#now() - this.#startedAt);
    this.#entries.push({ atMs, connection, event, ...(bytes === undefined ? {} : { bytes }) });
    if (this.#entries.length > this.#limit) this.#entries.shift();
  }
}
