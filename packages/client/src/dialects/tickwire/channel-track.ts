/** What is remembered of one channel between frames. */
import type { ChannelKind, ParsedChannel } from '@tickwire/protocol';
import type { Acked, Loss, Placed } from './positions.js';
import type { Holding } from './held-events.js';

/** Where a channel stands; changed by `ChannelPositions` alone. */
export interface Track extends Holding {
  readonly kind: ChannelKind;
  /** Whether the price that the user has is the one at this position. */
  valued: boolean;
  /** Asked for next without a position, so that a value comes. */
  needsValue: boolean;
  /** Lost, as an ack told, and not announced yet: the server's own word on it follows. */
  lost: Loss | undefined;
  /** Where the server says that a channel stands which comes by itself, until it has been resumed. */
  told: Acked | undefined;
  /** A head ahead of the position, and when it counts as a lost tail; −1 without one. */
  head: number;
  tailDueAt: number;
  resubscribedAt: number;
}

/** A channel whose first position is this. */
export function trackAt({ kind }: ParsedChannel, { epoch, seq }: Placed, valued: boolean): Track {
  const unseen = { head: -1, tailDueAt: 0, resubscribedAt: -Infinity };
  return { epoch, seq, kind, valued, needsValue: false, lost: undefined, told: undefined, hold: undefined, ...unseen };
}
