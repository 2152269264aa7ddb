/** The options of the client: what every stream takes, and what its three dialects add. */
import {
  asIs,
  fields,
  func,
  group,
  headers,
  methods,
  ms,
  oneOf,
  signal,
  subprotocols,
  type Check,
} from './checks/fields.js';
import { checkedToken, type Credential, type TokenProvider } from './dialects/tokens.js';
import type { Fetch } from './io/http.js';
import { wrong } from './kernel/errors.js';
import { parsedUrl, webSocketUrl, type CommonOptions, type UrlSource } from './kernel/options.js';

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

const fallbackUrl: Check<string> = (name, given) => {
  const url = parsedUrl(given);
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '')
    throw wrong(name, "an HTTP address without credentials, for example 'https://a.example/prices'");
  return url.href;
};

const attempts: Check<number> = (name, given) => {
  if (!(typeof given === 'number' && given >= 1)) throw wrong(name, '1 or more');
  return given;
};

/** Every option. Those of a stream are completed, and their numbers looked at, by the stream. */
const checks: Readonly<Record<keyof ClientOptions, Check>> = {
  dialect: oneOf('auto', 'coins', 'metals', 'tickwire'),
  token: (_name, given) => checkedToken(given as ClientOptions['token']),
  reconnect: group({ minDelayMs: asIs, baseDelayMs: asIs, maxDelayMs: asIs, maxAttempts: asIs, stableAfterMs: asIs }),
  heartbeat: group({ idleMs: asIs, timeoutMs: asIs }),
  connectTimeoutMs: asIs,
  negotiateMs: ms(0),
  lingerMs: asIs,
  staleAfterMs: asIs,
  requestTimeoutMs: ms(1),
  protocols: subprotocols,
  headers,
  onClose: func,
  fallback: group({ url: fallbackUrl, intervalMs: ms(250), afterAttempts: attempts }),
  fetch: func,
  WebSocket: func,
  clock: methods('now', 'monotonic', 'setTimeout', 'clearTimeout'),
  environment: methods('read', 'subscribe'),
  random: func,
  logger: methods('debug'),
  signal,
  whileHidden: oneOf('connect', 'pause'),
};

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
  const common = fields<ClientOptions>('options', given, checks);
  const { dialect = 'auto', token, negotiateMs = 1_500, requestTimeoutMs = 10_000, fallback, fetch } = common;
  if (fallback !== undefined) fallbackUrl('fallback.url', fallback.url);
  return {
    common,
    client: {
      ...{ dialect, token, negotiateMs, requestTimeoutMs, fetch },
      fallback: fallback && ({ intervalMs: 5_000, afterAttempts: 3, ...fallback } as FallbackSettings),
    },
  };
}
