/** The door of `@tickwire/testing`: fakes that open nothing, and servers and a proxy for tests in Node. */
export { checkDialect, type CheckOptions, type DialectCheck } from './check-dialect.js';
export { createFakeClient, type FakeClient, type FakeClientOptions } from './fake-client.js';
export { createFakeClock, FakeClock, settle } from './fake-clock.js';
export type { Answers, ReplayedEvent } from './dialect-stage.js';
export { FakeEnvironment } from './fake-environment.js';
export { FakeSocket, FakeSockets } from './fake-socket.js';
export {
  coinPrice,
  coinsAck,
  coinsWelcome,
  hello,
  metalPrices,
  snapshot,
  subscribeAck,
  whale,
  type Message,
} from './messages.js';
export { createFaultProxy, createScriptedServer, FaultProxy, listenOn, Peer, ScriptedServer } from './node-rooms.js';
export type { FaultCounters, FaultProxyOptions, Links } from './fault-proxy.js';
export type { FaultLogEntry } from './fault-log.js';
export type { Direction, Ending } from './fault-rules.js';
export type { EventChannelName, FakePrice, FakeQuote, PriceChannelName } from './price-feed-service.js';
export { realClock, type Clock } from './real-clock.js';
export {
  replayDialect,
  type Replay,
  type ReplayedConnection,
  type ReplayedError,
  type ReplayOptions,
} from './replay-dialect.js';
export type { RecordedFrame, ReplayFrames } from './replay-frames.js';
export type { Script } from './scripted-server.js';
export { until } from './until.js';
