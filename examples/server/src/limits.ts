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
  /** Messages that recoveries look at in one turn of the event loop, of all connections together; 1 KiB counts as one more. */
  readonly sliceRecovered: number;
  /** Holdings that are valued in one turn of the event loop, of all portfolios together; an alert counts as five. */
  readonly sliceHoldings: number;
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
  /** How long a client may take for the headers of a request, and for all of it. */
  readonly headersTimeoutMs: number;
  readonly requestTimeoutMs: number;
  /** Pings and pongs of one connection in a second; more close it with 4429. */
  readonly controlFramesPerSecond: number;
  /** What all connections together may have unsent; beyond, the slowest are closed with 1013. */
  readonly totalUnsentBytes: number;
  /** Above this share of the heap nobody is taken in; above the other, connections are closed with 1013. */
  readonly fullHeapPercent: number;
  readonly sheddingHeapPercent: number;
  /** Above this delay of the event loop nobody is taken in. */
  readonly loopDelayMs: number;
  /** How often the load is looked at. */
  readonly loadSampleMs: number;
  /** Refused upgrades, and errors that repeat themselves, are told to the log in one line for so long. */
  readonly refusalLogMs: number;
  /** Largest token; more is refused unread. */
  readonly maxTokenBytes: number;
  /** A token may be valid for so long at most; clocks may differ by so much. */
  readonly tokenLifetimeMs: number;
  readonly tokenSkewMs: number;
  /** Failed proofs of one address in a minute. */
  readonly authFailuresPerMinute: number;
  /** Proofs of one address that wait while others run; one more is told to come again. */
  readonly authWaitingPerAddress: number;
  /** Users whose tokens are revoked at a time; beyond, a revocation is refused. */
  readonly maxRevocations: number;
  /** Failed proofs of one connection in a row; one more closes it with 4401. */
  readonly authFailuresPerConnection: number;
  /** A connection is warned so long before its token ends, or at half of what it has to live; and closed with 4401 so long after. */
  readonly tokenWarningMs: number;
  readonly tokenGraceMs: number;
  /** Connections that one user may have; another is closed with 4413. */
  readonly connectionsPerUser: number;
  /** With `REQUIRE_AUTH`: what a connection may send before it is somebody's. */
  readonly preAuthMessages: number;
  readonly preAuthBytes: number;
  /** Connections of one address (of one /64 in IPv6), and how fast it may open them. */
  readonly connectionsPerAddress: number;
  readonly connectsPerSecond: number;
  readonly connectBurst: number;
  /** Connections that the server takes in a second, whoever they are. */
  readonly totalConnectsPerSecond: number;
  /** A connection without a subscription that asks for nothing for so long is closed with 4408. */
  readonly idleMs: number;
  /** Addresses or users that a counter remembers. */
  readonly maxRememberedKeys: number;
  readonly resumeWindowMs: number;
  readonly resumeMessages: number;
  readonly resumeBytes: number;
  /** What is kept of the channel of each user, who may be away for days. */
  readonly userWindowMs: number;
  readonly userMessages: number;
  /** Messages in one answer to `history`, at most: whatever the log keeps, so that a hole is filled by one question. */
  readonly historyMessages: number;
  /** Channels that the engine remembers. */
  readonly maxChannels: number;
  /** What all their logs together may hold; beyond, logs of users who are not here go, then all but the last values. With Redis its own bound counts. */
  readonly maxLogBytes: number;
  /** The share of both that one publisher's key may fill. */
  readonly publisherSharePercent: number;
  /** With Redis: messages, and their bytes, that may wait for it; more are refused at once. */
  readonly engineWaiting: number;
  readonly engineWaitingBytes: number;
  /** How often all channels are compared with their logs, and how long one that nobody wants any more is still heard. */
  readonly engineSweepMs: number;
  readonly engineLingerMs: number;
  /** Alert rules of one user, and of all. */
  readonly alertsPerUser: number;
  readonly maxAlerts: number;
  /** Coins that one user may hold, and users that hold any. */
  readonly holdingsPerUser: number;
  readonly maxPortfolios: number;
  /** A portfolio is told anew at most once in this span. */
  readonly portfolioEveryMs: number;
  /** Idempotency keys of publishers that are remembered, and for how long. */
  readonly rememberedPublishes: number;
  readonly publishMemoryMs: number;
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
  sliceRecovered: 1_000,
  sliceHoldings: 1_000,
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
  headersTimeoutMs: 5_000,
  requestTimeoutMs: 10_000,
  controlFramesPerSecond: 10,
  totalUnsentBytes: 268_435_456,
  fullHeapPercent: 85,
  sheddingHeapPercent: 92,
  loopDelayMs: 250,
  loadSampleMs: 1_000,
  refusalLogMs: 10_000,
  maxTokenBytes: 4_096,
  tokenLifetimeMs: 3_600_000,
  tokenSkewMs: 30_000,
  authFailuresPerMinute: 10,
  authWaitingPerAddress: 1_000,
  maxRevocations: 100_000,
  authFailuresPerConnection: 3,
  tokenWarningMs: 60_000,
  tokenGraceMs: 30_000,
  connectionsPerUser: 5,
  preAuthMessages: 5,
  preAuthBytes: 8_192,
  connectionsPerAddress: 50,
  connectsPerSecond: 10,
  connectBurst: 20,
  totalConnectsPerSecond: 2_000,
  idleMs: 300_000,
  maxRememberedKeys: 10_000,
  resumeWindowMs: 120_000,
  resumeMessages: 1_000,
  resumeBytes: 1_048_576,
  userWindowMs: 604_800_000,
  userMessages: 200,
  historyMessages: 1_000,
  maxChannels: 10_000,
  maxLogBytes: 268_435_456,
  publisherSharePercent: 50,
  engineWaiting: 1_000,
  engineWaitingBytes: 1_048_576,
  engineSweepMs: 30_000,
  engineLingerMs: 5_000,
  alertsPerUser: 100,
  maxAlerts: 10_000,
  holdingsPerUser: 100,
  maxPortfolios: 10_000,
  portfolioEveryMs: 1_000,
  rememberedPublishes: 10_000,
  publishMemoryMs: 600_000,
};
