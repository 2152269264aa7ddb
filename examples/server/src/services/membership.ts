/** How a connection gets and leaves channels: admission, position, recovery, and the order ack → snapshot or replay → live. */
import {
  ErrorCode,
  parseChannel,
  type FilterCondition,
  type ParsedChannel,
  type RejectedChannel,
  type SubscribedPosition,
} from '@tickwire/protocol';
import type { Catalog } from '../catalog.js';
import { toIso, type Clock } from '../clock.js';
import type { Engine, Position, PublishedMessage, RecoveryFailure } from '../engine/engine.js';
import type { Limits } from '../limits.js';
import type { Connection } from '../plugins/connection.js';
import type { Audience, Lane } from './audience.js';
import { isDigestLane, metalsOf, type Delivery } from './delivery.js';
import { passes } from './filtering.js';
import { batchFrames, gapFrame, logOf, positionedFrame, snapshotFrames } from './frames.js';
import type { MetalsDigest } from './metals-digest.js';

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
interface Start extends Position {
  readonly recovered: boolean;
  readonly reason?: 'new' | RecoveryFailure;
  readonly replay: readonly PublishedMessage[];
  /** The last value, where a snapshot is due. */
  readonly value?: PublishedMessage;
}

/** What membership is made of. */
export interface MembershipOptions {
  readonly engine: Engine;
  readonly catalog: Catalog;
  readonly audience: Audience;
  readonly delivery: Delivery;
  readonly digest: MetalsDigest;
  readonly clock: Clock;
  readonly limits: Limits;
}

/** The way in. Calls for one connection must come one after the other: its inbox sees to that. */
export class Membership {
  readonly #options: MembershipOptions;

  constructor(options: MembershipOptions) {
    this.#options = options;
  }

  /**
   * Gives a connection the channels that it wants.
   *
   * @param reply frames that go out before any snapshot: the ack, or the typed answer of an older dialect
   */
  async join(
    connection: Connection,
    wishes: readonly Wish[],
    reply: (outcome: JoinOutcome) => readonly string[],
  ): Promise<void> {
    if (connection.isClosed()) return;
    const { audience, delivery } = this.#options;
    const rejected: RejectedChannel[] = [];
    const admitted: { wish: Wish; lane: Promise<Lane> }[] = [];
    // One answer a channel, even if a client names it twice.
    for (const wish of new Map(wishes.map((item) => [item.channel, item])).values()) {
      const parsed = parseChannel(wish.channel);
      const code = this.#refusalOf(connection, parsed);
      if (parsed === undefined || code !== undefined) {
        rejected.push({ channel: wish.channel, code: code ?? ErrorCode.UNKNOWN_CHANNEL, retryable: false });
        continue;
      }
      const { channel, kind } = parsed;
      const { minIntervalMs = 0, isImplied = false, filter } = wish;
      const log = logOf(parsed, connection.identity?.userId);
      const lane = audience.open(connection, { channel, log, kind, isImplied, minIntervalMs, filter });
      admitted.push({ wish, lane });
    }
    const opening = admitted.map(async ({ wish, lane }) => {
      const opened = await lane;
      return { wish, lane: opened, start: await this.#startOf(opened, wish) };
    });
    // A lane that never goes live would collect messages for nobody.
    const starts = await Promise.all(opening).catch((error: unknown) => {
      for (const { wish } of admitted) {
        const lane = audience.lanesOf(connection).get(wish.channel);
        if (lane !== undefined) this.#close(lane);
      }
      throw error;
    });
    if (connection.isClosed()) return;
    // From here on nothing waits, so that no live frame comes between.
    const subscribed = starts.map(({ lane, start }) => positionOf(lane, start));
    for (const frame of reply({ subscribed, rejected })) connection.send(frame);
    this.#sendStarts(connection, starts);
    const now = this.#options.clock.now();
    for (const { wish, lane, start } of starts) {
      const hasSent = start.value !== undefined || start.replay.length > 0;
      // A client that recovers goes on from the last frame that it was sent: a tail that a filter withheld is no head.
      const seq = start.recovered ? (start.replay.at(-1)?.seq ?? wish.since?.seq ?? start.seq) : start.seq;
      lane.moveTo({ epoch: start.epoch, seq, sentAt: hasSent ? now : -Infinity });
      delivery.goLive(lane);
    }
  }

  /** Takes channels away; returns those that the connection had. `global` stays. */
  leave(connection: Connection, channels: readonly string[]): string[] {
    const left: string[] = [];
    for (const channel of new Set(channels)) {
      const lane = this.#options.audience.lanesOf(connection).get(channel);
      if (lane === undefined || parseChannel(channel)?.implicit) continue;
      this.#close(lane);
      left.push(channel);
    }
    return left;
  }

  /** Ends what a silent older client was given unasked. */
  leaveImpliedMetals(connection: Connection): void {
    for (const lane of [...this.#options.audience.lanesOf(connection).values()]) {
      if (lane.isImplied && lane.channel.startsWith('metal:')) this.#close(lane);
    }
  }

  /** Ends everything of a connection that is gone. */
  leaveAll(connection: Connection): void {
    for (const lane of [...this.#options.audience.lanesOf(connection).values()]) this.#close(lane);
    this.#options.delivery.forgetConnection(connection);
  }

  /** The last seq that was sent to the connection, by channel. */
  headsOf(connection: Connection): Map<string, number> {
    const heads = new Map<string, number>();
    for (const [channel, lane] of this.#options.audience.lanesOf(connection)) {
      if (lane.backlog === undefined) heads.set(channel, lane.seq);
    }
    return heads;
  }

  /** Where the connection stands on those of these channels that it has. */
  positionsOf(connection: Connection, channels: readonly string[]): SubscribedPosition[] {
    const lanes = this.#options.audience.lanesOf(connection);
    return channels.flatMap((channel) => {
      const lane = lanes.get(channel);
      if (lane === undefined) return [];
      return [{ channel, kind: lane.kind, epoch: lane.epoch, seq: lane.seq, recovered: true }];
    });
  }

  /** Whether the connection has a channel that it asked for or that is its user's. */
  hasSubscriptions(connection: Connection): boolean {
    for (const { channel, isImplied } of this.#options.audience.lanesOf(connection).values()) {
      if (!isImplied || channel !== 'global') return true;
    }
    return false;
  }

  #close(lane: Lane): void {
    this.#options.delivery.forget(lane);
    this.#options.audience.close(lane);
  }

  #refusalOf(connection: Connection, parsed: ParsedChannel | undefined): ErrorCode | undefined {
    const { catalog, audience, limits } = this.#options;
    if (parsed === undefined || !catalog.has(parsed)) return ErrorCode.UNKNOWN_CHANNEL;
    if (parsed.needsAuth && connection.identity === undefined) return ErrorCode.UNAUTHENTICATED;
    const lanes = audience.lanesOf(connection);
    return lanes.size >= limits.maxSubscriptions && !lanes.has(parsed.channel)
      ? ErrorCode.TOO_MANY_SUBSCRIPTIONS
      : undefined;
  }

  async #startOf(lane: Lane, wish: Wish): Promise<Start> {
    const { engine, limits } = this.#options;
    let reason: Start['reason'] = 'new';
    if (wish.since !== undefined) {
      const past = await engine.history(lane.log, { since: wish.since, limit: limits.resumeMessages });
      if (past.complete) {
        const replay = past.messages.filter((message) => passes(lane, message));
        return { epoch: past.epoch, seq: past.seq, recovered: true, replay };
      }
      reason = past.failure ?? 'too_old';
    }
    const { epoch, seq, messages } = await engine.history(lane.log, { limit: lane.kind === 'state' ? 1 : 0 });
    const value = messages.find((message) => passes(lane, message));
    return { epoch, seq, recovered: false, reason, replay: [], ...(value === undefined ? {} : { value }) };
  }

  #sendStarts(connection: Connection, starts: readonly { wish: Wish; lane: Lane; start: Start }[]): void {
    const isNew = connection.dialect === 'tickwire';
    const values = starts.flatMap(({ start }) => (start.value === undefined ? [] : [start.value]));
    if (isNew) for (const frame of snapshotFrames(values)) connection.send(frame);
    else this.#sendOlderValues(connection, starts);
    for (const { wish, lane, start } of starts) {
      const frames = replayFrames(wish, lane, start);
      for (const frame of isNew ? batchFrames(frames) : frames) connection.send(frame);
      const isLoss = lane.kind === 'event' && !start.recovered && start.reason !== 'new' && wish.since !== undefined;
      if (isLoss && isNew) connection.send(gapFrame(lossOf(lane, wish.since, start)));
    }
  }

