/** The options of the client: their defaults, and the check that refuses wrong ones with a next step. */
import type { Policy } from './core/session-state.js';
import { systemClock, systemRandom, type Clock } from './io/clock.js';
import { baseUrl, systemEnvironment, type Environment } from './io/environment.js';
import type { Fetch } from './io/http.js';
import { takesHeaders } from './io/web-socket.js';
import type { WebSocketConstructor } from './io/web-socket-like.js';
import { StepLog, type Logger } from './step-log.js';
import {
  checkedDurations,
  checkedFunction,
  checkedGroup,
  checkedMethods,
  subprotocols,
  upgradeHeaders,
  wrong,
} from './option-checks.js';
import { version } from './version.js';

/** A token, or an API key of the `tickwire` dialect. */
export type Credential = string | { readonly apiKey: string };
/** Why a token is asked for. */
export type TokenReason = 'initial' | 'reconnect' | 'expired' | 'rejected';
/** Gives a credential each time one is needed; `null` connects without. */
export type TokenProvider = (request: { reason: TokenReason }) => Credential | null | Promise<Credential | null>;
/** Where the server is; a function is asked before each attempt. */
export type UrlSource = string | (() => string | Promise<string>);

/** What `new PriceWebSocketClient(url, options)` takes. Durations in milliseconds. */
export interface ClientOptions {
  /** How the server speaks; `auto` tells by its first frame. @default 'auto' */
  dialect?: 'auto' | 'coins' | 'metals' | 'tickwire';
  /** Sent as the first message, never in the address. */
  token?: Credential | TokenProvider;
  /** When a lost connection is tried again: full jitter between floor and ceiling. */
  reconnect?: {
    /** The floor of the back-off. @default 250 */
    minDelayMs?: number;
    /** The ceiling of the first retry; doubled with each further one. @default 1000 */
    baseDelayMs?: number;
    /** @default 30000 */
    maxDelayMs?: number;
    /** Retries of one outage before the connection has failed. @default Infinity */
    maxAttempts?: number;
    /** How long a connection has to last before the back-off starts over. @default 10000 */
    stableAfterMs?: number;
  };
  /** How a dead peer is noticed. */
  heartbeat?: {
    /** Silence before a ping; never below 15,000 on `metals`. @default 15000 */
    idleMs?: number;
    /** How long an answer may take. @default 5000 */
    timeoutMs?: number;
  };
  /** From the dial to the greeting. @default 10000 */
  connectTimeoutMs?: number;
  /** In `auto`: silence before the channels decide the dialect. @default 1500 */
  negotiateMs?: number;
  /** How long a channel is kept on the wire after its last handle. @default 1000 */
  lingerMs?: number;
  /** Age at which a price is no longer fresh, where the catalog says nothing else. @default 60000 */
  staleAfterMs?: number;
  /** How long an answer to a request may take. @default 10000 */
  requestTimeoutMs?: number;
  /** Subprotocols, if the server wants one. */
  protocols?: string | readonly string[];
  /** Headers of the upgrade; only where the `ws` package connects (Node). */
  headers?: Readonly<Record<string, string>>;
  /** Overrules what a close code means; `undefined` leaves it to the table. */
  onClose?: (code: number, reason: string) => 'retry' | 'stop' | 'fail' | undefined;
  /** Where prices are polled while no WebSocket can be had: an endpoint that answers with a wire `snapshot`. */
  fallback?: {
    /** `https://…`; a token goes into the `Authorization` header. */
    url: string;
    /** Between two requests; ±20 %, and longer while they fail. @default 5000 */
    intervalMs?: number;
    /** Failed attempts in a row before the polling starts. @default 3 */
    afterAttempts?: number;
  };
  /** What the fallback asks with. @default the platform's when it is used */
  fetch?: Fetch;
  /** The WebSocket to connect with. @default the platform's at the time of connecting, else `ws` in Node */
  WebSocket?: WebSocketConstructor;
  /** Where time comes from. @default the platform's timers, looked up when called */
  clock?: Clock;
  /** Where online and visible come from. @default the platform's events, where it has them */
  environment?: Environment;
  /** Chance for the jitter: 0 ≤ n < 1. */
  random?: () => number;
  /** Takes a line for each step. @default none */
  logger?: Logger;
  /** Aborting closes the client for good; one that has aborted already starts it closed. */
  signal?: AbortSignal;
}

/** The fallback, complete. */
export type FallbackSettings = Readonly<Required<NonNullable<ClientOptions['fallback']>>>;

/** The options, complete. */
export interface Settings {
  readonly url: () => string | Promise<string>;
  /** As the user gave it. */
  readonly givenUrl: UrlSource;
  readonly policy: Policy;
  readonly token: Credential | TokenProvider | undefined;
  readonly staleAfterMs: number;
  readonly protocols: string[] | undefined;
  readonly headers: Record<string, string> | undefined;
  readonly onClose: ClientOptions['onClose'];
  readonly WebSocket: WebSocketConstructor | undefined;
  readonly fallback: FallbackSettings | undefined;
  readonly fetch: Fetch | undefined;
  readonly clock: Clock;
  readonly environment: Environment;
  readonly random: () => number;
  readonly logger: StepLog;
  readonly signal: AbortSignal | undefined;
}

