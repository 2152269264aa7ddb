/** What the server counts about itself since its start; plain numbers, so that counting costs nothing where frames fly. */
export interface Counters {
  framesIn: number;
  framesOut: number;
  bytesOut: number;
  /** Prices that a connection was spared because a newer one took their place. */
  conflated: number;
  /** Events that a connection lost and was told of in a `gap`. */
  lostEvents: number;
  /** Connections that were cut because they read too slowly. */
  slowConsumers: number;
  /** Connections that were cut because they did not answer a ping. */
  deadPeers: number;
  /** Upgrades that were refused, by HTTP status. */
  readonly refusedUpgrades: Map<number, number>;
  /** The same by the guard that refused. */
  readonly refusalReasons: Map<string, number>;
  /** Error frames, by code. */
  readonly errors: Map<string, number>;
  /** Close frames that the server sent, by code. */
  readonly closes: Map<number, number>;
}

/** Counters at zero. */
export function createCounters(): Counters {
  return {
    framesIn: 0,
    framesOut: 0,
    bytesOut: 0,
    conflated: 0,
    lostEvents: 0,
    slowConsumers: 0,
    deadPeers: 0,
    refusedUpgrades: new Map(),
    refusalReasons: new Map(),
    errors: new Map(),
    closes: new Map(),
  };
}

/** Adds one to a count by key; keys come from our own code, so their number is bounded. */
export function countOne<K>(counts: Map<K, number>, key: K): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
