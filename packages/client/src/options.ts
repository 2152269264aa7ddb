/** The options of the client: their defaults, and the check that refuses wrong ones with a next step. */

/** A token, or an API key of the `tickwire` dialect. */
export type Credential = string | { apiKey: string };
/** Why a token is asked for. */
export type TokenReason = 'initial' | 'reconnect' | 'expired' | 'rejected';
/** Gives a credential each time one is needed; `null` connects without. */
export type TokenProvider = (request: { reason: TokenReason }) => Credential | null | Promise<Credential | null>;

/** What `new PriceWebSocketClient(url, options)` takes. */
export interface ClientOptions {
  /** How the server speaks. @default 'auto' */
  dialect?: 'auto' | 'coins' | 'metals' | 'tickwire';
  token?: Credential | TokenProvider;
  reconnect?: {
    /** @default 250 */ minDelayMs?: number;
    /** @default 1000 */ baseDelayMs?: number;
    /** @default 30000 */ maxDelayMs?: number;
    /** @default Infinity */ maxAttempts?: number;
    /** @default 10000 */ stableAfterMs?: number;
  };
  heartbeat?: { /** @default 15000 */ idleMs?: number; /** @default 5000 */ timeoutMs?: number };
  /** @default 10000 */ connectTimeoutMs?: number;
  /** @default 1000 */ lingerMs?: number;
  /** @default 60000 */ staleAfterMs?: number;
}
