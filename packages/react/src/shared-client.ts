/**
 * The clients behind `useWebSocketPrices`: one for all hooks with the same URL and token, made when the first of them
 * is mounted and closed a linger after the last is gone. Nothing is made while rendering.
 */
import {
  PriceStreamError,
  PriceWebSocketClient,
  type Connection,
  type Credential,
  type TokenProvider,
  type ClientOptions,
} from '@tickwire/client';
import { flushSchedule } from './flush.js';
import { createPriceFeed, type PriceFeed } from './price-feed.js';

/** What the client takes as `token`: text, an API key, or a function that gives one of them. */
export type Token = Credential | TokenProvider;

/** What hooks need of a shared client. */
export interface SharedStream {
  feed: PriceFeed;
  connection: Pick<PriceWebSocketClient['connection'], 'get' | 'subscribe'>;
}

/** A hook's part in a shared client; `release` is idempotent. */
export interface Lease extends SharedStream {
  release(): void;
}

/** The clients of one page. */
export interface SharedClients {
  /** Names a client: equal URLs and equal tokens (functions: the same function) share one. */
  keyOf(url: string, token: Token | undefined): string;
  /** The client of a key while it lives; makes none. */
  peek(key: string): SharedStream | undefined;
  lease(key: string, url: string, token: Token | undefined): Lease;
  /** Where a token function closes over a component's values, the newest one is asked. */
  renewToken(key: string, token: Token | undefined): void;
}

/** Reconnecting within a page change or StrictMode's double mount is no reason to let a socket go. */
const lingerMs = 1_000;

interface Entry extends SharedStream {
  token: Token | undefined;
  leases: number;
  cancelClose: (() => void) | undefined;
  close: () => void;
}

/** A wrong URL or option: hooks show it as they show any connection that failed. */
function failedStream(error: unknown): SharedStream & { close: () => void } {
  if (!(error instanceof PriceStreamError)) throw error;
  const failed: Connection = { status: 'failed', error };
  const nothing = (): void => undefined;
  return {
    feed: { get: () => undefined, refusal: () => undefined, subscribe: () => nothing },
    connection: { get: () => failed, subscribe: () => nothing },
    close: nothing,
  };
}

/** Makes a registry; a page has one, a test may have its own. */
export function createSharedClients(
  createClient: (url: string, options: ClientOptions) => PriceWebSocketClient = (url, options) =>
    new PriceWebSocketClient(url, options),
): SharedClients {
  const entries = new Map<string, Entry>();
  const functionIds = new WeakMap<object, number>();
  let functions = 0;

  function functionId(token: object): number {
    const known = functionIds.get(token);
    if (known !== undefined) return known;
    functions += 1;
    functionIds.set(token, functions);
    return functions;
  }

  function open(url: string, entry: Pick<Entry, 'token'>): SharedStream & { close: () => void } {
    const { token } = entry;
    // A function is looked up at each call, so that it may be renewed.
    const ask: Token | undefined =
      typeof token === 'function'
        ? (request) => (typeof entry.token === 'function' ? entry.token(request) : (entry.token ?? null))
        : token;
    try {
      const client = createClient(url, ask === undefined ? {} : { token: ask });
      return {
        feed: createPriceFeed(client, flushSchedule('frame')),
        connection: client.connection,
        close: () => void client.close(),
      };
    } catch (error) {
      return failedStream(error);
    }
  }

  function create(url: string, token: Token | undefined): Entry {
    const held: Pick<Entry, 'token'> = { token };
    return Object.assign(held, open(url, held), { leases: 0, cancelClose: undefined });
  }

  function letGo(key: string, entry: Entry): void {
    const timer = setTimeout(() => {
      entries.delete(key);
      entry.close();
    }, lingerMs);
    entry.cancelClose = () => clearTimeout(timer);
  }

  return {
    keyOf: (url, token) => JSON.stringify([url, typeof token === 'function' ? functionId(token) : null, token ?? null]),
    peek: (key) => entries.get(key),
    lease: (key, url, token) => {
      const entry = entries.get(key) ?? create(url, token);
      entries.set(key, entry);
      entry.leases += 1;
      entry.cancelClose?.();
      entry.cancelClose = undefined;
      let held = true;
      return {
        feed: entry.feed,
        connection: entry.connection,
        release: () => {
          if (!held) return;
          held = false;
          entry.leases -= 1;
          if (entry.leases === 0) letGo(key, entry);
        },
      };
    },
    renewToken: (key, token) => {
      const entry = entries.get(key);
      if (entry !== undefined) entry.token = token;
    },
  };
}
