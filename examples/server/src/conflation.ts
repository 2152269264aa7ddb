/** Which prices of a state channel one connection gets, and how many it was spared. Pure: no timer, no socket. */

/** What a connection last got of a channel. */
export interface SentPosition {
  readonly epoch: string;
  readonly seq: number;
  /** When the last frame went out, by the monotonic clock; `-Infinity` before the first. */
  readonly sentAt: number;
}

/** How a connection wants a channel, and how it is doing. */
export interface Pace {
  /** `state` channels may be conflated; `event` channels never are. */
  readonly kind: 'state' | 'event';
  /** At most one frame in this span; 0: every one. */
  readonly minIntervalMs: number;
  /** Whether the connection reads too slowly to be sent every price. */
  readonly congested: boolean;
}

/** What becomes of a message: sent now, held until it is due or replaced, or dropped as a duplicate. */
export type Decision = 'send' | 'hold' | 'drop';

/** Decides about one message of a channel for one connection. */
export function decide(
  message: { readonly epoch: string; readonly seq: number },
  last: SentPosition,
  pace: Pace,
  now: number,
): Decision {
  if (message.epoch === last.epoch && message.seq <= last.seq) return 'drop';
  if (pace.kind === 'event') return 'send';
  return pace.congested || now < dueAt(last, pace) ? 'hold' : 'send';
}

/** When the next frame of the channel may go out, by the monotonic clock. */
export function dueAt(last: SentPosition, pace: Pick<Pace, 'minIntervalMs'>): number {
  return last.sentAt + pace.minIntervalMs;
}

/** How many messages between the last frame and this one were deliberately not sent; 0 across an epoch change. */
export function skippedBefore(
  message: { readonly epoch: string; readonly seq: number },
  last: Pick<SentPosition, 'epoch' | 'seq'>,
): number {
  return message.epoch === last.epoch ? Math.max(0, message.seq - last.seq - 1) : 0;
}
