/** Where a lane starts, and what its client missed: looked at and sent in parts, so that no request holds the event loop. */
import type { RejectedChannel, SubscribedPosition, FilterCondition } from '@tickwire/protocol';
import type { Engine, History, Loss, Position, PublishedMessage, RecoveryFailure } from '../engine/engine.js';
import type { Limits } from '../limits.js';
import type { Connection } from '../plugins/connection.js';
import type { Lane } from './audience.js';
import type { FairTurns } from './fair-turns.js';
import { passes } from './filtering.js';
import { batchFrames, gapFrame, positionedFrame } from './frames.js';

/** One channel that a connection wants. */
export interface Wish {
  readonly channel: string;
  /** From where, for recovery. */
  readonly since?: Position;
  /** @default 0 */
  readonly minIntervalMs?: number;
  /** @default everything */
  readonly filter?: readonly FilterCondition[];
  /** @default false */
  readonly isImplied?: boolean;
}

/** What became of the wishes. */
export interface JoinOutcome {
  readonly subscribed: SubscribedPosition[];
  readonly rejected: RejectedChannel[];
}

/** Where a lane starts. */
export interface Start extends Position {
  readonly recovered: boolean;
  readonly reason?: 'new' | RecoveryFailure;
  readonly replay: readonly PublishedMessage[];
  /** The last value, where a snapshot is due. */
  readonly value?: PublishedMessage;
}

/** What recovery is made of. */
export interface RecoveryOptions {
  readonly engine: Engine;
  readonly limits: Pick<Limits, 'resumeMessages'>;
  readonly turns: FairTurns;
}

/** Reading a log takes about so many steps, whatever is in it. */
const stepsOfRead = 4;
/** Values of a filter that cost as much as one message. */
const valuesInStep = 32;
/** Messages that are looked at between two questions for time; a batch has no more. */
const inPart = 100;

/** What looking at these messages costs. */
export function stepsOf(messages: readonly (PublishedMessage | Loss)[]): number {
  return messages.reduce((steps, item) => steps + 1 + ('body' in item ? item.body.length >> 10 : 0), 0);
}

function* partsOf(messages: readonly PublishedMessage[]): Generator<readonly PublishedMessage[]> {
  for (let from = 0; from < messages.length; from += inPart) yield messages.slice(from, from + inPart);
}

/** What opening a lane for this wish costs. */
export function stepsOfWish({ filter = [] }: Wish): number {
  return filter.reduce((steps, { vals = [] }) => steps + Math.ceil(vals.length / valuesInStep), stepsOfRead);
}

/** The log from where the client stands, or its newest. Asks the engine only. */
export async function readLog({ engine, limits }: RecoveryOptions, lane: Lane, { since }: Wish) {
  const past = since && (await engine.history(lane.log, { since, limit: limits.resumeMessages }));
  const newest = past?.complete ? undefined : await engine.history(lane.log, { limit: lane.kind === 'state' ? 1 : 0 });
  return { past, newest };
}

/** Where the lane starts, given its log. Looks at what was missed in parts; stops early when the connection is gone. */
export async function startOf(
  { turns }: RecoveryOptions,
  lane: Lane,
  { past, newest }: { readonly past: History | undefined; readonly newest: History | undefined },
): Promise<Start> {
  const { connection } = lane;
  if (past !== undefined && newest === undefined) {
    const replay: PublishedMessage[] = [];
    if (lane.filter === undefined) replay.push(...past.messages);
    else {
      for (const part of partsOf(past.messages)) {
        await turns.take(connection.address, stepsOf(part));
        if (connection.isClosed()) break;
        replay.push(...part.filter((message) => passes(lane, message)));
      }
    }
    return { epoch: past.epoch, seq: past.seq, recovered: true, replay };
  }
  const { epoch = '', seq = 0, messages = [] } = newest ?? {};
  await turns.take(connection.address, stepsOf(messages));
  const value = messages.find((message) => passes(lane, message));
  const reason = past === undefined ? 'new' : (past.failure ?? 'too_old');
  return { epoch, seq, recovered: false, reason, replay: [], ...(value === undefined ? {} : { value }) };
}

/** Sends what was missed, in order, each with what was withheld before it; of a conflated channel only the newest. */
export async function sendReplay({ turns }: RecoveryOptions, wish: Wish, lane: Lane, start: Start): Promise<void> {
  const { connection } = lane;
  const { replay } = start;
  const sent = lane.kind === 'event' || lane.minIntervalMs === 0 ? replay : replay.slice(-1);
  let before = wish.since?.seq ?? 0;
  for (const part of partsOf(sent)) {
    await turns.take(connection.address, stepsOf(part));
    if (connection.isClosed()) return;
    const frames = part.map((message) => {
      const skip = message.seq - before - 1;
      before = message.seq;
      return positionedFrame(message, { replay: true, skip });
    });
    for (const frame of connection.dialect === 'tickwire' ? batchFrames(frames) : frames) connection.send(frame);
  }
  sendLoss(connection, wish, lane, start);
}

/** Tells of events that are lost for good: a range within one epoch, and an unknown one across epochs. */
function sendLoss(connection: Connection, { since }: Wish, { channel, kind }: Lane, start: Start): void {
  const { epoch, seq, reason, recovered } = start;
  const isLoss = kind === 'event' && !recovered && reason !== 'new' && since !== undefined;
  if (!isLoss || connection.dialect !== 'tickwire') return;
  const lost =
    reason === 'too_old'
      ? { channel, from: since.seq + 1, to: seq, reason }
      : { channel, from: null, to: null, reason: reason ?? null, epoch };
  connection.send(gapFrame(lost));
}
