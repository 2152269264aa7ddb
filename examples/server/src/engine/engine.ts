/**
 * The seam under the realtime service: numbered logs of channels, wherever they live. It knows no socket and no price;
 * a body is text to it.
 */

import type { Limits } from '../limits.js';

/** What bounds the logs of every engine. */
export type LogLimits = Pick<
  Limits,
  | 'resumeWindowMs'
  | 'resumeMessages'
  | 'resumeBytes'
  | 'userWindowMs'
  | 'userMessages'
  | 'maxChannels'
  | 'publisherSharePercent'
>;

/** Where a channel's counter stands; `seq` is 0 before the first message of an epoch. */
export interface Position {
  readonly epoch: string;
  readonly seq: number;
}

/** One message as the log keeps it. */
export interface PublishedMessage extends Position {
  /** The log's name: the channel's own, or `user:<id>` and `portfolio:<id>` for those of one user. */
  readonly channel: string;
  /** The message as JSON, without its position. */
  readonly body: string;
  /** Ms, by a clock that never jumps: it tells ages. */
  readonly publishedAt: number;
}

/** How to publish. */
export interface PublishOptions {
  /** Starts a new epoch with this message as its first. @default false */
  readonly startsEpoch?: boolean;
  /** On whose share of the engine's channels a new log counts. @default nobody's: the server's own */
  readonly account?: string;
  /** By which right: refused with `OUTLIVED` once a later one was used, or sealed, on this channel. @default none is needed */
  readonly right?: number;
}

/** What is asked of a log. */
export interface HistoryRequest {
  /** Only what came after this position; absent: the newest. */
  readonly since?: Position;
  /** At most so many messages. */
  readonly limit: number;
}

/** Why a position cannot be continued. */
export type RecoveryFailure = 'epoch' | 'too_old' | 'unknown';

/** A part of a log in order, with the head that it was read at. */
export interface History extends Position {
  /** Whether `messages` is all that was asked for. */
  readonly complete: boolean;
  /** Why nothing or not all could be given. */
  readonly failure?: RecoveryFailure;
  readonly messages: readonly PublishedMessage[];
}

/**
 * Messages of a subscribed channel that this node will never hear: those up to this position that nobody has heard yet. If the
 * epoch is another than before, nobody knows how many they are.
 */
export interface Loss extends Position {
  readonly channel: string;
}

/** Called for each message of a subscribed channel, in the order of its channel. It must not throw. */
export type PublishedListener = (message: PublishedMessage) => void;

/** How an engine is doing. */
export interface EngineStatus {
  /** What stands against serving anybody, in words for an operator; absent: nothing. */
  readonly problem?: string;
  /** What it counts about itself, by name. Names come from the engine's own list. */
  readonly figures: ReadonlyMap<string, number>;
}

/** What one node may do at a time, where several share an engine. Rejects with `EngineError`. */
export interface Rights {
  /** Claims a right, or claims it again, for so long; `undefined` while another node has it. Each new holder's number is greater than all before. */
  claim(name: string, forMs: number): Promise<number | undefined>;
  /** Lets another node have it at once. */
  release(name: string): Promise<void>;
  /** From now on these channels refuse what is published by an earlier right. */
  seal(channels: readonly string[], right: number): Promise<void>;
}

/** What the realtime service stands on. One conformance suite tests every implementation. */
export interface Engine {
  /** Absent: no other node can be there. */
  readonly rights?: Rights;
  /** Makes it ready; nothing else may be called before. Rejects, in words that say what to do, when it cannot be. */
  start(): Promise<void>;
  /** Numbers the message, keeps it and hands it to the listeners of every node. Rejects with `EngineError`. */
  publish(channel: string, body: string, options?: PublishOptions): Promise<Position>;
  /** Reads a channel's log and head at one moment. A channel that was never published to has an empty log. */
  history(channel: string, request: HistoryRequest): Promise<History>;
  /** The heads of these channels. */
  heads(channels: readonly string[]): Promise<ReadonlyMap<string, Position>>;
  /** Resolves once this node receives the channel's messages; several calls share one interest. Returns the undo, which is idempotent. */
  subscribe(channel: string): Promise<() => void>;
  /**
   * Adds a listener for the messages of all subscribed channels; returns its undo. Within an epoch they come without a hole,
   * unless `onLoss` has told of it.
   */
  onMessage(listener: PublishedListener): () => void;
  /** Adds a listener for what subscribed channels lose, told before the message that follows; returns its undo. */
  onLoss(listener: (loss: Loss) => void): () => void;
  status(): EngineStatus;
  /** Lets go of everything. Later calls reject. */
  close(): Promise<void>;
}

/** Why the engine refused. */
export class EngineError extends Error {
  override readonly name = 'EngineError';
  constructor(
    /**
     * `CLOSED` after `close()`; `TOO_MANY_CHANNELS` when the cap of channels, or the account's share of it, is reached;
     * `UNAVAILABLE` while what the engine stands on is away: whether the call had an effect is not known; `OUTLIVED` for a
     * right that another node has by now.
     */
    readonly code: 'CLOSED' | 'TOO_MANY_CHANNELS' | 'UNAVAILABLE' | 'OUTLIVED',
    message: string,
    /** When it may be tried again, in ms. */
    readonly retryAfterMs?: number,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** Whether a call failed only because what the engine stands on is away. */
export function isAway(error: unknown): error is EngineError {
  return error instanceof EngineError && error.code === 'UNAVAILABLE';
}
