/**
 * The clients of a page that belong to no component: one for each URL and session, made when the first hook asks for it
 * and closed a linger after the last is gone. So they outlive StrictMode, hot updates and page changes.
 */
import {
  PriceStreamError,
  PriceWebSocketClient,
  type ClientOptions,
  type Credential,
  type TokenProvider,
} from '@tickwire/client';
import { nobody, ownerOf, type Owner } from './credential-owner.js';
import { failedFeed } from './failed-feed.js';
import { feedClientOf } from './feed-client.js';
import { createPriceFeed, type PriceFeed } from './price-feed.js';
import { errorOf } from './price-channel.js';
import { isDevelopment, sayOnce } from './said.js';
import {
  credentialFor,
  firstOf,
  isOver,
  offer,
  retry,
  startOver,
  tokenOf,
  wishTogether,
  type Entry,
  type Token,
} from './shared-entry.js';

/** What decides which client one gets. */
export interface Wish {
  readonly url: string;
  readonly token: Token | null | undefined;
  /** Whose prices these are, in the application's own words: equal texts share a client, whatever their tokens are. */
  readonly session: string | null | undefined;
  /** Anything else that the client takes, for the one that is made. */
  readonly options?: Omit<ClientOptions, 'token'> | undefined;
}

/** A client that may be had while rendering: nothing is opened before somebody subscribes, and nothing closed before `hold`. */
export interface Prepared {
  readonly client: PriceWebSocketClient;
  /**
   * Belongs into an effect; returns the part that is held from then on.
   *
   * @param mistaken called where the client turns out to be another user's, who uses it still: `prepare` one alone
   */
  hold(mistaken: () => void): Lease;
}

/** A part in a shared client. */
export interface Lease {
  readonly client: PriceWebSocketClient | undefined;
  readonly feed: PriceFeed;
  /**
   * The newest token of this part: where it is a function, it is asked from now on; another text authenticates anew.
   *
   * @param refused called where this client is not for that token: others use it for another one, or somebody signs out
   * @returns whether that is known already, and it is
   */
  offer(token: Token | null | undefined, refused?: () => void): boolean;
  /** Connects at once where the client has failed, is closed, or waits for its next attempt. */
  retry(): void;
  /** Idempotent. */
  release(): void;
}

/** The clients of one page. */
export interface SharedClients {
  /** How many parts have been taken with this token function. */
  holdersOf(provider: TokenProvider): number;
  /** The client of a wish; a promise of it where its token function has to be asked first whose it is. */
  lease(wish: Wish): Lease | Promise<Lease>;
  /** @throws PriceStreamError `CONFIGURATION` where the client cannot be made */
  prepare(wish: Wish, alone?: boolean): Prepared;
}

/** Reconnecting within a page change or StrictMode's double mount is no reason to let a socket go. */
const lingerMs = 1_000;

