/**
 * The clients of a page that belong to no component: one for each URL and session, made when the first hook asks for it
 * and closed a linger after the last is gone. So they outlive StrictMode, hot updates and page changes.
 */
import {
  PriceStreamError,
  PriceWebSocketClient,
  type ClientOptions,
  type Connection,
  type Credential,
  type TokenProvider,
} from '@tickwire/client';
import { areTwoUsers, nobody, ownerOf, type Owner } from './credential-owner.js';
import { createPriceFeed, noPrice, type PriceFeed } from './price-feed.js';
import { isDevelopment, sayOnce } from './said.js';

/** What the client takes as `token`: text, an API key, or a function that gives one of them. */
export type Token = Credential | TokenProvider;

/** What decides which client one gets. */
export interface Wish {
  readonly url: string;
  readonly token: Token | null | undefined;
  /** Whose prices these are, in the application's own words: equal texts share a client, whatever their tokens are. */
  readonly session: string | null | undefined;
}

/** A part in a shared client. */
export interface Lease {
  readonly client: PriceWebSocketClient | undefined;
  readonly feed: PriceFeed;
  /**
   * The newest token of this part: where it is a function, it is asked from now on; another text authenticates anew.
   *
   * @returns `false` where this client is not for that token: others use it, or its socket has served another user
   */
  offer(token: Token | null | undefined): boolean;
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
}

/** Reconnecting within a page change or StrictMode's double mount is no reason to let a socket go. */
const lingerMs = 1_000;
const providerTimeoutMs = 10_000;

interface Entry {
  readonly url: string;
  /** Whether a session names it, which then decides alone. */
  readonly isSession: boolean;
  readonly client: PriceWebSocketClient | undefined;
  readonly feed: PriceFeed;
  /** The tokens of those who lease it, the newest last. */
  readonly tokens: Map<object, Token | null | undefined>;
  /** Of the credential that was given last; `undefined` before any was. */
  owner: Owner | undefined;
  /** What the provider has just given: asking for it again would be one call too many. */
  inHand: Credential | null | undefined;
  lastToken: Token | null | undefined;
  key: string;
  leases: number;
  cancelClose: (() => void) | undefined;
}

/** A wrong URL or option: hooks show it as they show any connection that failed. */
function failedFeed(error: PriceStreamError): PriceFeed {
  const failed: Connection = { status: 'failed', error };
  const nothing = (): void => undefined;
  return {
    get: () => noPrice,
    getInitial: () => noPrice,
    connection: () => failed,
    subscribe: () => nothing,
    follow: () => nothing,
    guard: () => nothing,
    reached: nothing,
  };
}

const ignore = (): undefined => undefined;

/** Of a token that is known without asking; `undefined` for a function. */
function textOwner(token: Token | null | undefined): Owner | undefined {
  return typeof token === 'function' ? undefined : ownerOf(token);
}

function isSameText(a: Token | null | undefined, b: Credential): boolean {
  return typeof a !== 'function' && JSON.stringify(a) === JSON.stringify(b);
}

