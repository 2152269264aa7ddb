/** The options of the client: their defaults, and the check that refuses wrong ones with a next step. */
import type { Policy } from './core/session-state.js';
import { systemClock, systemRandom, type Clock } from './io/clock.js';
import { alwaysShown, baseUrl, systemEnvironment, type Environment } from './io/environment.js';
import type { Fetch } from './io/http.js';
import { takesHeaders } from './io/web-socket.js';
import type { WebSocketConstructor } from './io/web-socket-like.js';
import { StepLog, type Logger } from './step-log.js';
import {
  checkedDurations,
  checkedFunction,
  checkedMethods,
  knownOptions,
  oneOf,
  subprotocols,
  upgradeHeaders,
  wrong,
} from './option-checks.js';
import { checkedToken, type Credential, type TokenProvider } from './credentials.js';
import { version } from './version.js';

/** Where the server is; a function is asked before each attempt. */
export type UrlSource = string | (() => string | Promise<string>);

/** What `new PriceWebSocketClient(url, options)` takes. Durations in milliseconds. */
export interface ClientOptions {
  /** How the server speaks; `auto` tells by its first frame. @default 'auto' */
  dialect?: 'auto' | 'coins' | 'metals' | 'tickwire' | undefined;
  /** Sent as the first message, never in the address. */
  token?: Credential | TokenProvider | undefined;
  /** When a lost connection is tried again: full jitter between floor and ceiling. */
  reconnect?:
    | {
        /** The floor of the back-off. @default 250 */
        minDelayMs?: number | undefined;
        /** The ceiling of the first retry; doubled with each further one. @default 1000 */
        baseDelayMs?: number | undefined;
        /** @default 30000 */
        maxDelayMs?: number | undefined;
        /** Retries of one outage before the connection has failed. @default Infinity */
        maxAttempts?: number | undefined;
        /** How long a connection has to last before the back-off starts over. @default 10000 */
        stableAfterMs?: number | undefined;
      }
    | undefined;
  /** How a dead peer is noticed. */
  heartbeat?:
    | {
        /** Silence before a ping; never below 15,000 on `metals`. @default 15000 */
        idleMs?: number | undefined;
        /** How long an answer may take. @default 5000 */
        timeoutMs?: number | undefined;
      }
    | undefined;
  /** From the dial to the greeting. @default 10000 */
  connectTimeoutMs?: number | undefined;
  /** In `auto`: silence before the channels decide the dialect. @default 1500 */
  negotiateMs?: number | undefined;
  /** How long a channel is kept on the wire after its last handle. @default 1000 */
  lingerMs?: number | undefined;
  /** Age at which a price is no longer fresh, where the catalog says nothing else. @default 60000 */
  staleAfterMs?: number | undefined;
  /** How long an answer to a request may take. @default 10000 */
  requestTimeoutMs?: number | undefined;
  /** Subprotocols, if the server wants one. */
  protocols?: string | readonly string[] | undefined;
  /** Headers of the upgrade; only where the `ws` package connects (Node). */
  headers?: Readonly<Record<string, string>> | undefined;
  /** Overrules what a close code means; `undefined` leaves it to the table. */
  onClose?: ((code: number, reason: string) => 'retry' | 'stop' | 'fail' | undefined) | undefined;
  /** Where prices are polled while no WebSocket can be had: an endpoint that answers with a wire `snapshot`. */
  fallback?:
    | {
        /** `https://…`; a token goes into the `Authorization` header. */
        url: string;
        /** Between two requests; ±20 %, and longer while they fail. @default 5000 */
        intervalMs?: number | undefined;
        /** Failed attempts in a row before the polling starts. @default 3 */
        afterAttempts?: number | undefined;
      }
    | undefined;
  /** What the fallback asks with. @default the platform's when it is used */
  fetch?: Fetch | undefined;
  /** The WebSocket to connect with. @default the platform's at the time of connecting, else `ws` in Node */
  WebSocket?: WebSocketConstructor | undefined;
  /** Where time comes from. @default the platform's timers, looked up when called */
  clock?: Clock | undefined;
  /** Whether a page that is hidden goes on dialling: `connect` for one with alert sounds. @default 'pause' */
  whileHidden?: 'connect' | 'pause' | undefined;
  /** Where online and visible come from. @default the platform's events, where it has them */
  environment?: Environment | undefined;
  /** Chance for the jitter: 0 ≤ n < 1. */
  random?: (() => number) | undefined;
  /** Takes a line for each step. @default none */
  logger?: Logger | undefined;
  /** Aborting closes the client for good; one that has aborted already starts it closed. */
  signal?: AbortSignal | undefined;
}

