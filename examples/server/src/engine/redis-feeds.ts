/**
 * What a node hears of its channels through Redis. Pub/sub delivers at most once, so every message is laid beside the one
 * before: what does not follow is settled from the log, and what the log no longer has is told as lost.
 */
import type { Clock } from '../clock.js';
import { EngineError, type Loss } from './engine.js';
import { createFeed, type Feed } from './redis-feed.js';
import { continueFrom, hasForked } from './reconcile.js';
import { parsePayload, type IdentifiedMessage, type IdentifiedPosition, type LogView } from './redis-messages.js';
import type { RedisLink } from './redis-link.js';

/** What is counted, by name; all of it stands in the metrics. */
export interface FeedFigures {
  /** Messages that came twice, or late. */
  repeated: number;
  /** Times that a channel was settled from its log, and messages that this brought. */
  settled: number;
  refilled: number;
  /** Losses that were told. */
  lost: number;
  /** Epochs that this node ended, because their numbers were given out twice. */
  endedEpochs: number;
  /** What stood in Redis and is not ours. */
  foreign: number;
}

/** What feeds are made of. */
export interface RedisFeedsOptions {
  readonly link: Pick<RedisLink, 'subscribe' | 'unsubscribe' | 'isReady'>;
  /** The pub/sub channel of a channel. */
  readonly liveOf: (channel: string) => string;
  /** Reads a log from a position on, that message included; without one only where it stands. */
  readonly read: (channel: string, from: IdentifiedPosition | undefined) => Promise<LogView>;
  readonly readHeads: (channels: readonly string[]) => Promise<ReadonlyMap<string, IdentifiedPosition>>;
  readonly endEpoch: (channel: string, epoch: string) => Promise<void>;
  readonly clock: Pick<Clock, 'after'>;
  /** Messages of a channel that wait while it is settled; longest body. */
  readonly limits: { readonly resumeMessages: number; readonly maxBodyBytes: number };
  /** How long a channel that nobody wants any more is kept. */
  readonly lingerMs: number;
  /** How often all channels are compared with their heads. */
  readonly sweepMs: number;
  readonly figures: FeedFigures;
  readonly tell: (message: IdentifiedMessage) => void;
  readonly lose: (loss: Loss) => void;
  /** Told of what failed although Redis is there. */
  readonly onError: (error: unknown) => void;
}

/** Rounds after which a channel that will not settle waits for the next sweep. */
const mostRounds = 5;
/** Channels that are settled at the same time. */
const settledAtOnce = 50;

/** The channels that this node hears. */
export class RedisFeeds {
  readonly #options: RedisFeedsOptions;
  readonly #feeds = new Map<string, Feed>();
  #cancelSweep: (() => void) | undefined;
  #comparing: Promise<void> | undefined;
  #mustCompareAgain = false;

  constructor(options: RedisFeedsOptions) {
    this.#options = options;
  }

  /** Channels that are heard, and those of them that wait to be settled. */
  count(): { heard: number; unsettled: number } {
    let unsettled = 0;
    for (const { isLive } of this.#feeds.values()) if (!isLive) unsettled += 1;
    return { heard: this.#feeds.size, unsettled };
  }

  /** How far a channel was told here. */
  positionOf(channel: string): IdentifiedPosition | undefined {
    return this.#feeds.get(channel)?.position;
  }

  /** Begins the sweeps. */
  start(): void {
    this.#cancelSweep = this.#options.clock.after(this.#options.sweepMs, () => {
      if (this.#options.link.isReady()) this.compareAll();
      this.start();
    });
  }

  stop(): void {
    this.#cancelSweep?.();
    for (const feed of this.#feeds.values()) {
      feed.isGone = true;
      feed.cancelLinger?.();
    }
    this.#feeds.clear();
  }

  /** Resolves once the channel is heard; returns the undo, which is idempotent. */
  async subscribe(channel: string): Promise<() => void> {
    const feed = this.#feeds.get(channel) ?? this.#open(channel);
    feed.cancelLinger?.();
    feed.cancelLinger = undefined;
    feed.interests += 1;
    await feed.ready;
    let isWanted = true;
    return () => {
      if (!isWanted) return;
      isWanted = false;
      feed.interests -= 1;
      if (feed.interests > 0 || feed.isGone) return;
      feed.cancelLinger = this.#options.clock.after(this.#options.lingerMs, () => this.#drop(feed));
    };
  }

  /** After a reconnect, and now and then: whatever is not where its log is gets settled. */
  compareAll(): void {
    if (this.#comparing !== undefined) {
      this.#mustCompareAgain = true;
      return;
    }
    this.#comparing = this.#compare()
      .catch((error: unknown) => this.#report(error))
      .finally(() => {
        this.#comparing = undefined;
        if (!this.#mustCompareAgain) return;
        this.#mustCompareAgain = false;
        this.compareAll();
      });
  }

  #open(channel: string): Feed {
    const feed = createFeed(channel, (payload) => this.#take(feed, payload));
    this.#feeds.set(channel, feed);
    feed.ready = this.#join(feed);
    return feed;
  }

  /** What is published from the confirmation on is held until the head is known: so nothing comes between. */
  async #join(feed: Feed): Promise<void> {
    try {
      await this.#options.link.subscribe(this.#options.liveOf(feed.channel), feed.take);
      await this.#settle(feed);
      if (!feed.isLive) throw new EngineError('UNAVAILABLE', 'Redis does not answer', 2_000);
    } catch (error) {
      this.#drop(feed);
      throw error;
    }
  }

  #drop(feed: Feed): void {
    if (feed.isGone) return;
    feed.isGone = true;
    this.#feeds.delete(feed.channel);
    // What is not undone here is undone by the end of the connection.
    this.#options.link.unsubscribe(this.#options.liveOf(feed.channel), feed.take).catch(() => undefined);
  }

  #take(feed: Feed, payload: unknown): void {
    if (feed.isGone) return;
    const message = parsePayload(feed.channel, payload, this.#options.limits.maxBodyBytes);
    if (message === undefined) {
      this.#options.figures.foreign += 1;
      return;
    }
    const { position } = feed;
    if (!feed.isLive || position === undefined) {
      this.#hold(feed, message);
      return;
    }
    if (message.epoch === position.epoch) {
      if (message.seq === position.seq + 1) {
        this.#tell(feed, message);
        return;
      }
      const isKnown = message.seq === position.seq && message.id === position.id;
      if (isKnown || message.seq <= feed.settledTo) {
        this.#options.figures.repeated += 1;
        return;
      }
    }
    this.#hold(feed, message);
    this.#settle(feed).catch((error: unknown) => this.#report(error));
  }

  /** The log has what does not fit. */
  #hold(feed: Feed, message: IdentifiedMessage): void {
    feed.held.push(message);
    if (feed.held.length > this.#options.limits.resumeMessages) feed.held.shift();
  }

  #tell(feed: Feed, message: IdentifiedMessage): void {
    feed.position = message;
    if (feed.interests > 0) this.#options.tell(message);
  }