/** Asks a token function whose credentials it gives; one that fails or is silent is asked again by the client itself. */
function firstOf(provider: TokenProvider): Promise<Credential | null | undefined> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(undefined), providerTimeoutMs);
    new Promise<Credential | null>((settle) => settle(provider({ reason: 'initial' })))
      .then(resolve, () => resolve(undefined))
      .finally(() => clearTimeout(timer));
  });
}

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

  function tokenOf(entry: Entry): Token | null | undefined {
    if (entry.tokens.size === 0) return entry.lastToken;
    // Who brings none to a session has no say in it.
    return [...entry.tokens.values()].filter((token) => (token ?? undefined) !== undefined).at(-1);
  }

  /** Another user gets another socket. */
  function startOver(entry: Entry, credential: Credential | null): void {
    entry.inHand = credential;
    entry.owner = ownerOf(credential);
    void entry.client
      ?.close()
      .then(() => entry.client?.connect())
      .catch(ignore);
  }

  async function credentialFor(entry: Entry, request: Parameters<TokenProvider>[0]): Promise<Credential | null> {
    const { inHand } = entry;
    entry.inHand = undefined;
    if (inHand !== undefined) return inHand;
    const token = tokenOf(entry);
    const credential = typeof token === 'function' ? await token(request) : (token ?? null);
    const owner = ownerOf(credential);
    const { owner: before } = entry;
    // A new socket serves anybody; one that has served somebody serves nobody else.
    const isUsed = request.reason === 'expired' || request.reason === 'rejected';
    if (isUsed && before !== undefined && areTwoUsers(before, owner)) {
      startOver(entry, credential);
      return null;
    }
    entry.owner = owner;
    return credential;
  }

  function create(key: string, { url, token, session }: Wish): Entry {
    const entry: Omit<Entry, 'client' | 'feed'> = {
      url,
      isSession: typeof session === 'string',
      tokens: new Map(),
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
      const client = createClient(url, token || entry.isSession ? { token: ask } : {});
      return Object.assign(entry, { client, feed: createPriceFeed(client, { flush: 'frame', inRender: true }) });
    } catch (error) {
      if (!(error instanceof PriceStreamError)) throw error;
      return Object.assign(entry, { client: undefined, feed: failedFeed(error) });
    }
  }

  function isOver({ client }: Entry): boolean {
    const status = client?.connection.get().status;
    return status === 'failed' || status === 'closed';
  }

  function retry(entry: Entry): void {
    void entry.client?.connect().catch(ignore);
  }

  function letGo(entry: Entry): void {
    const timer = setTimeout(() => {
      if (entries.get(entry.key) === entry) entries.delete(entry.key);
      void entry.client?.close();
    }, lingerMs);
    entry.cancelClose = () => clearTimeout(timer);
  }

  function rename(entry: Entry, key: string): void {
    if (entries.get(entry.key) === entry) entries.delete(entry.key);
    entry.key = key;
    entries.set(key, entry);
  }

  /** A connection that stood without a credential gets one. */
  function authenticateBy(entry: Entry, provider: TokenProvider): void {
    const authenticate = async (): Promise<void> => {
      const credential = await firstOf(provider);
      if (credential !== null && credential !== undefined) await entry.client?.authenticate(credential);
    };
    authenticate().catch(ignore);
  }

  function offer(entry: Entry, holder: object, token: Token | null | undefined): boolean {
    const before = tokenOf(entry);
    const [last, next] = [textOwner(before), textOwner(token)];
    const isAnother = last !== undefined && next !== undefined && last.key !== next.key;
    // Signing out ends a socket; where others use it, another user has to have another.
    if (!entry.isSession && isAnother && (next.key === nobody || entry.leases > 1)) return false;
    // Set anew, so that it is the newest.
    entry.tokens.delete(holder);
    entry.tokens.set(holder, token);
    entry.lastToken = token;
    if (typeof token === 'function') {
      if ((before ?? undefined) === undefined) authenticateBy(entry, token);
      return true;
    }
    if (token === null || token === undefined || isSameText(before, token)) return true;
    const owner = ownerOf(token);
    if (entry.owner !== undefined && areTwoUsers(entry.owner, owner)) startOver(entry, token);
    else {
      entry.owner = owner;
      void entry.client?.authenticate(token).catch(ignore);
    }
    if (!entry.isSession) rename(entry, keyOf(entry.url, owner.key));
    return true;
  }

  function take(entry: Entry, { token }: Wish): Lease {
    const holder = {};
    entry.leases += 1;
    entry.cancelClose?.();
    entry.cancelClose = undefined;
    if (typeof token === 'function') byProvider.set(token, entry);
    offer(entry, holder, token);
    // What has failed is never handed out as it is.
    if (isOver(entry)) retry(entry);
    let held = true;
    return {
      client: entry.client,
      feed: entry.feed,
      offer: (next) => held && offer(entry, holder, next),
      retry: () => {
        if (held) retry(entry);
      },
      release: () => {
        if (!held) return;
        held = false;
        entry.lastToken = tokenOf(entry);
        entry.tokens.delete(holder);
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

  return {
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