  /** Last values for clients that know no snapshots: coins one by one, metals in one frame. */
  #sendOlderValues(connection: Connection, starts: readonly { lane: Lane; start: Start }[]): void {
    const { digest, audience, clock } = this.#options;
    let hasMetals = false;
    for (const { lane, start } of starts) {
      if (start.value === undefined) continue;
      if (isDigestLane(lane)) {
        digest.note(start.value, false);
        hasMetals = true;
      } else connection.send(positionedFrame(start.value));
    }
    const frame = hasMetals
      ? digest.frameOf(metalsOf(audience.lanesOf(connection).values()), toIso(clock.now()), false)
      : undefined;
    if (frame !== undefined) connection.send(frame);
  }
}

function positionOf(lane: Lane, { epoch, seq, recovered, reason }: Start): SubscribedPosition {
  const position = { channel: lane.channel, kind: lane.kind, epoch, seq, recovered };
  return reason === undefined ? position : { ...position, reason };
}

/** What was missed, in order, each with what was withheld before it; of a conflated channel only the newest. */
function replayFrames(wish: Wish, lane: Lane, { replay }: Start): string[] {
  const sent = lane.kind === 'event' || lane.minIntervalMs === 0 ? replay : replay.slice(-1);
  let before = wish.since?.seq ?? 0;
  return sent.map((message) => {
    const skip = message.seq - before - 1;
    before = message.seq;
    return positionedFrame(message, { replay: true, skip });
  });
}

/** What is lost for good: a range within one epoch, and an unknown one across epochs. */
function lossOf(lane: Lane, since: Position | undefined, { epoch, seq, reason }: Start) {
  const { channel } = lane;
  return since !== undefined && reason === 'too_old'
    ? { channel, from: since.seq + 1, to: seq, reason }
    : { channel, from: null, to: null, reason: reason ?? null, epoch };
}
