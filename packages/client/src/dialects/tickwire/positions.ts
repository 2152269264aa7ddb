/** Where a channel stands and what a frame, an ack or a head means for it. Positions are compared here and kept nowhere. */
import type { ChannelKind } from '@tickwire/protocol';
import type { Message } from './messages.js';

/** A place in a channel: everything up to `seq` of this epoch has been seen or accounted for. */
export interface Position {
  /** `undefined` until a frame or an ack names it: heads come without. */
  readonly epoch: string | undefined;
  /** 0: nothing yet; −1: not known. */
  readonly seq: number;
}

/** What a frame says of its place. */
export interface Placed {
  readonly seq: number;
  /** How many before it were withheld on purpose. */
  readonly skip?: number | undefined;
  readonly epoch?: string | undefined;
}

/** What a server says of the place where a subscription starts. */
export interface Acked {
  readonly epoch: string;
  readonly seq: number;
  readonly recovered?: boolean | null | undefined;
  readonly reason?: string | null | undefined;
}

/** Messages that will never come, both ends inclusive; `null` where the epoch has changed and nobody knows. */
export interface Loss {
  readonly from: number | null;
  readonly to: number | null;
  readonly reason: string;
  readonly epoch?: string;
}

/** The seq of the first message that a frame accounts for: those that it skips are no loss. */
export function firstOf(frame: Placed): number {
  return frame.seq - (frame.skip ?? 0);
}

/** The gap rule: what a frame is to a client that stands at `last`. */
export function verdictOn(last: Position, frame: Placed): 'next' | 'duplicate' | 'gap' | 'reset' {
  if (frame.epoch !== undefined && last.epoch !== undefined && frame.epoch !== last.epoch) return 'reset';
  if (last.seq < 0) return 'next';
  if (frame.seq <= last.seq) return 'duplicate';
  return firstOf(frame) > last.seq + 1 ? 'gap' : 'next';
}

/** The loss that an epoch change is: its range is not known. */
export function epochLoss(epoch: string | undefined, reason = 'epoch'): Loss {
  return { from: null, to: null, reason, ...(epoch === undefined ? {} : { epoch }) };
}

/**
 * Where a client that stood at `last` stands after the ack, and what it has lost. Recovered, it stays where it was and
 * the replay moves it on; an epoch change is never recovered, whatever the server says.
 */
export function afterAck(last: Position | undefined, ack: Acked): { position: Position; lost?: Loss } {
  const { epoch, seq } = ack;
  const position = { epoch, seq };
  if (last === undefined || last.seq < 0) return { position };
  const reason = ack.reason ?? 'unknown';
  if (last.epoch !== undefined && last.epoch !== epoch) return { position, lost: epochLoss(epoch, reason) };
  if (ack.recovered === true) return { position: { epoch, seq: last.seq } };
  if (seq > last.seq) return { position, lost: { from: last.seq + 1, to: seq, reason } };
  // Behind the client within one epoch: the counter was set back, so the range means nothing.
  return seq < last.seq ? { position, lost: epochLoss(epoch, reason) } : { position };
}

/** Two words on one loss, ours and the server's, as one. */
export function joined(known: Loss, told: Loss): Loss {
  const { from, to } = known;
  if (from === null || to === null || told.from === null || told.to === null) {
    const epoch = told.epoch ?? known.epoch;
    return epochLoss(epoch, told.reason);
  }
  return { ...told, from: Math.min(from, told.from), to: Math.max(to, told.to) };
}

/** A frame that came too early; without a message, a loss that the server announced. */
export interface Held extends Placed {
  readonly message?: Message;
  readonly reason?: string;
}

/** A hole that is being filled. */
export interface Hold {
  /** By seq. */
  readonly items: Map<number, Held & { readonly length: number }>;
  /** The head that proved the hole, when no frame has come behind it; −1 otherwise. */
  readonly target: number;
  /** The question that is out; an answer to an older one says nothing. */
  asked?: object;
}

/** What is remembered of one channel between frames. */
export interface Track {
  epoch: string | undefined;
  seq: number;
  readonly kind: ChannelKind;
  /** Whether the price that the user has is the one at this position. */
  valued: boolean;
  /** Asked for next without a position, so that a value comes. */
  needsValue?: boolean;
  /** Lost, as an ack told, and not announced yet: the server's own word on it follows. */
  lost?: Loss | undefined;
  /** Where the server says that a channel stands which comes by itself, until it has been resumed. */
  told?: Acked | undefined;
  /** The hole that is being filled. */
  hold?: Hold | undefined;
  /** A head ahead of the position, and when it counts as a lost tail; −1 without one. */
  head: number;
  tailDueAt?: number;
  resubscribedAt?: number;
}

/** The position to resume a channel from. */
export function resumable(track: Track | undefined): { epoch: string; seq: number } | undefined {
  if (track?.epoch === undefined || track.seq < 0 || track.needsValue === true) return undefined;
  return { epoch: track.epoch, seq: track.seq };
}
