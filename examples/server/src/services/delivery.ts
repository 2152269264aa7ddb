/** Brings published messages to the connections that have a lane: serialised once, in order, conflated where asked. */
import { nextTurnOfLoop, toIso, type Clock, type NextTurn } from '../clock.js';
import { decide, dueAt, skippedBefore } from '../conflation.js';
import type { Counters } from '../counters.js';
import type { Loss, PublishedMessage } from '../engine/engine.js';
import type { Limits } from '../limits.js';
import type { Connection } from '../plugins/connection.js';
import type { Audience, Lane } from './audience.js';
import { passes } from './filtering.js';
import { gapFrame } from './frames.js';
import type { MetalsDigest } from './metals-digest.js';
import { Outboxes } from './outboxes.js';
import { SharedFrame } from './shared-frame.js';

declare module 'fastify' {
  interface FastifyInstance {
    /** The way out: how much of it waits. */
    delivery: Pick<Delivery, 'heldCount' | 'waitingCount'>;
  }
}

/** What delivery is made of. */
export interface DeliveryOptions {
  readonly audience: Audience;
  readonly digest: MetalsDigest;
  readonly clock: Clock;
  readonly limits: Limits;
  readonly counters: Counters;
  /** @default a later turn of the event loop */
  readonly nextTurn?: NextTurn;
}

/** What waits for a connection: a message on its lane, news of a loss on it, or a text that is for nobody else. */
type Waiting =
  | { readonly lane: Lane; readonly frame: SharedFrame }
  | { readonly lane: Lane; readonly loss: Loss }
  | string;

/** Whether a lane's prices go out as digests: metals of clients that never said hello. */
export function isDigestLane(lane: Lane): boolean {
  return lane.connection.dialect !== 'tickwire' && lane.channel.startsWith('metal:');
}

/**
 * Whether nothing of the lane stands against sending this message right now: the next in line, of a lane without pace or
 * filter. Almost all are so, and what is decided here is decided ten thousand times a broadcast.
 */
function isUsual(lane: Lane, message: PublishedMessage): boolean {
  return (
    lane.seq === message.seq - 1 &&
    lane.epoch === message.epoch &&
    lane.minIntervalMs === 0 &&
    lane.filter === undefined &&
    lane.held === undefined &&
    lane.connection.dialect === 'tickwire'
  );
}

/** The metals that a connection has lanes of, in a fixed order. */
export function metalsOf(lanes: Iterable<Lane>): string[] {
  const names: string[] = [];
  for (const { channel } of lanes) if (channel.startsWith('metal:')) names.push(channel.slice('metal:'.length));
  return names.sort();
}

/** The way out; one timer serves all held prices and all digests. */
export class Delivery {
  readonly #options: DeliveryOptions;
  readonly #outboxes: Outboxes<Waiting>;
  readonly #heldLanes = new Set<Lane>();
  readonly #digestDue = new Set<Connection>();
  #cancelFlush: (() => void) | undefined;

