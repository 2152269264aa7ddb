/** How a connection gets and leaves channels: admission, position, recovery, and the order ack → snapshot or replay → live. */
import {
  compileFilter,
  ErrorCode,
  parseChannel,
  type ParsedChannel,
  type RejectedChannel,
  type SubscribedPosition,
} from '@tickwire/protocol';
import type { Catalog } from '../catalog.js';
import { toIso, type Clock, type NextTurn } from '../clock.js';
import type { Engine } from '../engine/engine.js';
import type { Limits } from '../limits.js';
import type { Connection } from '../plugins/connection.js';
import type { Audience, Lane } from './audience.js';
import { isDigestLane, metalsOf, type Delivery } from './delivery.js';
import { FairTurns } from './fair-turns.js';
import { logOf, positionedFrame, snapshotFrames } from './frames.js';
import type { MetalsDigest } from './metals-digest.js';
import {
  readLog,
  sendReplay,
  startOf,
  stepsOf,
  stepsOfWish,
  type JoinOutcome,
  type RecoveryOptions,
  type Start,
  type Wish,
} from './recovery.js';

export type { JoinOutcome, Wish } from './recovery.js';

/** What membership is made of. */
export interface MembershipOptions {
  readonly engine: Engine;
  readonly catalog: Catalog;
  readonly audience: Audience;
  readonly delivery: Delivery;
  readonly digest: MetalsDigest;
  readonly clock: Clock;
  readonly limits: Limits;
  /** @default a later turn of the event loop */
  readonly nextTurn?: NextTurn;
}

/** A lane that is about to go live. */
interface Opened {
  readonly wish: Wish;
  readonly lane: Lane;
  readonly start: Start;
}

/** The way in. Calls for one connection must come one after the other: its inbox sees to that. */
export class Membership {
  /** What bounds the work of those who want to know the past. */
  readonly turns: FairTurns;
  readonly #options: MembershipOptions;
  readonly #recovery: RecoveryOptions;

  constructor(options: MembershipOptions) {
    const { engine, limits, nextTurn } = options;
    this.#options = options;
    this.turns = new FairTurns({ steps: limits.sliceRecovered, ...(nextTurn === undefined ? {} : { nextTurn }) });
    this.#recovery = { engine, limits, turns: this.turns };
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
    const { audience } = this.#options;
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
      const { minIntervalMs = 0, isImplied = false } = wish;
      const filter = wish.filter && compileFilter(wish.filter);
      const log = logOf(parsed, connection.identity?.userId);
      const lane = audience.open(connection, { channel, log, kind, isImplied, minIntervalMs, filter });
      admitted.push({ wish, lane });
    }
    const starting = this.#startsOf(connection, admitted);
    // A lane that never goes live would collect messages for nobody.
    const starts = await starting.catch((error: unknown) => {
      for (const { wish } of admitted) {
        const lane = audience.lanesOf(connection).get(wish.channel);
        if (lane !== undefined) this.#close(lane);
      }
      throw error;
    });
    if (connection.isClosed()) return;
    const subscribed = starts.map(({ lane, start }) => positionOf(lane, start));
    for (const frame of reply({ subscribed, rejected })) connection.send(frame);
    this.#sendValues(connection, starts);
    // What is published meanwhile waits in each lane's backlog, so that no live frame comes between.
    for (const opened of starts) await this.#goLive(connection, opened);
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

  async #startsOf(connection: Connection, admitted: readonly { wish: Wish; lane: Promise<Lane> }[]): Promise<Opened[]> {
    const logs = await Promise.all(
      admitted.map(async ({ wish, lane }) => {
        const opened = await lane;
        await this.turns.take(connection.address, stepsOfWish(wish));
        return { wish, lane: opened, log: await readLog(this.#recovery, opened, wish) };
      }),
    );
    const starts: Opened[] = [];
    for (const { wish, lane, log } of logs) {
      if (connection.isClosed()) break;
      starts.push({ wish, lane, start: await startOf(this.#recovery, lane, log) });
    }
    return starts;
  }

  async #goLive(connection: Connection, { wish, lane, start }: Opened): Promise<void> {
    await sendReplay(this.#recovery, wish, lane, start);
    const { backlog = [] } = lane;
    if (backlog.length > 0) await this.turns.take(connection.address, stepsOf(backlog));
    if (!lane.isOpen) return;
    const hasSent = start.value !== undefined || start.replay.length > 0;
    // A client that recovers goes on from the last frame that it was sent: a tail that a filter withheld is no head.
    const seq = start.recovered ? (start.replay.at(-1)?.seq ?? wish.since?.seq ?? start.seq) : start.seq;
    lane.moveTo({ epoch: start.epoch, seq, sentAt: hasSent ? this.#options.clock.monotonic() : -Infinity });
    this.#options.delivery.goLive(lane);
  }

  #sendValues(connection: Connection, starts: readonly Opened[]): void {
    const values = starts.flatMap(({ start }) => (start.value === undefined ? [] : [start.value]));
    if (connection.dialect !== 'tickwire') this.#sendOlderValues(connection, starts);
    else for (const frame of snapshotFrames(values)) connection.send(frame);
  }

  /** Last values for clients that know no snapshots: coins one by one, metals in one frame. */
  #sendOlderValues(connection: Connection, starts: readonly Opened[]): void {
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
