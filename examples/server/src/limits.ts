/** Every bound of the server in one place; what a client must know of them stands in `hello`. */

/** The bounds. Spans are in ms, sizes in bytes unless the name says otherwise. */
export interface Limits {
  /** Largest inbound frame; more closes with 1009. */
  readonly maxFrameBytes: number;
  /** Fragments of one inbound message; more closes with 1008. */
  readonly maxFragments: number;
  /** Chunks that ws may buffer for one inbound message. */
  readonly maxBufferedChunks: number;
  readonly maxSubscriptions: number;
  readonly maxChannelsPerFrame: number;
  /** Size of the bucket of inbound messages, and its refill. */
  readonly burst: number;
  readonly messagesPerMinute: number;
  /** So many refusals by the bucket within `strikeWindowMs` close with 4429. */
  readonly rateStrikes: number;
  /** So many invalid messages within `strikeWindowMs` close with 4400. */
  readonly badMessageStrikes: number;
  readonly strikeWindowMs: number;
  /** Decoded messages of one connection that may wait for their turn. */
  readonly inboxMessages: number;
  /** Above this much unsent data state channels are conflated. */
  readonly softBufferBytes: number;
  /** Above this much unsent data, or after `slowConsumerMs` above the soft bound, the connection is closed with 1013. */
  readonly hardBufferBytes: number;
  readonly slowConsumerMs: number;
  /** Unsent data of all connections together; above it the slowest are closed with 1013. */
  readonly totalBufferBytes: number;
  /** Frames that may wait for one connection within one turn of the event loop. */
  readonly outboxFrames: number;
  /** Frames that are written in one turn of the event loop. */
  readonly sliceFrames: number;
  /** Largest body that may be published. */
  readonly maxPublishBytes: number;
  readonly pingIntervalMs: number;
  readonly pongTimeoutMs: number;
  readonly heartbeatMs: number;
  /** A connection that at most pinged for so long after `hello` is taken for an older metals client. */
  readonly silenceMs: number;
  /** Held prices go out on this beat. */
  readonly flushMs: number;
  /** The beat on which pings, heartbeats and deadlines are looked at. */
  readonly sweepMs: number;
  /** How long ws waits for the answer to a close frame. */
  readonly closeTimeoutMs: number;
  /** Within this time a stopping server says good-bye to all, one after the other. */
  readonly drainSpreadMs: number;
  /** How long a stopping server then waits for its sockets to close. */
  readonly drainMs: number;
  /** With `REQUIRE_AUTH`: a connection that is nobody's for so long is closed with 4408. */
  readonly authTimeoutMs: number;
  /** Largest token; more is refused unread. */
  readonly maxTokenBytes: number;
  /** A token may be valid for so long at most; clocks may differ by so much. */
  readonly tokenLifetimeMs: number;
  readonly tokenSkewMs: number;
  /** Failed proofs of one address in a minute. */
  readonly authFailuresPerMinute: number;
  /** Sockets that one user may authenticate in an hour, refreshing counted. */
  readonly authsPerUserHour: number;
  /** Addresses or users that a counter remembers. */
  readonly maxRememberedKeys: number;
  readonly resumeWindowMs: number;
  readonly resumeMessages: number;
  readonly resumeBytes: number;
  /** Messages in one answer to `history`. */
  readonly historyMessages: number;
  /** Channels that the engine remembers. */
  readonly maxChannels: number;
}

/** The bounds of a server that was told nothing else. */
export const defaultLimits: Limits = {
  maxFrameBytes: 16_384,
  maxFragments: 16,
  maxBufferedChunks: 512,
  maxSubscriptions: 2_000,
  maxChannelsPerFrame: 200,
  burst: 40,
  messagesPerMinute: 300,
  rateStrikes: 3,
  badMessageStrikes: 5,
  strikeWindowMs: 60_000,
  inboxMessages: 100,
  softBufferBytes: 65_536,
  hardBufferBytes: 1_048_576,
  slowConsumerMs: 10_000,
  totalBufferBytes: 268_435_456,
  outboxFrames: 1_000,
  sliceFrames: 250,
  maxPublishBytes: 65_536,
  pingIntervalMs: 25_000,
  pongTimeoutMs: 10_000,
  heartbeatMs: 10_000,
  silenceMs: 1_000,
  flushMs: 50,
  sweepMs: 250,
  closeTimeoutMs: 5_000,
  drainSpreadMs: 9_000,
  drainMs: 2_000,
  authTimeoutMs: 5_000,
  maxTokenBytes: 4_096,
  tokenLifetimeMs: 3_600_000,
  tokenSkewMs: 30_000,
  authFailuresPerMinute: 10,
  authsPerUserHour: 30,
  maxRememberedKeys: 10_000,
  resumeWindowMs: 120_000,
  resumeMessages: 1_000,
  resumeBytes: 1_048_576,
  historyMessages: 100,
  maxChannels: 10_000,
};