  constructor(options: DeliveryOptions) {
    this.#options = options;
    this.#outboxes = new Outboxes({
      limits: options.limits,
      nextTurn: options.nextTurn ?? nextTurnOfLoop,
      write: (connection, waiting) => {
        if (typeof waiting === 'string') connection.send(waiting);
        // Whoever unsubscribed meanwhile gets nothing more.
        else if (!waiting.lane.isOpen) return;
        else if ('frame' in waiting) this.#offer(waiting.lane, waiting.frame);
        else this.#lose(waiting.lane, waiting.loss);
      },
    });
  }

  /** Lanes that wait for their next frame. */
  get heldCount(): number {
    return this.#heldLanes.size;
  }

  /** Connections that something waits for in this very moment. */
  get waitingCount(): number {
    return this.#outboxes.size;
  }

  /** Hands one published message to everybody who has its channel, in this turn of the event loop or a later one. */
  deliver(message: PublishedMessage): void {
    const lanes = this.#options.audience.of(message.channel);
    if (lanes.size === 0) return;
    const frame = new SharedFrame(message);
    for (const lane of lanes) this.#outboxes.push(lane.connection, { lane, frame });
  }

  /** Tells everybody who has an event channel what of it is lost, in its place among the messages. A state's next value heals it. */
  lose(loss: Loss): void {
    for (const lane of this.#options.audience.of(loss.channel)) {
      if (lane.kind === 'event') this.#outboxes.push(lane.connection, { lane, loss });
    }
  }

  /** Ends the opening of a lane: what came meanwhile is delivered, then it is live. */
  goLive(lane: Lane): void {
    const { backlog = [], lost } = lane;
    lane.backlog = undefined;
    lane.lost = undefined;
    if (lost !== undefined && lost.epoch === lane.epoch && lost.to > lane.seq) this.#announce(lane, lost.to);
    for (const item of backlog) {
      if ('body' in item) this.#offer(lane, new SharedFrame(item));
      else this.#lose(lane, item);
    }
  }

  /** Sends nothing more of what is held for this lane. */
  forget(lane: Lane): void {
    this.#heldLanes.delete(lane);
  }

  /** Sends nothing more to this connection. */
  forgetConnection(connection: Connection): void {
    this.#digestDue.delete(connection);
    this.#outboxes.forget(connection);
  }

  /** Ends all timers; what is held is dropped. */
  stop(): void {
    this.#cancelFlush?.();
    this.#cancelFlush = undefined;
    this.#outboxes.stop();
    this.#heldLanes.clear();
    this.#digestDue.clear();
  }

  #offer(lane: Lane, frame: SharedFrame): void {
    const { message } = frame;
    if (lane.backlog !== undefined) {
      this.#keepForLater(lane, lane.backlog, message);
      return;
    }
    if (isUsual(lane, message) && (lane.kind === 'event' || !lane.connection.isCongested)) {
      lane.connection.sendPrepared(frame.prepared(0));
      lane.seq = message.seq;
      return;
    }
    // The position stays where it is, so that the next frame says what it skips.
    if (!passes(lane, message)) return;
    const now = this.#options.clock.monotonic();
    const decision = decide(message, lane, this.#paceOf(lane), now);
    if (decision === 'drop') return;
    if (isDigestLane(lane)) {
      this.#options.digest.note(message, true);
      this.#digestDue.add(lane.connection);
      lane.moveTo({ epoch: message.epoch, seq: message.seq, sentAt: now });
      this.#scheduleFlush();
    } else if (decision === 'hold') {
      lane.held = frame;
      this.#heldLanes.add(lane);
      this.#scheduleFlush();
    } else {
      this.#send(lane, frame, now);
    }
  }

  /** A backlog must not grow without end; what it loses of an event channel is announced. */
  #keepForLater(lane: Lane, backlog: (PublishedMessage | Loss)[], item: PublishedMessage | Loss): void {
    backlog.push(item);
    if (backlog.length <= this.#options.limits.resumeMessages) return;
    const dropped = backlog.shift();
    if (dropped !== undefined && lane.kind === 'event') lane.lost = { epoch: dropped.epoch, to: dropped.seq };
  }

  /** What the engine lost of the lane's channel; what the lane had before, or was told of when it was opened, it keeps. */
  #lose(lane: Lane, loss: Loss): void {
    if (lane.backlog !== undefined) this.#keepForLater(lane, lane.backlog, loss);
    else if (lane.epoch === loss.epoch) {
      if (loss.seq > lane.seq) this.#announce(lane, loss.seq);
    } else {
      const { channel, connection } = lane;
      const { epoch, seq } = loss;
      this.#options.counters.lostEvents += 1;
      if (connection.dialect === 'tickwire') {
        connection.send(gapFrame({ channel, from: null, to: null, reason: 'epoch', epoch }));
      }
      lane.moveTo({ epoch, seq, sentAt: lane.sentAt });
    }
  }

  /** Events up to `to` are lost to this lane. */
  #announce(lane: Lane, to: number): void {
    const from = lane.seq + 1;
    this.#options.counters.lostEvents += to - from + 1;
    if (lane.connection.dialect === 'tickwire') {
      lane.connection.send(gapFrame({ channel: lane.channel, from, to, reason: 'overflow' }));
    }
    lane.seq = to;
  }

  #send(lane: Lane, frame: SharedFrame, now: number): void {
    const { message } = frame;
    const skip = skippedBefore(message, lane);
    this.#options.counters.conflated += skip;
    lane.connection.sendPrepared(frame.prepared(skip));
    lane.moveTo({ epoch: message.epoch, seq: message.seq, sentAt: now });
    if (lane.held === undefined) return;
    lane.held = undefined;
    this.#heldLanes.delete(lane);
  }

  #paceOf({ kind, minIntervalMs, connection }: Lane) {
    return { kind, minIntervalMs, congested: connection.isCongested };
  }

  #scheduleFlush(): void {
    if (this.#cancelFlush !== undefined) return;
    this.#cancelFlush = this.#options.clock.after(this.#options.limits.flushMs, () => {
      this.#cancelFlush = undefined;
      this.#flush();
      if (this.#heldLanes.size > 0) this.#scheduleFlush();
    });
  }

  #flush(): void {
    const now = this.#options.clock.monotonic();
    for (const lane of this.#heldLanes) {
      const { held, connection } = lane;
      if (held !== undefined && (connection.isCongested || now < dueAt(lane, lane))) continue;
      this.#heldLanes.delete(lane);
      lane.held = undefined;
      if (held !== undefined) this.#outboxes.push(connection, { lane, frame: held });
    }
    this.#flushDigests();
  }

  /** Clients with the same metals share one text. */
  #flushDigests(): void {
    const { audience, clock, digest } = this.#options;
    const frames = new Map<string, string | undefined>();
    for (const connection of this.#digestDue) {
      const metals = metalsOf(audience.lanesOf(connection).values());
      const key = metals.join();
      if (!frames.has(key)) frames.set(key, digest.frameOf(metals, toIso(clock.now()), true));
      const frame = frames.get(key);
      if (frame !== undefined) this.#outboxes.push(connection, frame);
    }
    this.#digestDue.clear();
    digest.settle();
  }
}