/** The fallback, complete. */
export interface FallbackSettings {
  readonly url: string;
  readonly intervalMs: number;
  readonly afterAttempts: number;
}

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
  const { dialect = 'auto' } = options;
  const reconnect = knownOptions<NonNullable<ClientOptions['reconnect']>>('reconnect', options.reconnect, [
    ...['minDelayMs', 'baseDelayMs', 'maxDelayMs', 'maxAttempts', 'stableAfterMs'],
  ]);
  const heartbeat = knownOptions('heartbeat', options.heartbeat, ['idleMs', 'timeoutMs']);
  const { maxAttempts = Infinity } = reconnect;
  oneOf('dialect', dialect, ['auto', 'coins', 'metals', 'tickwire']);
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

function fallbackOf(options: ClientOptions): FallbackSettings | undefined {
  if (options.fallback === undefined) return undefined;
  const fallback = knownOptions<NonNullable<ClientOptions['fallback']>>('fallback', options.fallback, [
    ...['url', 'intervalMs', 'afterAttempts'],
  ]);
  const { afterAttempts = 3 } = fallback;
  const url = typeof fallback.url === 'string' ? parsedUrl(fallback.url) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '')
    throw wrong('fallback.url', "an HTTP address without credentials, for example 'https://a.example/prices'");
  if (!(typeof afterAttempts === 'number' && afterAttempts >= 1)) throw wrong('fallback.afterAttempts', '1 or more');
  return { url: url.href, afterAttempts, ...checkedDurations('fallback.', fallback, { intervalMs: [5_000, 250] }) };
}

/** Chance as it was given; what throws, or gives no number from 0 to below 1, is no chance. */
function checkedRandom(random: (() => number) | undefined): () => number {
  if (random === undefined) return systemRandom;
  return () => {
    try {
      const chance = random();
      return chance >= 0 && chance < 1 ? chance : systemRandom();
    } catch {
      return systemRandom();
    }
  };
}

const optionNames = [
  ...['dialect', 'token', 'reconnect', 'heartbeat', 'connectTimeoutMs', 'negotiateMs', 'lingerMs', 'staleAfterMs'],
  ...['requestTimeoutMs', 'protocols', 'headers', 'onClose', 'fallback', 'fetch', 'WebSocket', 'clock', 'environment'],
  ...['random', 'logger', 'signal', 'whileHidden'],
];

/**
 * Checks and completes the options.
 *
 * @throws PriceStreamError `CONFIGURATION`, with what to write instead
 */
export function settingsOf(url: UrlSource, given: ClientOptions | undefined): Settings {
  if (typeof url !== 'function') webSocketUrl(url);
  const options = knownOptions<ClientOptions>('options', given, optionNames);
  for (const name of ['onClose', 'WebSocket', 'random', 'fetch'] as const) checkedFunction(name, options[name]);
  checkedMethods('environment', options.environment, ['read', 'subscribe']);
  checkedMethods('logger', options.logger, ['debug']);
  checkedMethods('signal', options.signal, ['addEventListener', 'removeEventListener']);
  checkedMethods('clock', options.clock, ['now', 'monotonic', 'setTimeout', 'clearTimeout']);
  const { whileHidden = 'pause', environment = systemEnvironment } = options;
  oneOf('whileHidden', whileHidden, ['connect', 'pause']);
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
    environment: whileHidden === 'connect' ? alwaysShown(environment) : environment,
    random: checkedRandom(options.random),
    logger: new StepLog(options.logger),
    signal: options.signal,
  };
}
