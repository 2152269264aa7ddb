/** What every stream takes, whatever it speaks: defaults, and the check that refuses wrong values with a next step. */
import { systemClock, systemRandom, type Clock } from '../io/clock.js';
import { alwaysShown, baseUrl, systemEnvironment, type Environment } from '../io/environment.js';
import { takesHeaders } from '../io/socket.js';
import type { WebSocketConstructor } from '../io/web-socket-like.js';
import { wrong } from './errors.js';
import type { Backoff } from './verdicts.js';

/** Where the server is; a function is asked before each attempt. */
export type UrlSource = string | (() => string | Promise<string>);

/** Takes one line for each step of the connection; `console` has this shape. No line carries a token. */
export interface Logger {
  debug(line: string): void;
  /** Takes errors that nobody listens for, once a kind. @default console.error */
  error?(text: string, error: unknown): void;
}

/** The options that know no server. Durations in milliseconds. */
export interface CommonOptions {
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
        /** Silence before a ping; a dialect may want more. @default 15000 */
        idleMs?: number | undefined;
        /** How long an answer may take. @default 5000 */
        timeoutMs?: number | undefined;
      }
    | undefined;
  /** From the dial to the greeting. @default 10000 */
  connectTimeoutMs?: number | undefined;
  /** How long a channel is kept on the wire after its last handle. @default 1000 */
  lingerMs?: number | undefined;
  /** Age at which a price is no longer fresh, where the dialect knows nothing else. @default 60000 */
  staleAfterMs?: number | undefined;
  /** Subprotocols, if the server wants one. */
  protocols?: string | readonly string[] | undefined;
  /** Headers of the upgrade; only where the `ws` package connects (Node). */
  headers?: Readonly<Record<string, string>> | undefined;
  /** Overrules what a close code means; `undefined` leaves it to the table. */
  onClose?: ((code: number, reason: string) => 'retry' | 'stop' | 'fail' | undefined) | undefined;
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

/** The options, complete. */
export interface Settings {
  readonly url: UrlSource;
  readonly reconnect: Backoff;
  readonly heartbeat: { readonly idleMs: number; readonly timeoutMs: number };
  readonly connectTimeoutMs: number;
  readonly lingerMs: number;
  readonly staleAfterMs: number;
  readonly protocols: string[] | undefined;
  readonly headers: Record<string, string> | undefined;
  readonly onClose: CommonOptions['onClose'];
  readonly WebSocket: WebSocketConstructor | undefined;
  readonly clock: Clock;
  readonly environment: Environment;
  readonly random: () => number;
  readonly logger: Logger | undefined;
  readonly signal: AbortSignal | undefined;
}

/** An absolute address, of a page's own where it is a path; `undefined` for what is none. */
export function parsedUrl(given: unknown): URL | undefined {
  try {
    return typeof given === 'string' && given !== '' ? new URL(given, baseUrl()) : undefined;
  } catch {
    return undefined;
  }
}

/** A WebSocket address from what the user gave: `http` means `ws`, and a path stands on the page's address. */
export function webSocketUrl(given: unknown): string {
  const url = parsedUrl(given);
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

/**
 * Durations in ms, completed.
 *
 * @param group what stands before their names in an error
 * @param defaults by name: the default, and the least that is taken @default 1
 */
export function durations<Name extends string>(
  group: string,
  given: object,
  defaults: Readonly<Record<Name, readonly [value: number, least?: number]>>,
): Record<Name, number> {
  const completed = {} as Record<Name, number>;
  for (const [name, [fallback, least = 1]] of Object.entries(defaults) as [Name, readonly [number, number?]][]) {
    const set: unknown = Reflect.get(given, name);
    const value = set === undefined ? fallback : set;
    if (!Number.isFinite(value) || (value as number) < least)
      throw wrong(group + name, `a number of milliseconds, ${least} or more`);
    completed[name] = value as number;
  }
  return completed;
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

/**
 * Completes the options.
 *
 * @throws PriceStreamError `CONFIGURATION`, with what to write instead
 */
export function settingsOf(url: UrlSource, options: CommonOptions): Settings {
  if (typeof url !== 'function') webSocketUrl(url);
  const { reconnect = {}, heartbeat = {}, whileHidden, environment = systemEnvironment, protocols, headers } = options;
  const { maxAttempts = Infinity } = reconnect;
  if (!(typeof maxAttempts === 'number' && maxAttempts >= 0))
    throw wrong('reconnect.maxAttempts', 'a number, 0 or more');
  const delays = durations('reconnect.', reconnect, {
    minDelayMs: [250],
    baseDelayMs: [1_000],
    maxDelayMs: [30_000],
    stableAfterMs: [10_000, 0],
  });
  if (delays.maxDelayMs < delays.minDelayMs) throw wrong('reconnect.maxDelayMs', 'at least reconnect.minDelayMs');
  if (headers !== undefined && options.WebSocket === undefined && !takesHeaders)
    throw wrong(
      'headers',
      'left out here: pages send none. Pass a WebSocket that takes headers, or let the dialect say it in a message',
    );
  return {
    url,
    reconnect: { ...delays, maxAttempts },
    heartbeat: durations('heartbeat.', heartbeat, { idleMs: [15_000], timeoutMs: [5_000] }),
    ...durations('', options, { connectTimeoutMs: [10_000], lingerMs: [1_000, 0], staleAfterMs: [60_000] }),
    protocols: protocols === undefined ? undefined : typeof protocols === 'string' ? [protocols] : [...protocols],
    headers: headers && { ...headers },
    onClose: options.onClose,
    WebSocket: options.WebSocket,
    clock: options.clock ?? systemClock,
    environment: whileHidden === 'connect' ? alwaysShown(environment) : environment,
    random: checkedRandom(options.random),
    logger: options.logger,
    signal: options.signal,
  };
}
