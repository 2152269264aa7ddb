/** The options of the client: what every stream takes, and what its three dialects add. */
import {
  checkedDurations,
  checkedFunction,
  checkedMethods,
  knownOptions,
  oneOf,
  subprotocols,
  upgradeHeaders,
} from './checks/option-checks.js';
import { checkedToken, type Credential, type TokenProvider } from './dialects/tokens.js';
import type { Fetch } from './io/http.js';
import { parsedUrl, webSocketUrl, wrong, type CommonOptions, type UrlSource } from './kernel/options.js';

/** What `new PriceWebSocketClient(url, options)` takes. Durations in milliseconds. */
export interface ClientOptions extends CommonOptions {
  /** How the server speaks; `auto` tells by its first frame. @default 'auto' */
  dialect?: 'auto' | 'coins' | 'metals' | 'tickwire' | undefined;
  /** Sent as the first message, never in the address. */
  token?: Credential | TokenProvider | undefined;
  /** In `auto`: silence before the channels decide the dialect. @default 1500 */
  negotiateMs?: number | undefined;
  /** How long an answer to a request may take. @default 10000 */
  requestTimeoutMs?: number | undefined;
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
}

/** The fallback, complete. */
export interface FallbackSettings {
  readonly url: string;
  readonly intervalMs: number;
  readonly afterAttempts: number;
}

/** What the three dialects and the fallback are made of, complete. */
export interface ClientSettings {
  readonly dialect: 'auto' | 'coins' | 'metals' | 'tickwire';
  readonly token: Credential | TokenProvider | undefined;
  readonly negotiateMs: number;
  readonly requestTimeoutMs: number;
  readonly fallback: FallbackSettings | undefined;
  readonly fetch: Fetch | undefined;
}

function fallbackOf(options: ClientOptions): FallbackSettings | undefined {
  if (options.fallback === undefined) return undefined;
  const fallback = knownOptions<NonNullable<ClientOptions['fallback']>>('fallback', options.fallback, [
    ...['url', 'intervalMs', 'afterAttempts'],
  ]);
  const { afterAttempts = 3 } = fallback;
  const url = parsedUrl(fallback.url);
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '')
    throw wrong('fallback.url', "an HTTP address without credentials, for example 'https://a.example/prices'");
  if (!(typeof afterAttempts === 'number' && afterAttempts >= 1)) throw wrong('fallback.afterAttempts', '1 or more');
  return { url: url.href, afterAttempts, ...checkedDurations('fallback.', fallback, { intervalMs: [5_000, 250] }) };
}

const optionNames = [
  ...['dialect', 'token', 'reconnect', 'heartbeat', 'connectTimeoutMs', 'negotiateMs', 'lingerMs', 'staleAfterMs'],
  ...['requestTimeoutMs', 'protocols', 'headers', 'onClose', 'fallback', 'fetch', 'WebSocket', 'clock', 'environment'],
  ...['random', 'logger', 'signal', 'whileHidden'],
];

/**
 * Looks at the options as they come from users without a compiler, and copies them.
 *
 * @throws PriceStreamError `CONFIGURATION`, with what to write instead
 */
export function checkedOptions(
  url: UrlSource,
  given: ClientOptions | undefined,
): { readonly common: CommonOptions; readonly client: ClientSettings } {
  if (typeof url !== 'function') webSocketUrl(url);
  const options = knownOptions<ClientOptions>('options', given, optionNames);
  for (const name of ['onClose', 'WebSocket', 'random', 'fetch'] as const) checkedFunction(name, options[name]);
  checkedMethods('environment', options.environment, ['read', 'subscribe']);
  checkedMethods('logger', options.logger, ['debug']);
  checkedMethods('signal', options.signal, ['addEventListener', 'removeEventListener']);
  checkedMethods('clock', options.clock, ['now', 'monotonic', 'setTimeout', 'clearTimeout']);
  const { whileHidden = 'pause', dialect = 'auto' } = options;
  oneOf('whileHidden', whileHidden, ['connect', 'pause']);
  oneOf('dialect', dialect, ['auto', 'coins', 'metals', 'tickwire']);
  const reconnect = knownOptions<NonNullable<ClientOptions['reconnect']>>('reconnect', options.reconnect, [
    ...['minDelayMs', 'baseDelayMs', 'maxDelayMs', 'maxAttempts', 'stableAfterMs'],
  ]);
  const heartbeat = knownOptions<NonNullable<ClientOptions['heartbeat']>>('heartbeat', options.heartbeat, [
    ...['idleMs', 'timeoutMs'],
  ]);
  return {
    common: {
      ...options,
      reconnect,
      heartbeat,
      protocols: subprotocols(options.protocols),
      headers: upgradeHeaders(options.headers),
    },
    client: {
      dialect,
      token: checkedToken(options.token),
      ...checkedDurations('', options, { negotiateMs: [1_500, 0], requestTimeoutMs: [10_000] }),
      fallback: fallbackOf(options),
      fetch: options.fetch,
    },
  };
}
