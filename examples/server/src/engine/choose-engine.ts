/** The engine that the configuration asks for: in memory, or on a Redis that it then connects and closes itself. */
import type { Clock } from '../clock.js';
import { ConfigurationError } from '../config.js';
import type { Limits } from '../limits.js';
import type { RedisSettings } from '../redis-settings.js';
import type { Engine } from './engine.js';
import { createMemoryEngine } from './memory.js';
import { createRedisEngine } from './redis.js';
import { explainRedis } from './redis-checks.js';
import { openRedis } from './redis-clients.js';

/** What an engine is made of. */
export interface ChooseEngineOptions {
  readonly settings: RedisSettings | undefined;
  readonly limits: Limits;
  readonly clock: Clock;
  readonly random: () => number;
  /** Gives a name that no other has: letters, digits, `-` and `_`. */
  readonly createId: () => string;
  readonly onError: (what: string, error: unknown) => void;
}

/** Makes it; its `start` rejects with `ConfigurationError` when the Redis cannot be used. */
export function chooseEngine({ settings, limits, clock, random, createId, onError }: ChooseEngineOptions): Engine {
  if (settings === undefined) {
    const onListenerError = (error: unknown): void => onError('a message could not be delivered', error);
    return createMemoryEngine({ limits, now: () => clock.monotonic(), createEpoch: createId, onListenerError });
  }
  const link = openRedis({ settings, random, onError: (error) => onError('a connection to Redis failed', error) });
  const engine = createRedisEngine({ link, prefix: settings.prefix, limits, clock, createId, onError });
  return {
    ...engine,
    async start() {
      try {
        await link.connect();
        await engine.start();
      } catch (error) {
        throw new ConfigurationError([`REDIS_URL: ${explainRedis(error)}`]);
      }
    },
    async close() {
      await engine.close();
      await link.close();
    },
  };
}
