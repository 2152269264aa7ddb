/** The engine of a single node: everything in this process, bounded in channels, messages, bytes and age. */
import type { Limits } from '../limits.js';
import { ChannelLogs, type ChannelLog } from './channel-logs.js';
import {
  EngineError,
  type Engine,
  type History,
  type HistoryRequest,
  type Position,
  type PublishedListener,
  type PublishedMessage,
  type LogLimits,
  type PublishOptions,
} from './engine.js';

/** What the memory engine is made of. */
export interface MemoryEngineOptions {
  readonly limits: LogLimits & Pick<Limits, 'maxLogBytes'>;
  readonly now: () => number;
  /** Gives a name that no earlier epoch had. */
  readonly createEpoch: () => string;
  /** Told of a listener that threw; the others have been served. */
  readonly onListenerError: (error: unknown) => void;
}

/** Makes an engine that keeps its logs in memory. */
export function createMemoryEngine(options: MemoryEngineOptions): Engine {
  const { limits, now } = options;
  const interest = new Map<string, number>();
  const listeners = new Set<PublishedListener>();
  const logs = new ChannelLogs({
    limits,
    createEpoch: options.createEpoch,
    isWanted: (channel) => interest.has(channel),
    isOutdated: (channel, { messages }) => (messages.at(-1)?.publishedAt ?? -Infinity) < oldestAtOf(channel),
  });
  let closed = false;

  function assertOpen(): void {
    if (closed) throw new EngineError('CLOSED', 'The engine is closed');
  }

  function headOf(channel: string): Position {
    const log = logs.get(channel);
    return log === undefined ? { epoch: logs.firstEpochOf(channel), seq: 0 } : { epoch: log.epoch, seq: log.seq };
  }

  function oldestAtOf(channel: string): number {
    return now() - (channel.startsWith('user:') ? limits.userWindowMs : limits.resumeWindowMs);
  }

  /** Drops what is too old, too much or too big; the newest message always stays, for it is the channel's last value. */
  function trim(channel: string, log: ChannelLog): void {
    const isUser = channel.startsWith('user:');
    const oldestAt = oldestAtOf(channel);
    const most = isUser ? limits.userMessages : limits.resumeMessages;
    let drop = 0;
    for (const message of log.messages) {
      const kept = log.messages.length - drop;
      const expired = message.publishedAt < oldestAt;
      const isBig = log.bytes > limits.resumeBytes || logs.isCrowded(log);
      if (kept <= 1 || !(expired || kept > most || isBig)) break;
      logs.resize(log, -message.body.length);
      drop += 1;
    }
    if (drop > 0) log.messages.splice(0, drop);
  }

  function announce(message: PublishedMessage): void {
    if (!interest.has(message.channel)) return;
    for (const listener of listeners) {
      try {
        listener(message);
      } catch (error) {
        options.onListenerError(error);
      }
    }
  }

  function publish(channel: string, body: string, { startsEpoch = false, account }: PublishOptions): Position {
    assertOpen();
    const log = logs.toWrite(channel, account);
    if (startsEpoch) {
      logs.resize(log, -log.bytes);
      Object.assign(log, { epoch: options.createEpoch(), seq: 0, messages: [] });
    }
    log.seq += 1;
    const message: PublishedMessage = { channel, epoch: log.epoch, seq: log.seq, body, publishedAt: now() };
    log.messages.push(message);
    logs.resize(log, body.length);
    logs.makeRoom(channel);
    trim(channel, log);
    announce(message);
    return { epoch: message.epoch, seq: message.seq };
  }

  function history(channel: string, { since, limit }: HistoryRequest): History {
    assertOpen();
    const head = headOf(channel);
    const log = logs.get(channel);
    if (log !== undefined) trim(channel, log);
    const kept = log?.messages ?? [];
    if (since === undefined) return { ...head, complete: true, messages: limit > 0 ? kept.slice(-limit) : [] };
    if (since.epoch !== head.epoch) return { ...head, complete: false, failure: 'epoch', messages: [] };
    if (since.seq > head.seq) return { ...head, complete: false, failure: 'unknown', messages: [] };
    const missed = kept.filter((message) => message.seq > since.seq);
    const messages = missed.slice(0, limit);
    if (missed.length < head.seq - since.seq) return { ...head, complete: false, failure: 'too_old', messages };
    return { ...head, complete: messages.length === missed.length, messages };
  }

  function subscribe(channel: string): () => void {
    assertOpen();
    interest.set(channel, (interest.get(channel) ?? 0) + 1);
    let active = true;
    return () => {
      if (!active) return;
      active = false;
      const rest = (interest.get(channel) ?? 1) - 1;
      if (rest > 0) interest.set(channel, rest);
      else interest.delete(channel);
    };
  }

  return {
    start: () => Promise.resolve(),
    publish: (channel, body, publishOptions = {}) => promised(() => publish(channel, body, publishOptions)),
    history: (channel, request) => promised(() => history(channel, request)),
    heads: (channels) =>
      promised(() => {
        assertOpen();
        return new Map(channels.map((channel) => [channel, headOf(channel)]));
      }),
    subscribe: (channel) => promised(() => subscribe(channel)),
    onMessage(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    // What is published in this process arrives in it.
    onLoss: () => () => undefined,
    status: () => ({ figures: new Map([['channels', logs.size]]) }),
    close() {
      closed = true;
      logs.clear();
      interest.clear();
      listeners.clear();
      return Promise.resolve();
    },
  };
}

/** Runs at once, and turns a throw into a rejection: callers of an engine see one kind of failure. */
function promised<T>(run: () => T): Promise<T> {
  try {
    return Promise.resolve(run());
  } catch (error) {
    return Promise.reject(error instanceof Error ? error : new Error(String(error)));
  }
}
