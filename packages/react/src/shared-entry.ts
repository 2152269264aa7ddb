/** One shared client with the tokens of those who hold it: whose it is, what it authenticates with, and when it has to start over. */
import type { Credential, PriceStreamError, PriceWebSocketClient, TokenProvider } from '@tickwire/client';
import { areTwoUsers, nobody, ownerOf, type Owner } from './credential-owner.js';
import type { PriceFeed } from './price-feed.js';

/** What the client takes as `token`: text, an API key, or a function that gives one of them. */
export type Token = Credential | TokenProvider;

const providerTimeoutMs = 10_000;

/** Another token of one who holds a client, and whom to tell that the client is not for it. */
export interface TokenWish {
  readonly token: Token | null | undefined;
  readonly refused: () => void;
}

/** A client and what is known of it. */
export interface Entry {
  readonly url: string;
  /** Whether a session names it, which then decides alone. */
  readonly isSession: boolean;
  readonly client: PriceWebSocketClient | undefined;
  readonly feed: PriceFeed;
  /** The tokens of those who lease it, the newest last. */
  readonly tokens: Map<object, Token | null | undefined>;
  /** What those who hold it have asked for in this moment, where it depends on the others. */
  readonly wishes: Map<object, TokenWish>;
  /** Why there is no client. */
  readonly failure: PriceStreamError | undefined;
  /** Of the credential that was given last; `undefined` before any was. */
  owner: Owner | undefined;
  /** What the provider has just given: asking for it again would be one call too many. */
  inHand: Credential | null | undefined;
  lastToken: Token | null | undefined;
  key: string;
  leases: number;
  cancelClose: (() => void) | undefined;
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
export function firstOf(provider: TokenProvider): Promise<Credential | null | undefined> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(undefined), providerTimeoutMs);
    new Promise<Credential | null>((settle) => settle(provider({ reason: 'initial' })))
      .then(resolve, () => resolve(undefined))
      .finally(() => clearTimeout(timer));
  });
}

/** The newest token of those who hold it. */
export function tokenOf(entry: Entry): Token | null | undefined {
  if (entry.tokens.size === 0) return entry.lastToken;
  // Who brings none to a session has no say in it.
  return [...entry.tokens.values()].filter((token) => (token ?? undefined) !== undefined).at(-1);
}

/** Another user gets another socket. */
export function startOver(entry: Entry, credential: Credential | null): void {
  entry.inHand = credential;
  entry.owner = ownerOf(credential);
  void entry.client
    ?.close()
    .then(() => entry.client?.connect())
    .catch(ignore);
}

/** What the client is given when it asks for a credential. */
export async function credentialFor(entry: Entry, request: Parameters<TokenProvider>[0]): Promise<Credential | null> {
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

/** Whether it does nothing until somebody connects it. */
export function isOver({ client }: Entry): boolean {
  const status = client?.connection.get().status;
  return status === 'failed' || status === 'closed';
}

/** Connects now, whatever it waits for. */
export function retry(entry: Entry): void {
  void entry.client?.connect().catch(ignore);
}

/** A connection that stood without a credential gets one. */
function authenticateBy(entry: Entry, provider: TokenProvider): void {
  const authenticate = async (): Promise<void> => {
    const credential = await firstOf(provider);
    if (credential !== null && credential !== undefined) await entry.client?.authenticate(credential);
  };
  authenticate().catch(ignore);
}

/**
 * Takes the newest token of one who holds the client.
 *
 * @param rename called where the client is known by its user, who is called by another text now
 * @returns `false` where the client is not for that token
 */
export function offer(
  entry: Entry,
  holder: object,
  token: Token | null | undefined,
  rename: (owner: Owner) => void,
): boolean {
  const before = tokenOf(entry);
  const [last, next] = [textOwner(before), textOwner(token)];
  const isAnother = last !== undefined && next !== undefined && last.key !== next.key;
  // Signing out ends a socket; where others use it, another user has to have another.
  if (!entry.isSession && isAnother && (next.key === nobody || entry.leases > 1)) return false;
  accept(entry, holder, token, rename);
  return true;
}

/** What it depends on: whether all who hold the client bring the same other token, as those do that React renders together. */
export function wishTogether(entry: Entry, holder: object, wanted: TokenWish, rename: (owner: Owner) => void): void {
  entry.wishes.set(holder, wanted);
  if (entry.wishes.size > 1) return;
  queueMicrotask(() => {
    const wishes = [...entry.wishes];
    entry.wishes.clear();
    const keys = new Set(wishes.map(([, { token }]) => textOwner(token)?.key));
    const isOfAll = wishes.length === entry.leases && keys.size === 1 && !keys.has(nobody);
    for (const [each, { token, refused }] of wishes) {
      if (isOfAll) accept(entry, each, token, rename);
      else refused();
    }
  });
}

function accept(entry: Entry, holder: object, token: Token | null | undefined, rename: (owner: Owner) => void): void {
  const before = tokenOf(entry);
  // Set anew, so that it is the newest.
  entry.tokens.delete(holder);
  entry.tokens.set(holder, token);
  entry.lastToken = token;
  if (typeof token === 'function') {
    if ((before ?? undefined) === undefined) authenticateBy(entry, token);
    return;
  }
  if (token === null || token === undefined || isSameText(before, token)) return;
  const owner = ownerOf(token);
  if (entry.owner !== undefined && areTwoUsers(entry.owner, owner)) startOver(entry, token);
  else {
    entry.owner = owner;
    void entry.client?.authenticate(token).catch(ignore);
  }
  if (!entry.isSession) rename(owner);
}
