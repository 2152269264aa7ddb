/** What the client counts. */

/** Counters since the client was made, and what is known of the current connection. */
export interface ClientStats extends Counters {
  /** Names of channels that came and that nobody had asked for: the first 20. */
  unwanted: readonly string[];
  /** Sockets opened after the first. */
  reconnects: number;
  /** Round trip of the last ping in milliseconds; `null` before the first answer. */
  rttMs: number | null;
  /** The server's clock minus ours in milliseconds; `null` where it cannot be known. */
  clockOffsetMs: number | null;
}

/** The part that is counted rather than derived. */
export interface Counters {
  /** Frames received. */
  messages: number;
  /** UTF-16 units received. */
  bytes: number;
  /** Frames sent. */
  sent: number;
  /** Values that were replaced by newer ones before anybody took them. */
  conflated: number;
  /** Frames that had come before, and were dropped. */
  duplicates: number;
  /** Holes of event channels that were announced, and values of state channels that were missed. */
  gaps: number;
  /** Frames that did not decode. */
  invalid: number;
  /** Messages of unknown types. */
  unknown: number;
  /** How many prices and events came of channels that nobody had asked for. */
  unwantedMessages: number;
  /** Times that a listener threw or rejected. */
  listenerFailures: number;
}

/** Counters of a client that has not done anything yet. */
export function zeroCounters(): Counters {
  const flow = { messages: 0, bytes: 0, sent: 0, conflated: 0, duplicates: 0 };
  return { ...flow, gaps: 0, invalid: 0, unknown: 0, unwantedMessages: 0, listenerFailures: 0 };
}
