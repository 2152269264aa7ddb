/** The only room that knows the library: the way to a single Redis, or to a cluster, as the engine wants it. */
import type * as RedisLibrary from 'redis';
import type { RedisSettings } from '../redis-settings.js';
import type { PayloadListener, RedisLink } from './redis-link.js';
import { ScriptCalls } from './script-calls.js';

/** A way to Redis of one's own: whoever made it connects it once and closes it. */
export interface OwnRedisLink extends RedisLink {
  /** Rejects with what went wrong at the first try; from then on it comes back by itself. */
  connect(): Promise<void>;
  close(): Promise<void>;
}

/** What a way is made of. */
export interface RedisClientsOptions {
  readonly settings: RedisSettings;
  /** In [0, 1): nodes that lost the same Redis must not come back in step. */
  readonly random: () => number;
  /** Told of every error of a connection, each of which is tried again. */
  readonly onError: (error: unknown) => void;
}

const firstWaitMs = 50;
const longestWaitMs = 2_000;
/** A Redis that is alive answers a ping; one that has not for so long is dialled anew. */
const pingMs = 5_000;
const silentMs = 15_000;
const connectMs = 5_000;

/** The first connections: until they stand a failure is final, so that a start can say what is wrong. */
interface Standing {
  isConnected: boolean;
}

/** One kind of Redis, as the library gives it. */
interface Way {
  connect(): Promise<unknown>;
  destroy(): void;
  isReady(): boolean;
  /** A cluster finds the shard by the key. */
  send(key: string | undefined, args: string[]): Promise<unknown>;
  subscribe(channel: string, listener: PayloadListener): Promise<void>;
  unsubscribe(channel: string, listener: PayloadListener): Promise<void>;
}

type Library = typeof RedisLibrary;
type Hear = (event: 'ready' | 'error', error?: unknown) => void;

/** What every client is made with. */
function clientOptions({ random }: RedisClientsOptions, standing: Standing) {
  return {
    disableOfflineQueue: true,
    pingInterval: pingMs,
    // The engine bounds what waits; a timer for each command would cost more than the command.
    commandOptions: { timeout: 0 },
    socket: {
      connectTimeout: connectMs,
      socketTimeout: silentMs,
      reconnectStrategy: (retries: number) =>
        standing.isConnected &&
        Math.min(longestWaitMs, firstWaitMs * 2 ** Math.min(retries, 10)) * (0.5 + random() / 2),
    },
  };
}

function singleWay({ createClient }: Library, options: RedisClientsOptions, standing: Standing, hear: Hear): Way {
  const [url = ''] = options.settings.urls;
  const commands = createClient({ ...clientOptions(options, standing), url });
  const subscriber = createClient({ ...clientOptions(options, standing), url });
  const clients = [commands, subscriber];
  for (const client of clients) {
    // Without a listener an error would end the process.
    client.on('error', (error: unknown) => hear('error', error));
    // The library has confirmed all subscriptions by then.
    client.on('ready', () => hear('ready'));
  }
  return {
    connect: () => Promise.all(clients.map((client) => client.connect())),
    destroy: () => {
      for (const client of clients) client.destroy();
    },
    isReady: () => commands.isReady && subscriber.isReady,
    send: (_key, args) => commands.sendCommand(args),
    subscribe: (channel, listener) => subscriber.subscribe(channel, listener),
    unsubscribe: (channel, listener) => subscriber.unsubscribe(channel, listener),
  };
}

function clusterWay({ createCluster }: Library, options: RedisClientsOptions, standing: Standing, hear: Hear): Way {
  const { urls } = options.settings;
  const first = new URL(urls[0] ?? '');
  const { commandOptions, ...shared } = clientOptions(options, standing);
  const cluster = createCluster({
    rootNodes: urls.map((url) => ({ url })),
    commandOptions,
    // What is found behind the addresses has the user of the first one.
    defaults: {
      ...shared,
      ...(first.username === '' ? {} : { username: decodeURIComponent(first.username) }),
      ...(first.password === '' ? {} : { password: decodeURIComponent(first.password) }),
      socket: { ...shared.socket, ...(first.protocol === 'rediss:' ? { tls: true as const } : {}) },
    },
  });
  cluster.on('error', (error: unknown) => hear('error', error));
  cluster.on('node-error', (error: unknown) => hear('error', error));
  cluster.on('node-ready', () => hear('ready'));
  return {
    connect: () => cluster.connect(),
    destroy: () => cluster.destroy(),
    isReady: () =>
      cluster.isOpen &&
      cluster.masters.length > 0 &&
      cluster.masters.every(({ client }) => client?.isReady === true) &&
      cluster.pubSubNode?.client.isReady !== false,
    send: (key, args) => cluster.sendCommand(key, false, args),
    subscribe: (channel, listener) => cluster.subscribe(channel, listener),
    unsubscribe: (channel, listener) => cluster.unsubscribe(channel, listener),
  };
}

/** The way to the Redis of the settings. The library is loaded by `connect`: a server that keeps all in memory does without. */
export function openRedis(options: RedisClientsOptions): OwnRedisLink {
  const standing: Standing = { isConnected: false };
  const listeners = new Set<() => void>();
  let way: Way | undefined;
  let firstError: unknown;
  const hear: Hear = (event, error) => {
    if (!standing.isConnected) {
      if (event === 'error') firstError ??= error;
    } else if (event === 'error') options.onError(error);
    else for (const listener of listeners) listener();
  };
  const stands = (): Way => {
    if (way === undefined) throw new Error('connect() comes first');
    return way;
  };
  const send = async (key: string | undefined, args: string[]): Promise<unknown> => stands().send(key, args);
  const scripts = new ScriptCalls(send);
  return {
    async connect() {
      const library = await import('redis');
      const open = options.settings.mode === 'cluster' ? clusterWay : singleWay;
      way = open(library, options, standing, hear);
      try {
        await way.connect();
      } catch (error) {
        way.destroy();
        // A cluster says no more than that none of its addresses would do.
        throw new AggregateError([firstError ?? error], 'Redis cannot be used', { cause: error });
      }
      standing.isConnected = true;
    },
    run: (script, keys, args) => scripts.run(script, keys, args),
    subscribe: async (channel, listener) => stands().subscribe(channel, listener),
    unsubscribe: async (channel, listener) => stands().unsubscribe(channel, listener),
    async serverInfo() {
      const info = await send(undefined, ['INFO', 'server']);
      return typeof info === 'string' ? info : '';
    },
    isReady: () => standing.isConnected && way !== undefined && way.isReady(),
    onReady(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    close() {
      listeners.clear();
      standing.isConnected = false;
      way?.destroy();
      return Promise.resolve();
    },
  };
}
