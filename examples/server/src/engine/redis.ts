/**
 * The engine of many nodes: logs are streams in Redis, written by one script a message, and pub/sub brings what is published to
 * the nodes. While Redis is away calls fail at once, and nothing waits beyond its cap.
 */
import type { Clock } from '../clock.js';
import type { Limits } from '../limits.js';
import {
  EngineError,
  type Engine,
  type EngineStatus,
  type History,
  type HistoryRequest,
  type LogLimits,
  type Loss,
  type Position,
  type PublishedListener,
  type PublishOptions,
} from './engine.js';
import { RedisCalls } from './redis-calls.js';
import { checkServer } from './redis-checks.js';
import { createRedisRights } from './redis-rights.js';
import { RedisFeeds, type FeedFigures } from './redis-feeds.js';
import { RedisKeys } from './redis-keys.js';
import type { RedisLink } from './redis-link.js';
import { parseHeads, parseLog, type IdentifiedPosition, type LogView } from './redis-messages.js';
import { endEpochScript, headsScript, publishScript, readScript } from './redis-scripts.js';

/** What the Redis engine is made of. */
export interface RedisEngineOptions {
  /** Connected, and closed, by whoever made it. */
  readonly link: RedisLink;
  /** What its keys begin with; nodes with the same prefix are one server. */
  readonly prefix: string;
  /** Parts that a cluster may spread over its shards; the same on all nodes. @default 16 */
  readonly partitions?: number;
  readonly limits: LogLimits &
    Pick<Limits, 'engineWaiting' | 'engineWaitingBytes' | 'engineSweepMs' | 'engineLingerMs'>;
  readonly clock: Clock;
  /** Gives a name that no earlier epoch and no message had: letters, digits, `-` and `_`. */
  readonly createId: () => string;
  /** The time by which messages grow old. @default that of Redis, on which all nodes agree */
  readonly now?: () => number;
  /** Told of a listener that threw, and of what Redis refuses. */
  readonly onError: (what: string, error: unknown) => void;
}

const dayMs = 86_400_000;
/** A channel that was only asked for is forgotten after this, unless somebody listens. */
const askedLifetimeMs = 600_000;
/** Heads that are read by one call. */
const headsAtOnce = 200;
/** What a full engine tells a publisher. */
const fullWaitMs = 60_000;

