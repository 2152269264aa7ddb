/** The door of `@tickwire/testing`: fakes and a scripted server for tests of price streams. It never imports the client. */
export { FakeClock, settle } from './fake-clock.js';
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
export { Peer, ScriptedServer, until, type Script } from './scripted-server.js';
export { realClock, CountingClock, type Clock } from './real-clock.js';
export { FaultProxy, type FaultCounters, type FaultProxyOptions, type Links } from './fault-proxy.js';
export type { FaultLogEntry } from './fault-log.js';
export type { Direction, Ending } from './fault-rules.js';
export { BackendPeer } from './backend-host.js';
export {
  CoinsBackend,
  CoinsPeer,
  type CoinPriceExtras,
  type CoinsBackendOptions,
  type PriceOwner,
} from './coins-backend.js';
export { MetalsBackend, MetalsPeer, type MetalsBackendOptions } from './metals-backend.js';
export {
  LeakCheck,
  UnhandledErrors,
  describeLeaks,
  leaksBetween,
  openResources,
  withLeakCheck,
  type Counts,
  type ErrorSource,
  type Leak,
  type LeakProbes,
} from './leak-check.js';
export { CountingTarget } from './counting-target.js';
