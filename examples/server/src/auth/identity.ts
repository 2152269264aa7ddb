/** Who somebody is once it is proven, and what every proof has in common. */
import type { ErrorCode } from '@tickwire/protocol';

/** Who a connection or a request belongs to. */
export interface Identity {
  /** The token's `sub`; for an API key `key:<kid>`, which no token may claim. */
  readonly userId: string;
  readonly by: 'token' | 'api_key';
  /** What it may do beyond reading what is public or its own; `*` stands for everything. */
  readonly scopes: readonly string[];
  /** Epoch ms; absent for what does not expire. */
  readonly expiresAt?: number;
  /** Epoch ms; absent when the token does not say. */
  readonly issuedAt?: number;
}

/** What a client shows, as the wire contract has it. */
export type Credentials = { readonly token: string } | { readonly apiKey: string };

/** What came of it. The code is what the client is told; nothing in it comes from the input. */
export type Proof =
  | { readonly ok: true; readonly identity: Identity }
  | { readonly ok: false; readonly code: ErrorCode; readonly retryAfterMs?: number };

/** What users may change of their own: all of it, unless their token names scopes. */
export const ownScopes = ['alerts:write', 'portfolio:write'] as const;

/** The start of the user ids of API keys. */
export const apiKeyUserPrefix = 'key:';

/** Whether a user id is 1 to 64 visible ASCII characters: fit for a channel's log, a line of a log and a frame. */
export function isUserId(text: unknown): text is string {
  return typeof text === 'string' && /^[\x21-\x7e]{1,64}$/.test(text);
}

/** Whether the scope was granted. */
export function hasScope({ scopes }: Pick<Identity, 'scopes'>, scope: string): boolean {
  return scopes.includes('*') || scopes.includes(scope);
}
