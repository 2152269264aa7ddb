/** The door of the reference server: what tests, demos and benches build it with. */
export { buildServer, type ServerDependencies } from './server.js';
export { PriceStreamServer, type PriceStreamServerOptions } from './price-stream-server.js';
export { ConfigurationError, loadConfig, helpText, type Environment, type ServerConfig } from './config.js';
export { defaultLimits, type Limits } from './limits.js';
export { systemClock, type Clock } from './clock.js';
export type { Realtime } from './services/realtime.js';
export { PublishError } from './services/publishable.js';
export { createMemoryEngine } from './engine/memory.js';
export { createRedisEngine, type RedisEngineOptions } from './engine/redis.js';
export { openRedis, type OwnRedisLink } from './engine/redis-clients.js';
export type { RedisLink } from './engine/redis-link.js';
export type { RedisSettings } from './redis-settings.js';
export type { Engine, PublishedMessage, Position } from './engine/engine.js';
export type {
  PriceSource,
  PriceSink,
  SourceTick,
  CoinTick,
  MetalTick,
  Instrument,
  SourceStatus,
} from './sources/price-source.js';