/** Makes a registry; a page has one, a test may have its own. */
export function createSharedClients(
  createClient: (url: string, options: ClientOptions) => PriceWebSocketClient = (url, options) =>
    new PriceWebSocketClient(url, options),
): SharedClients {
  const entries = new Map<string, Entry>();
  /** The client of each token function that was asked whose it is. */
  const byProvider = new WeakMap<TokenProvider, Entry>();
  const asking = new WeakMap<TokenProvider, Promise<Credential | null | undefined>>();
  const providerKeys = new WeakMap<TokenProvider, string>();
  let providers = 0;

  const keyOf = (url: string, what: string): string => JSON.stringify([url, what]);

  function create(key: string, { url, token, session, options }: Wish): Entry {
    const entry: Omit<Entry, 'client' | 'feed' | 'failure'> = {
      url,
      isSession: typeof session === 'string',
      tokens: new Map(),
      wishes: new Map(),
      owner: undefined,
      inHand: undefined,
      lastToken: token,
      key,
      leases: 0,
      cancelClose: undefined,
    };
    const ask = (request: Parameters<TokenProvider>[0]): Promise<Credential | null> =>
      credentialFor(entry as Entry, request);
    try {
      const client = createClient(url, { ...options, ...(token || entry.isSession ? { token: ask } : {}) });
      const feed = createPriceFeed(feedClientOf(client), { flush: 'frame', inRender: true });
      return Object.assign(entry, { client, feed, failure: undefined });
    } catch (error) {
      if (!(error instanceof PriceStreamError)) throw error;
      return Object.assign(entry, { client: undefined, feed: failedFeed(error), failure: error });
    }
  }

  function letGo(entry: Entry): void {
    const timer = setTimeout(() => {
      if (entries.get(entry.key) === entry) entries.delete(entry.key);
      void entry.client?.close();
    }, lingerMs);
    entry.cancelClose = () => clearTimeout(timer);
  }

  function rename(entry: Entry, owner: Owner): void {
    const key = keyOf(entry.url, owner.key);
    if (entries.get(entry.key) === entry) entries.delete(entry.key);
    entry.key = key;
    entries.set(key, entry);
  }

  function take(entry: Entry, { token }: Wish): Lease {
    const holder = {};
    const renamed = (owner: Owner): void => rename(entry, owner);
    entry.leases += 1;
    entry.cancelClose?.();
    entry.cancelClose = undefined;
    if (typeof token === 'function') byProvider.set(token, entry);
    offer(entry, holder, token, renamed);
    // What has failed is never handed out as it is.
    if (isOver(entry)) retry(entry);
    let held = true;
    return {
      client: entry.client,
      feed: entry.feed,
      offer: (next, refused) => {
        if (held && offer(entry, holder, next, renamed)) return true;
        if (held && refused !== undefined) wishTogether(entry, holder, { token: next, refused }, renamed);
        return false;
      },
      retry: () => {
        if (held) retry(entry);
      },
      release: () => {
        if (!held) return;
        held = false;
        entry.lastToken = tokenOf(entry);
        entry.tokens.delete(holder);
        entry.wishes.delete(holder);
        entry.leases -= 1;
        if (entry.leases === 0) letGo(entry);
      },
    };
  }

  function leaseOf(key: string, wish: Wish, inHand?: Credential | null): Lease {
    const known = entries.get(key);
    // A client that could not be made is tried anew.
    const entry = known?.client === undefined ? create(key, wish) : known;
    if (entry !== known) entry.inHand = inHand;
    if (entry !== known && inHand !== undefined) entry.owner = ownerOf(inHand);
    entries.set(key, entry);
    return take(entry, wish);
  }

  function providerKey(provider: TokenProvider): string {
    const known = providerKeys.get(provider);
    if (known !== undefined) return known;
    providers += 1;
    const key = `function ${providers}`;
    providerKeys.set(provider, key);
    return key;
  }

  /** Tokens that do not say whose they are, from two functions: nobody can know whether one socket would do. */
  function hint(url: string): void {
    const others = [...entries.values()].some((entry) => entry.url === url && typeof tokenOf(entry) === 'function');
    if (!others) return;
    sayOnce(
      `useWebSocketPrices('${url.slice(0, 80)}'): several token functions, and so several sockets. Give all of them the same session: '…', or one function that is made outside of components, or use <PriceStreamProvider url token>.`,
    );
  }

  async function leaseAfterAsking(provider: TokenProvider, wish: Wish): Promise<Lease> {
    const answer = asking.get(provider) ?? firstOf(provider);
    asking.set(provider, answer);
    const credential = await answer;
    asking.delete(provider);
    // One that failed is asked again by a client of its own, which says what was wrong.
    if (credential === undefined) return leaseOf(keyOf(wish.url, providerKey(provider)), wish);
    const owner = ownerOf(credential);
    // Who has not signed in yet may do so later: that is no business of those who never will.
    const key = keyOf(wish.url, owner.key === nobody ? 'not signed in' : owner.key);
    if (isDevelopment() && !entries.has(key) && !owner.named && credential !== null) hint(wish.url);
    return leaseOf(key, wish, credential);
  }

  /** What a hot update mounts anew has new functions, most likely of the same user: its client is there still. */
  function leftBehind(url: string): Entry | undefined {
    if (!isDevelopment()) return undefined;
    const isOurs = (entry: Entry): boolean =>
      entry.url === url && !entry.isSession && typeof tokenOf(entry) === 'function';
    return [...entries.values()].find(isOurs);
  }

  /** Where it was another user's after all, that one's socket ends, or this one gets another. */
  async function verify(entry: Entry, provider: TokenProvider, mistaken: () => void): Promise<void> {
    const before = entry.owner;
    const credential = await firstOf(provider);
    if (credential === undefined || before === undefined || ownerOf(credential).key === before.key) return;
    if (entry.leases > 1) mistaken();
    else startOver(entry, credential);
  }

  function prepare(wish: Wish, alone = false): Prepared {
    const { url, token, session } = wish;
    const isNamed = typeof session === 'string';
    const provider = !isNamed && typeof token === 'function' ? token : undefined;
    const what = isNamed ? `session ${session}` : provider ? providerKey(provider) : ownerOf(token as Credential).key;
    const key = keyOf(url, what);
    const left = provider === undefined || alone || entries.has(key) ? undefined : leftBehind(url);
    const known = left ?? entries.get(key);
    const entry = known?.client === undefined ? create(key, wish) : known;
    const { client } = entry;
    if (client === undefined) throw errorOf(entry.failure);
    // On a server nobody mounts, and requests of two users must not meet.
    if (typeof window !== 'undefined') entries.set(entry.key, entry);
    return {
      client,
      hold: (mistaken) => {
        if (left !== undefined && provider !== undefined) void verify(left, provider, mistaken);
        entries.set(entry.key, entry);
        return take(entry, wish);
      },
    };
  }

  return {
    prepare,
    holdersOf: (provider) => {
      const holders = [...(byProvider.get(provider)?.tokens.values() ?? [])];
      return holders.filter((token) => token === provider).length;
    },
    lease: (wish) => {
      const { url, token, session } = wish;
      if (typeof session === 'string') return leaseOf(keyOf(url, `session ${session}`), wish);
      if (typeof token !== 'function') return leaseOf(keyOf(url, ownerOf(token).key), wish);
      const known = byProvider.get(token);
      if (known?.url === url && entries.get(known.key) === known) return take(known, wish);
      return leaseAfterAsking(token, wish);
    },
  };
}

/** The clients of this page. */
export const pageClients = /* @__PURE__ */ createSharedClients();
