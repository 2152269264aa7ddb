/** Brings published messages to the connections that have a lane: serialised once, in order, conflated where asked. */
import { toIso, type Clock } from '../clock.js';
import { decide, dueAt, skippedBefore } from '../conflation.js';
import type { PublishedMessage } from '../engine/engine.js';
import type { Limits } from '../limits.js';
import type { Connection } from '../plugins/connection.js';
import type { Audience, Lane } from './audience.js';
import { passes } from './filtering.js';
import { positionedFrame } from './frames.js';
import type { MetalsDigest } from './metals-digest.js';

/** What delivery is made of. */
export interface DeliveryOptions {
  readonly audience: Audience;
  readonly digest: MetalsDigest;
  readonly clock: Clock;
  readonly limits: Limits;
}

/** Whether a lane's prices go out as digests: metals of clients that never said hello. */
export function isDigestLane(lane: Lane): boolean {
  return lane.channel.startsWith('metal:') && lane.connection.dialect !== 'tickwire';
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
  readonly #heldLanes = new Set<Lane>();
  readonly #digestDue = new Set<Connection>();
  #cancelFlush: (() => void) | undefined;

  constructor(options: DeliveryOptions) {
    this.#options = options;
  }

  /** Lanes that wait for their next frame. */
  get heldCount(): number {
    return this.#heldLanes.size;
  }

  /** Hands one published message to everybody who has its channel. */
  deliver(message: PublishedMessage): void {
    const lanes = this.#options.audience.of(message.channel);
    if (lanes.size === 0) return;
    const frame = onceBuffer(message);
    for (const lane of lanes) this.#offer(lane, message, frame);
  }

  /** Ends the opening of a lane: what came meanwhile is delivered, then it is live. */
  goLive(lane: Lane): void {
    const backlog = lane.backlog ?? [];
    lane.backlog = undefined;
    for (const message of backlog) this.#offer(lane, message, onceBuffer(message));
  }

  /** Sends nothing more of what is held for this lane. */
  forget(lane: Lane): void {
    this.#heldLanes.delete(lane);
  }

  /** Sends nothing more to this connection. */
  forgetConnection(connection: Connection): void {
    this.#digestDue.delete(connection);
  }

  /** Ends all timers; what is held is dropped. */
  stop(): void {
    this.#cancelFlush?.();
    this.#cancelFlush = undefined;
    this.#heldLanes.clear();
    this.#digestDue.clear();
  }

  #offer(lane: Lane, message: PublishedMessage, frame: () => Buffer): void {
    if (lane.backlog !== undefined) {
      // A client sees a hole by the numbers and asks for it; a backlog must not grow without end.
      if (lane.backlog.length >= this.#options.limits.resumeMessages) lane.backlog.shift();
      lane.backlog.push(message);
      return;
    }
    // The position stays where it is, so that the next frame says what it skips.
    if (!passes(lane, message)) return;
    const now = this.#options.clock.now();
    const decision = decide(message, lane.last, this.#paceOf(lane), now);
    if (decision === 'drop') return;
    if (isDigestLane(lane)) {
      this.#options.digest.note(message, true);
      this.#digestDue.add(lane.connection);
      lane.last = { epoch: message.epoch, seq: message.seq, sentAt: now };
      this.#scheduleFlush();
    } else if (decision === 'hold') {
      lane.held = message;
      this.#heldLanes.add(lane);
      this.#scheduleFlush();
    } else {
      this.#send(lane, message, frame, now);
    }
  }

  #send(lane: Lane, message: PublishedMessage, frame: () => Buffer, now: number): void {
    const skip = skippedBefore(message, lane.last);
    lane.connection.send(skip === 0 ? frame() : positionedFrame(message, { skip }));
    lane.last = { epoch: message.epoch, seq: message.seq, sentAt: now };
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
    const now = this.#options.clock.now();
    for (const lane of this.#heldLanes) {
      const { held } = lane;
      if (held === undefined) this.#heldLanes.delete(lane);
      else if (!lane.connection.isCongested && now >= dueAt(lane.last, lane)) {
        this.#send(lane, held, onceBuffer(held), now);
      }
    }
    this.#flushDigests(now);
  }

  /** Clients with the same metals share one text. */
  #flushDigests(now: number): void {
    const { audience, digest } = this.#options;
    const frames = new Map<string, string | undefined>();
    for (const connection of this.#digestDue) {
      const metals = metalsOf(audience.lanesOf(connection).values());
      const key = metals.join();
      if (!frames.has(key)) frames.set(key, digest.frameOf(metals, toIso(now), true));
      const frame = frames.get(key);
      if (frame !== undefined) connection.send(frame);
    }
    this.#digestDue.clear();
    digest.settle();
  }
}

/** The frame of a message as bytes, made when it is first needed and then shared by all connections. */
function onceBuffer(message: PublishedMessage): () => Buffer {
  let bytes: Buffer | undefined;
  return () => (bytes ??= Buffer.from(positionedFrame(message)));
}