  #lose(feed: Feed, loss: Loss): void {
    this.#options.figures.lost += 1;
    if (feed.interests > 0) this.#options.lose(loss);
  }

  /** Reads the log until everything that was heard fits it. What is heard meanwhile is held. */
  #settle(feed: Feed): Promise<void> {
    feed.isLive = false;
    feed.settling ??= this.#settleInRounds(feed);
    return feed.settling;
  }

  async #settleInRounds(feed: Feed): Promise<void> {
    const { figures } = this.#options;
    figures.settled += 1;
    try {
      for (let round = 0; round < mostRounds && !feed.isGone; round += 1) {
        const heardBefore = feed.held.length;
        const log = await this.#options.read(feed.channel, feed.position);
        figures.foreign += log.foreign;
        if (feed.position !== undefined && hasForked(feed.position, log)) {
          figures.endedEpochs += 1;
          await this.#options.endEpoch(feed.channel, log.epoch);
        } else if (this.#apply(feed, log, heardBefore)) return;
      }
    } finally {
      // In the same step as the last one, so that whoever calls next begins anew.
      feed.settling = undefined;
    }
  }

  /** Tells what the log has, then what was heard; whether that fits, so that the feed is live. */
  #apply(feed: Feed, log: LogView, heardBefore: number): boolean {
    const { figures } = this.#options;
    const { epoch, seq, id } = log;
    const known = feed.position ?? { epoch, seq, id };
    const { steps, position } = continueFrom(feed.channel, known, log);
    for (const step of steps) {
      if ('body' in step) {
        figures.refilled += 1;
        this.#tell(feed, step);
      } else this.#lose(feed, step);
    }
    feed.position = position;
    feed.settledTo = position.seq;
    // What the shift of a full list took was heard before as well.
    let left = Math.min(heardBefore, feed.held.length);
    for (let message = feed.held[0]; message !== undefined; message = feed.held[0]) {
      const at = feed.position;
      const wasHeardBefore = left > 0;
      const isNext = message.epoch === at.epoch && message.seq === at.seq + 1;
      const isKnown = message.epoch === at.epoch && message.seq <= at.seq;
      // The log may be behind what was heard after it was read, and never behind what was heard before.
      if (!isNext && !isKnown && !wasHeardBefore) return false;
      feed.held.shift();
      left -= 1;
      if (isNext) this.#tell(feed, message);
      else if (isKnown) figures.repeated += 1;
      else figures.foreign += 1;
    }
    feed.isLive = true;
    return true;
  }

  async #compare(): Promise<void> {
    const before = new Map(Array.from(this.#feeds.values(), (feed) => [feed.channel, feed.position]));
    const heads = await this.#options.readHeads([...before.keys()]);
    const differing: Feed[] = [];
    for (const [channel, head] of heads) {
      const feed = this.#feeds.get(channel);
      const known = before.get(channel);
      if (feed?.position === undefined || known === undefined) continue;
      // Messages that came while the heads were on their way have moved the feed on; they have not moved it back.
      const isSame = head.epoch === known.epoch && head.seq === known.seq && head.id === known.id;
      const isAhead = head.epoch === feed.position.epoch && head.seq > known.seq && head.seq <= feed.position.seq;
      if (!feed.isLive || !(isSame || isAhead)) differing.push(feed);
    }
    const settleNext = async (): Promise<void> => {
      for (let feed = differing.pop(); feed !== undefined; feed = differing.pop()) {
        await this.#settle(feed).catch((error: unknown) => this.#report(error));
      }
    };
    await Promise.all(Array.from({ length: settledAtOnce }, settleNext));
  }

  #report(error: unknown): void {
    if (!(error instanceof EngineError)) this.#options.onError(error);
  }
}
