/** Rights that one node has at a time, kept in Redis: who follows an upstream. */
import { EngineError, type Rights } from './engine.js';
import type { RedisCalls } from './redis-calls.js';
import type { RedisKeys } from './redis-keys.js';
import { claimScript, releaseScript, sealScript } from './redis-scripts.js';

/** What they are made of. */
export interface RedisRightsOptions {
  readonly calls: RedisCalls;
  readonly keys: RedisKeys;
  /** Of this node; no other has it. */
  readonly holder: string;
  readonly lifetimeMs: number;
  readonly createId: () => string;
}

/** Makes them. */
export function createRedisRights({ calls, keys, holder, lifetimeMs, createId }: RedisRightsOptions): Rights {
  return {
    async claim(name, forMs) {
      const answer = await calls.read(claimScript, [keys.right(name)], [holder, forMs, lifetimeMs]);
      const right = Number(answer);
      if (!Number.isSafeInteger(right)) throw new EngineError('UNAVAILABLE', 'Redis answered in another shape');
      return right > 0 ? right : undefined;
    },
    async release(name) {
      await calls.read(releaseScript, [keys.right(name)], [holder]);
    },
    async seal(channels, right) {
      await Promise.all(
        channels.map((channel) =>
          calls.read(sealScript, [keys.head(channel), keys.log(channel)], [createId(), lifetimeMs, right]),
        ),
      );
    },
  };
}
