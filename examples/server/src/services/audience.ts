/** Who listens on which channel on this node. The only owner of lanes; a closed connection leaves nothing behind. */
import type { ChannelKind } from '@tickwire/protocol';
import type { SentPosition } from '../conflation.js';
import type { Engine, Loss, PublishedMessage } from '../engine/engine.js';
import type { Connection } from '../plugins/connection.js';
import type { SharedFrame } from './shared-frame.js';

/**
 * One connection's share of one channel. A class, so that all have one shape from the start: each is looked at for every
 * message of its channel.
 */
export class Lane implements SentPosition {
  readonly connection: Connection;
  /** The channel's name on the wire. */
  readonly channel: string;
  /** The engine's name of it. */
  readonly log: string;
  readonly kind: ChannelKind;
  /** Whether the client never asked for it: `global`, or all metals for a silent older client. */
  isImplied: boolean;
  minIntervalMs: number;
  /** What of the channel the client wants; what does not pass is counted in the next frame's `skip`. */
  filter: ((data: unknown) => boolean) | undefined;
  /** `false` for good once the lane was closed. */
  isOpen = true;
  /** What the connection has got: these three. */
  epoch = '';
  seq = 0;
  sentAt = -Infinity;
  /** While the lane is being opened: what came meanwhile. */
  backlog: (PublishedMessage | Loss)[] | undefined = [];
  /** Events that did not fit into the backlog, up to this one. */
  lost: { readonly epoch: string; readonly to: number } | undefined = undefined;
  /** The newest price that is not due yet. */
  held: SharedFrame | undefined = undefined;

  constructor(connection: Connection, request: LaneRequest) {
    this.connection = connection;
    this.channel = request.channel;
    this.log = request.log;
    this.kind = request.kind;
    this.isImplied = request.isImplied;
    this.minIntervalMs = request.minIntervalMs;
    this.filter = request.filter;
  }

  /** The connection has got everything up to here. */
  moveTo({ epoch, seq, sentAt }: SentPosition): void {
    this.epoch = epoch;
    this.seq = seq;
    this.sentAt = sentAt;
  }

  /** Opens it anew, with an empty backlog. */
  reopen({ minIntervalMs, filter, isImplied }: LaneRequest): void {
    this.minIntervalMs = minIntervalMs;
    this.filter = filter;
    this.isImplied &&= isImplied;
    this.backlog = [];
    this.lost = undefined;
    this.held = undefined;
  }
}

/** What a lane is opened with. */
export type LaneRequest = Readonly<Pick<Lane, 'channel' | 'log' | 'kind' | 'isImplied' | 'minIntervalMs' | 'filter'>>;

const noLanes: ReadonlySet<Lane> = new Set();
const noChannels: ReadonlyMap<string, Lane> = new Map();

/** Lanes by channel and by connection; it asks the engine only for channels that somebody listens on. */
export class Audience {
  readonly #engine: Engine;
  readonly #byLog = new Map<string, { lanes: Set<Lane>; interest: Promise<() => void> }>();
  readonly #byConnection = new Map<Connection, Map<string, Lane>>();

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** Channels that somebody listens on, and lanes in all. */
  count(): { channels: number; lanes: number } {
    let lanes = 0;
    for (const channels of this.#byConnection.values()) lanes += channels.size;
    return { channels: this.#byLog.size, lanes };
  }

  /** The lanes of a log. */
  of(log: string): ReadonlySet<Lane> {
    return this.#byLog.get(log)?.lanes ?? noLanes;
  }

  /** The lanes of a connection by channel. */
  lanesOf(connection: Connection): ReadonlyMap<string, Lane> {
    return this.#byConnection.get(connection) ?? noChannels;
  }

  /** Opens a lane, or the connection's old one anew, with an empty backlog; resolves once its messages arrive here. */
  async open(connection: Connection, request: LaneRequest): Promise<Lane> {
    const channels = this.#byConnection.get(connection) ?? new Map<string, Lane>();
    this.#byConnection.set(connection, channels);
    let lane = channels.get(request.channel);
    if (lane === undefined) {
      lane = new Lane(connection, request);
      channels.set(lane.channel, lane);
    } else lane.reopen(request);
    const entry = this.#byLog.get(lane.log) ?? { lanes: new Set<Lane>(), interest: this.#engine.subscribe(lane.log) };
    this.#byLog.set(lane.log, entry);
    entry.lanes.add(lane);
    try {
      await entry.interest;
    } catch (error) {
      this.close(lane);
      throw error;
    }
    return lane;
  }

  /** Takes a lane away. Idempotent. */
  close(lane: Lane): void {
    lane.isOpen = false;
    const channels = this.#byConnection.get(lane.connection);
    channels?.delete(lane.channel);
    if (channels?.size === 0) this.#byConnection.delete(lane.connection);
    const entry = this.#byLog.get(lane.log);
    if (entry === undefined) return;
    entry.lanes.delete(lane);
    if (entry.lanes.size > 0) return;
    this.#byLog.delete(lane.log);
    // An interest that was never granted needs no undo.
    entry.interest.then(
      (undo) => undo(),
      () => undefined,
    );
  }

  /** Whether the lane is still one. */
  has(lane: Lane): boolean {
    return this.#byConnection.get(lane.connection)?.get(lane.channel) === lane;
  }
}
