/** Whether a published message passes a lane's filter. A body is read once, however many filters look at it. */
import type { PublishedMessage } from '../engine/engine.js';

/** Values that filters look at, for as long as the log keeps the message. */
const dataOf = new WeakMap<PublishedMessage, unknown>();

function readData(message: PublishedMessage): unknown {
  if (dataOf.has(message)) return dataOf.get(message);
  // The body is our own: it was checked when it was published.
  const { data } = JSON.parse(message.body) as { data?: unknown };
  dataOf.set(message, data);
  return data;
}

/** Whether the message is wanted: always, without a filter. */
export function passes(
  lane: { readonly filter: ((data: unknown) => boolean) | undefined },
  message: PublishedMessage,
): boolean {
  return lane.filter === undefined || lane.filter(readData(message));
}