/** Makes the engine; nothing runs before `start`. */
export function createRedisEngine(options: RedisEngineOptions): Engine {
  const { link, limits, clock } = options;
  const { partitions = 16 } = options;
  const keys = new RedisKeys(options.prefix, partitions);
  const listeners = new Set<PublishedListener>();
  const lossListeners = new Set<(loss: Loss) => void>();
  const figures = { published: 0, reconnects: 0 };
  const feedFigures: FeedFigures = { repeated: 0, settled: 0, refilled: 0, lost: 0, endedEpochs: 0, foreign: 0 };
  /** What this node has published last; the script notices by it when Redis has lost something. */
  const seen = new Map<string, Position>();
  const calls = new RedisCalls(options);
  let stopListening = (): void => undefined;

  const time = (): string => (options.now === undefined ? '' : String(options.now()));
  const windowOf = (channel: string) =>
    channel.startsWith('user:')
      ? { most: limits.userMessages, windowMs: limits.userWindowMs }
      : { most: limits.resumeMessages, windowMs: limits.resumeWindowMs };
  // The newest message is a channel's last value, so it outlives the window.
  const lifetimeMs = Math.max(limits.userWindowMs, limits.resumeWindowMs) + dayMs;

  /** From a position on, or the newest. */
  async function read(
    channel: string,
    from: { epoch: string; seq: number } | undefined,
    limit: number,
  ): Promise<LogView> {
    const { most, windowMs } = windowOf(channel);
    const answer = await calls.read(
      readScript,
      [keys.head(channel), keys.log(channel)],
      [
        options.createId(),
        time(),
        most,
        limits.resumeBytes,
        windowMs,
        lifetimeMs,
        askedLifetimeMs,
        from?.epoch ?? '',
        from?.seq ?? 0,
        limit,
      ],
    );
    return parseLog(channel, answer);
  }

  async function readHeads(channels: readonly string[]): Promise<Map<string, IdentifiedPosition>> {
    const byPartition = new Map<number, string[]>();
    for (const channel of channels) {
      const list = byPartition.get(keys.partitionOf(channel)) ?? [];
      list.push(channel);
      byPartition.set(keys.partitionOf(channel), list);
    }
    const parts = [...byPartition.values()].flatMap((list) =>
      Array.from({ length: Math.ceil(list.length / headsAtOnce) }, (_, index) =>
        list.slice(index * headsAtOnce, (index + 1) * headsAtOnce),
      ),
    );
    const heads = new Map<string, IdentifiedPosition>();
    const ask = async (part: readonly string[]): Promise<void> => {
      const callKeys = part.flatMap((channel) => [keys.head(channel), keys.log(channel)]);
      const answer = await calls.read(headsScript, callKeys, [options.createId(), lifetimeMs, askedLifetimeMs]);
      for (const [channel, head] of parseHeads(part, answer)) heads.set(channel, head);
    };
    await Promise.all(parts.map(ask));
    return heads;
  }

  /** Calls every listener, whatever the others do. */
  function callAll<T>(all: ReadonlySet<(value: T) => void>, value: T): void {
    for (const listener of all) {
      try {
        listener(value);
      } catch (error) {
        options.onError('a message could not be delivered', error);
      }
    }
  }

  const feeds = new RedisFeeds({
    link,
    clock,
    liveOf: (channel) => keys.live(channel),
    read: (channel, from) => read(channel, from, from === undefined ? 0 : windowOf(channel).most + 1),
    readHeads,
    endEpoch: async (channel, epoch) => {
      await calls.read(endEpochScript, [keys.head(channel)], [epoch, options.createId()]);
    },
    limits: { resumeMessages: limits.resumeMessages, maxBodyBytes: limits.engineWaitingBytes },
    lingerMs: limits.engineLingerMs,
    sweepMs: limits.engineSweepMs,
    figures: feedFigures,
    tell: (message) => callAll(listeners, message),
    lose: (loss) => callAll(lossListeners, loss),
    onError: (error) => options.onError('a channel could not be settled', error),
  });

  /** The furthest that this node knows of, in the epoch that it knows last. */
  function seenOf(channel: string): Position {
    const heard = feeds.positionOf(channel);
    const own = seen.get(channel);
    if (heard === undefined || (own?.epoch === heard.epoch && own.seq > heard.seq)) return own ?? { epoch: '', seq: 0 };
    return heard;
  }

  function remember(channel: string, position: Position): void {
    const known = seen.get(channel);
    seen.delete(channel);
    // Answers may come in another order than the messages were numbered in.
    seen.set(channel, known?.epoch === position.epoch && known.seq > position.seq ? known : position);
    for (const oldest of seen.keys()) {
      if (seen.size <= limits.maxChannels) break;
      seen.delete(oldest);
    }
  }

  async function publish(channel: string, body: string, publishing: PublishOptions): Promise<Position> {
    const { startsEpoch, account, right = 0 } = publishing;
    const { most, windowMs } = windowOf(channel);
    const known = seenOf(channel);
    const room = Math.ceil(limits.maxChannels / partitions);
    const share = account === undefined ? 0 : Math.max(1, Math.floor((room * limits.publisherSharePercent) / 100));
    const answer = await calls.write(
      publishScript,
      [
        keys.head(channel),
        keys.log(channel),
        keys.channels(channel),
        account === undefined ? keys.channels(channel) : keys.account(channel, account),
      ],
      [
        channel,
        keys.live(channel),
        keys.tagOf(channel),
        body,
        options.createId(),
        options.createId(),
        time(),
        most,
        limits.resumeBytes,
        windowMs,
        lifetimeMs,
        limits.userWindowMs,
        startsEpoch === true ? 1 : 0,
        known.epoch,
        known.seq,
        room,
        share,
        right,
      ],
      Buffer.byteLength(body),
    );
    const [state, epoch, seq, foreign] = Array.isArray(answer) ? (answer as readonly unknown[]) : [];
    if (state === 'channels' || state === 'account') {
      const whose = state === 'account' ? ' of this publisher' : '';
      throw new EngineError('TOO_MANY_CHANNELS', `There are too many channels${whose} already`, fullWaitMs);
    }
    if (state === 'outlived') throw new EngineError('OUTLIVED', 'Another node has the right to publish this by now');
    const position = { epoch: String(epoch), seq: Number(seq) };
    feedFigures.foreign += Number(foreign);
    figures.published += 1;
    remember(channel, position);
    return position;
  }

  async function history(channel: string, { since, limit }: HistoryRequest): Promise<History> {
    const from = since === undefined ? undefined : { epoch: since.epoch, seq: since.seq + 1 };
    const log = await read(channel, from, limit);
    feedFigures.foreign += log.foreign;
    const head = { epoch: log.epoch, seq: log.seq };
    if (since === undefined) return { ...head, complete: true, messages: log.messages };
    if (since.epoch !== log.epoch) return { ...head, complete: false, failure: 'epoch', messages: [] };
    if (since.seq > log.seq) return { ...head, complete: false, failure: 'unknown', messages: [] };
    const missed = log.seq - since.seq;
    const whole = log.messages.every(({ seq }, index) => seq === since.seq + 1 + index);
    if (!whole || log.messages.length < Math.min(limit, missed)) {
      return { ...head, complete: false, failure: 'too_old', messages: log.messages };
    }
    return { ...head, complete: log.messages.length === missed, messages: log.messages };
  }

  function status(): EngineStatus {
    const { heard, unsettled } = feeds.count();
    const { problem, refused, failed, waiting } = calls;
    const waits = { waitingCalls: waiting.calls, waitingBytes: waiting.bytes };
    const counts = { ...figures, refused, failed, ...feedFigures, heard, unsettled, ...waits };
    return { figures: new Map(Object.entries(counts)), ...(problem === undefined ? {} : { problem }) };
  }

  const rights = createRedisRights({ calls, keys, lifetimeMs, holder: options.createId(), createId: options.createId });
  return {
    rights,
    async start() {
      await checkServer(link, (channel) => readHeads([channel]));
      stopListening = link.onReady(() => {
        figures.reconnects += 1;
        feeds.compareAll();
      });
      feeds.start();
    },
    publish: (channel, body, publishOptions = {}) => publish(channel, body, publishOptions),
    history,
    heads: readHeads,
    async subscribe(channel) {
      calls.assertOpen();
      try {
        return await feeds.subscribe(channel);
      } catch (error) {
        throw error instanceof EngineError ? error : calls.failure(error);
      }
    },
    onMessage(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    onLoss(listener) {
      lossListeners.add(listener);
      return () => void lossListeners.delete(listener);
    },
    status,
    close() {
      calls.close();
      stopListening();
      feeds.stop();
      listeners.clear();
      lossListeners.clear();
      seen.clear();
      return Promise.resolve();
    },
  };
}
