/** The door of `@tickwire/lab`: what the project's own tests need beside `@tickwire/testing`. It never imports the client. */
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
export { CollectionCounter } from './collection-counter.js';
export { CountingClock } from './counting-clock.js';
export { CountingTarget } from './counting-target.js';
