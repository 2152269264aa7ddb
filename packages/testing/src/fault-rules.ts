/** What a fault proxy does to bytes on their way: the rules as data, and how much passes when. No socket, timer or chance. */

/** Where bytes go: `up` from client to server, `down` from server to client. */
export type Direction = 'up' | 'down';

/** How a link ends: `reset` is a TCP reset to both sides, `end` a FIN to both sides and no close frame. */
export type Ending = 'reset' | 'end';

/** What is done to all bytes of all links. */
export interface FaultRules {
  /** Bytes are held for this long, give or take the jitter. */
  readonly latencyMs: number;
  readonly jitterMs: number;
  /** Bytes per second in each direction of each link; `undefined` is no limit. */
  readonly bytesPerSecond: number | undefined;
  /** At most this many bytes in one write; `undefined` is no limit. */
  readonly sliceBytes: number | undefined;
  /** The first bytes from the server, which are the answer to the upgrade, are held for this long. */
  readonly upgradeDelayMs: number;
  /** A link on which nothing passes in either direction for this long is ended; `undefined` is never. */
  readonly idleMs: number | undefined;
}

/** Rules that leave everything as it is. */
export const noFaults: FaultRules = {
  latencyMs: 0,
  jitterMs: 0,
  bytesPerSecond: undefined,
  sliceBytes: undefined,
  upgradeDelayMs: 0,
  idleMs: undefined,
};

/** Bytes that wait. */
export interface HeldBytes {
  readonly bytes: Buffer;
  /** When they came in, on the monotonic clock. */
  readonly arrivedAt: number;
  /** 0 ≤ n < 1: their part in the jitter, drawn when they came in. */
  readonly chance: number;
  /** Whether they open the answer to the upgrade. */
  readonly opening: boolean;
}

/** When held bytes may leave, on the monotonic clock; rules changed meanwhile count. */
export function dueAt(rules: FaultRules, held: HeldBytes): number {
  const jitterMs = (held.chance * 2 - 1) * rules.jitterMs;
  const delayMs = Math.max(0, rules.latencyMs + jitterMs);
  return held.arrivedAt + delayMs + (held.opening ? rules.upgradeDelayMs : 0);
}

// A limited rate is served in small portions, so that bytes trickle instead of coming in one gulp a second.
const portionsPerSecond = 50;

/** How many of `available` bytes the next write may have; at least 1. */
export function portion(rules: FaultRules, available: number, untilCut = Number.POSITIVE_INFINITY): number {
  const { bytesPerSecond, sliceBytes } = rules;
  const ofRate = bytesPerSecond === undefined ? available : Math.ceil(bytesPerSecond / portionsPerSecond);
  return Math.max(1, Math.min(available, ofRate, sliceBytes ?? available, untilCut));
}

/** How long a write of so many bytes keeps the line busy. */
export function lineMs(rules: FaultRules, bytes: number): number {
  return rules.bytesPerSecond === undefined ? 0 : (bytes / rules.bytesPerSecond) * 1_000;
}

/** The bytes with one of them changed by `mask`; the same object when it is not among them. */
export function flipped(bytes: Buffer, index: number, mask: number): Buffer {
  const byte = bytes[index];
  if (byte === undefined) return bytes;
  const copy = Buffer.from(bytes);
  copy[index] = byte ^ mask;
  return copy;
}

/** A number that a rule may have; throws a `RangeError` for anything else. */
export function atLeast(what: string, value: number, least: number): number {
  if (!Number.isFinite(value) || value < least) throw new RangeError(`${what} is a number from ${least} on`);
  return value;
}
