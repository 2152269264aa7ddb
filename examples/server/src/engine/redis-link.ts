/** What the Redis engine needs of Redis, whatever it is reached through: a single server or a cluster. */
import type { RedisScript } from './redis-scripts.js';

/** Called with what is published on a pub/sub channel. It must not throw. */
export type PayloadListener = (payload: unknown) => void;

/** The way to Redis. Whoever made it connects and closes it. Calls reject at once while Redis is away. */
export interface RedisLink {
  /** Runs a script on keys of one partition. */
  run(script: RedisScript, keys: readonly string[], args: readonly string[]): Promise<unknown>;
  /** Resolves once Redis has confirmed. The link subscribes anew by itself when it has lost the connection. */
  subscribe(channel: string, listener: PayloadListener): Promise<void>;
  unsubscribe(channel: string, listener: PayloadListener): Promise<void>;
  /** What the server says about itself: the text of `INFO server`. */
  serverInfo(): Promise<string>;
  /** Whether commands are answered and messages arrive. */
  isReady(): boolean;
  /** Calls back whenever messages arrive again, all subscriptions confirmed; and whenever commands are answered again. Returns the undo. */
  onReady(listener: () => void): () => void;
}
