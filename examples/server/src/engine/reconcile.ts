/**
 * What a node makes of a channel's log after it may have missed something: what is told now, what is lost, and where the channel
 * goes on. Pure.
 */
import type { Loss } from './engine.js';
import type { IdentifiedMessage, IdentifiedPosition, LogView } from './redis-messages.js';

/** What is to be told, in this order, and where that leads. */
export interface Continuation {
  readonly steps: readonly (IdentifiedMessage | Loss)[];
  readonly position: IdentifiedPosition;
}

/**
 * Whether the log is not the one that was known, though it bears the same epoch: a Redis that lost its last writes gives their
 * numbers out again. Such an epoch has to end.
 */
export function hasForked(known: IdentifiedPosition, log: LogView): boolean {
  if (log.epoch !== known.epoch) return false;
  if (log.seq < known.seq) return true;
  const there = log.messages.find(({ seq }) => seq === known.seq)?.id ?? (log.seq === known.seq ? log.id : known.id);
  return there !== known.id;
}

/**
 * How a channel goes on from `known`.
 *
 * @param log read from `known` on; in another epoch, from the beginning of that
 */
export function continueFrom(channel: string, known: IdentifiedPosition, log: LogView): Continuation {
  const { epoch, seq, id, first, messages } = log;
  const steps: (IdentifiedMessage | Loss)[] = [];
  let at = known.seq;
  if (epoch !== known.epoch) {
    // Whether anything was published before the old one ended, nobody knows. What is of the new one nobody was told.
    at = first - 1;
    steps.push({ channel, epoch, seq: at });
  }
  for (const message of messages) {
    if (message.seq <= at) continue;
    if (message.seq > at + 1) steps.push({ channel, epoch, seq: message.seq - 1 });
    steps.push(message);
    at = message.seq;
  }
  if (at < seq) steps.push({ channel, epoch, seq });
  return { steps, position: { epoch, seq, id } };
}