/** What the user's `onClose` says of a close; anything but its three words, and what it throws, is no word. */
export function verdictOf(
  onClose: ClientOptions['onClose'],
  code: number,
  reason: string,
  failed: (cause: unknown) => void,
): 'retry' | 'stop' | 'fail' | undefined {
  try {
    const verdict: unknown = onClose?.(code, reason);
    return verdict === 'retry' || verdict === 'stop' || verdict === 'fail' ? verdict : undefined;
  } catch (cause) {
    failed(cause);
    return undefined;
  }
}

function parsedUrl(given: string): URL | undefined {
  try {
    return new URL(given, baseUrl());
  } catch {
    return undefined;
  }
}

/** A WebSocket address from what the user gave: `http` means `ws`, and a path stands on the page's address. */
export function webSocketUrl(given: unknown): string {
  const url = typeof given === 'string' && given !== '' ? parsedUrl(given) : undefined;
  if (url !== undefined) url.protocol = url.protocol.replace(/^http/, 'ws');
  if (url === undefined || !/^wss?:$/.test(url.protocol))
    throw wrong(
      'The URL',
      "an absolute address that starts with ws:// or wss://, for example 'wss://prices.example/ws'",
    );
  // A WebSocket takes no fragment.
  url.hash = '';
  return url.href;
}

function policyOf(options: ClientOptions): Policy {
  const { reconnect = {}, heartbeat = {}, dialect = 'auto' } = options;
  checkedGroup('reconnect', reconnect);
  checkedGroup('heartbeat', heartbeat);
  const { maxAttempts = Infinity } = reconnect;
  if (!['auto', 'coins', 'metals', 'tickwire'].includes(dialect))
    throw wrong('dialect', "'auto', 'coins', 'metals' or 'tickwire'");
  if (!(typeof maxAttempts === 'number' && maxAttempts >= 0))
    throw wrong('reconnect.maxAttempts', 'a number, 0 or more');
  const delays = checkedDurations('reconnect.', reconnect, {
    minDelayMs: [250],
    baseDelayMs: [1_000],
    maxDelayMs: [30_000],
    stableAfterMs: [10_000, 0],
  });
  if (delays.maxDelayMs < delays.minDelayMs) throw wrong('reconnect.maxDelayMs', 'at least reconnect.minDelayMs');
  return {
    dialect,
    reconnect: { ...delays, maxAttempts },
    heartbeat: checkedDurations('heartbeat.', heartbeat, { idleMs: [15_000], timeoutMs: [5_000] }),
    ...checkedDurations('', options, {
      connectTimeoutMs: [10_000],
      negotiateMs: [1_500, 0],
      lingerMs: [1_000, 0],
      requestTimeoutMs: [10_000],
    }),
    clientName: `@tickwire/client/${version}`,
  };
}

function fallbackOf({ fallback }: ClientOptions): FallbackSettings | undefined {
  if (fallback === undefined) return undefined;
  checkedGroup('fallback', fallback);
  const { afterAttempts = 3 } = fallback;
  const url = parsedUrl(fallback.url);
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '')
    throw wrong('fallback.url', "an HTTP address without credentials, for example 'https://a.example/prices'");
  if (!(afterAttempts >= 1)) throw wrong('fallback.afterAttempts', '1 or more');
  return { url: url.href, afterAttempts, ...checkedDurations('fallback.', fallback, { intervalMs: [5_000, 250] }) };
}

/** Servers take tokens of 4 KB in frames of 16 KiB; a longer frame would end every connection. */
const longestCredential = 8_192;

/** Whether a value is a credential: what users and their providers give is looked at before it is used. */
export function isCredential(value: unknown): value is Credential {
  const text = typeof value === 'object' && value !== null && 'apiKey' in value ? value.apiKey : value;
  return typeof text === 'string' && text !== '' && text.length <= longestCredential;
}

function checkedToken(token: ClientOptions['token']): ClientOptions['token'] {
  if (token !== undefined && typeof token !== 'function' && !isCredential(token))
    throw wrong('token', 'a text, { apiKey }, or a function that gives one of them');
  return token;
}

/**
 * Checks and completes the options.
 *
 * @throws PriceStreamError `CONFIGURATION`, with what to write instead
 */
export function settingsOf(url: UrlSource, options: ClientOptions): Settings {
  if (typeof url !== 'function') webSocketUrl(url);
  checkedGroup('options', options);
  for (const name of ['onClose', 'WebSocket', 'random', 'fetch'] as const) checkedFunction(name, options[name]);
  checkedMethods('clock', options.clock, ['now', 'monotonic', 'setTimeout', 'clearTimeout']);
  checkedMethods('environment', options.environment, ['read', 'subscribe']);
  checkedMethods('logger', options.logger, ['debug']);
  checkedMethods('signal', options.signal, ['addEventListener', 'removeEventListener']);
  const headers = upgradeHeaders(options.headers);
  if (headers !== undefined && options.WebSocket === undefined && !takesHeaders) {
    throw wrong('headers', 'left out here. Use token instead, or pass a WebSocket that takes headers');
  }
  return {
    url: typeof url === 'function' ? url : () => url,
    givenUrl: url,
    policy: policyOf(options),
    token: checkedToken(options.token),
    ...checkedDurations('', options, { staleAfterMs: [60_000] }),
    protocols: subprotocols(options.protocols),
    headers,
    onClose: options.onClose,
    WebSocket: options.WebSocket,
    fallback: fallbackOf(options),
    fetch: options.fetch,
    clock: options.clock ?? systemClock,
    environment: options.environment ?? systemEnvironment,
    random: options.random ?? systemRandom,
    logger: new StepLog(options.logger),
    signal: options.signal,
  };
}
