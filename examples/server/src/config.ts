/** The environment, checked once at start; nothing else reads it. A problem is told in words that say what to do. */
import path from 'node:path';
import * as z from 'zod';
import { authEnvironment, authKeys, authProblemsOf, authSettingsOf, type AuthSettings } from './auth/auth-settings.js';
import { longestTimerMs } from './clock.js';
import { flag, type ConfigKey } from './config-key.js';
import { demoEnvironment, demoKeys, demoProblemsOf, demoSettingsOf, type DemoSettings } from './demo/demo-settings.js';
import { limitKeys, limitsHelp, limitsOf } from './limit-settings.js';
import { defaultLimits, type Limits } from './limits.js';
import { peerEnvironment, peerKeys, peerSettingsOf, type PeerSettings } from './peer-settings.js';
import { redisEnvironment, redisKeys, redisSettingsOf, type RedisSettings } from './redis-settings.js';
import {
  upstreamKeys,
  upstreamOf,
  upstreamProblems,
  upstreamShape,
  type UpstreamConfig,
} from './sources/upstream-config.js';

/** Everything that the server is told from outside. */
export interface ServerConfig extends PeerSettings {
  readonly environment: 'development' | 'production' | 'test';
  readonly logLevel: string;
  readonly host: string;
  readonly port: number;
  readonly auth: AuthSettings;
  /** Absent: everything is kept in memory. */
  readonly redis?: RedisSettings;
  readonly priceSource: 'simulated' | 'replay' | 'coinbase' | 'http';
  /** Absolute path; there when `priceSource` is `replay`. */
  readonly replayFile?: string;
  readonly replaySpeed: number;
  /** Of the live sources. */
  readonly upstream: UpstreamConfig;
  /** Absolute path; absent: prices do not outlive a restart. */
  readonly priceCacheFile?: string;
  readonly priceIntervalMs: number;
  /** Typical move of a simulated step, in percent. */
  readonly priceVolatility: number;
  /** Absent: another walk at every start. */
  readonly priceSeed?: number;
  /** Between made-up whale movements and social spikes, on average; 0: there are none. */
  readonly eventsIntervalMs: number;
  readonly maxConnections: number;
  /** Whether clients may ask for compressed messages. */
  readonly compression: boolean;
  /** Folder of static pages, an absolute path; absent: none are served. */
  readonly pagesDir?: string;
  readonly demo: DemoSettings;
  readonly limits: Limits;
  /** Said once at start: keys that look like ours and are not. */
  readonly warnings: readonly string[];
}

/** What is wrong with the environment, one line a problem. Values of secrets are never in it. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
  constructor(readonly problems: readonly string[]) {
    super(
      `The configuration has ${problems.length === 1 ? 'a problem' : 'problems'}:\n${problems.map((line) => `  ${line}`).join('\n')}`,
    );
  }
}

/** Every key that the server reads. */
export const configKeys: readonly ConfigKey[] = [
  {
    name: 'WEBSOCKET_PORT',
    fallback: '3001',
    meaning: 'port of /ws, the pages and the API; PORT and WS_PORT are aliases',
  },
  { name: 'HOST', fallback: '127.0.0.1, in production 0.0.0.0', meaning: 'address to listen on' },
  { name: 'NODE_ENV', fallback: 'development', meaning: 'development, production or test' },
  { name: 'LOG_LEVEL', fallback: 'info', meaning: 'fatal, error, warn, info, debug, trace or silent' },
  ...peerKeys,
  ...authKeys,
  ...redisKeys,
  { name: 'PRICE_SOURCE', fallback: 'simulated', meaning: 'simulated, replay, coinbase or http' },
  { name: 'PRICE_UPDATE_INTERVAL', fallback: '60000', meaning: 'ms between simulated or polled prices' },
  { name: 'PRICE_VOLATILITY', fallback: '0.15', meaning: 'typical simulated move in percent' },
  { name: 'PRICE_SEED', fallback: 'random', meaning: 'whole number; the same seed walks the same way' },
  {
    name: 'EVENTS_INTERVAL',
    fallback: '0',
    meaning: 'ms between made-up whale movements and social spikes; 0 makes none, the demo makes them every 5000',
  },
  {
    name: 'REPLAY_FILE',
    fallback: 'none',
    meaning: 'recording to play: JSON lines of ticker frames, or an array of candles',
  },
  ...upstreamKeys,
  { name: 'REPLAY_SPEED', fallback: '1', meaning: '60 plays a minute in a second' },
  {
    name: 'WS_TIMEOUT',
    fallback: '30000',
    meaning: 'ms after which a dead peer is noticed: pinged after 5/6 of it (25 s at most), dropped a third later',
  },
  { name: 'WS_MAX_CONNECTIONS', fallback: '100', meaning: 'more are answered 503 before the upgrade' },
  { name: 'WS_COMPRESSION', fallback: 'false', meaning: 'true compresses messages of 1 KiB and more' },
  { name: 'PAGES_DIR', fallback: 'none', meaning: 'folder of static pages served at /' },
  ...demoKeys,
];

const aliases: readonly string[] = ['PORT', 'WS_PORT'];

const numberWritten = (shape: RegExp, expected: string, most: number, range: z.ZodNumber) =>
  z
    .string()
    .regex(shape, { error: expected })
    .transform(Number)
    .pipe(range.max(most, { error: `expected at most ${most}` }));
const wholeNumber = (least: number, most: number) =>
  numberWritten(
    /^\d{1,10}$/,
    'expected a whole number',
    most,
    z.number().min(least, { error: `expected at least ${least}` }),
  );
const positiveNumber = (most: number) => {
  const expected = 'expected a number above 0';
  return numberWritten(/^\d{1,9}(\.\d{1,9})?$/, expected, most, z.number().gt(0, { error: expected }));
};
const port = wholeNumber(0, 65_535);

const environmentSchema = z.object({
  WEBSOCKET_PORT: port.optional(),
  PORT: port.optional(),
  WS_PORT: port.optional(),
  HOST: z.string().optional(),
  NODE_ENV: z
    .enum(['development', 'production', 'test'], { error: 'expected development, production or test' })
    .default('development'),
  LOG_LEVEL: z
    .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'], {
      error: 'expected fatal, error, warn, info, debug, trace or silent',
    })
    .default('info'),
  ...peerEnvironment,
  ...authEnvironment,
  ...redisEnvironment,
  PRICE_SOURCE: z
    .enum(['simulated', 'replay', 'coinbase', 'http'], { error: 'expected simulated, replay, coinbase or http' })
    .default('simulated'),
  PRICE_UPDATE_INTERVAL: wholeNumber(10, longestTimerMs).default(60_000),
  PRICE_VOLATILITY: positiveNumber(50).default(0.15),
  PRICE_SEED: wholeNumber(0, 4_294_967_295).optional(),
  EVENTS_INTERVAL: wholeNumber(0, longestTimerMs).default(0),
  ...upstreamShape,
  REPLAY_FILE: z.string().optional(),
  REPLAY_SPEED: positiveNumber(1_000_000).default(1),
  WS_TIMEOUT: wholeNumber(100, longestTimerMs).default(30_000),
  WS_MAX_CONNECTIONS: wholeNumber(1, 1_000_000).default(100),
  WS_COMPRESSION: flag.default(false),
  PAGES_DIR: z.string().optional(),
  ...demoEnvironment,
});

/** Where environment variables come from. */
export type Environment = Readonly<Record<string, string | undefined>>;

function warningsOf(environment: Environment, ports: readonly (number | undefined)[]): string[] {
  const { NODE_ENV, ALLOWED_ORIGINS, SERVED_HOSTS } = environment;
  const known = new Set([...configKeys.map((key) => key.name), ...aliases, ...limitKeys]);
  const unknown = Object.keys(environment)
    .filter((name) => /^(?:WS|PRICE|DEMO)_/.test(name) && !known.has(name))
    .map((name) => `${name} is not a key of this server; --help lists them`);
  if (NODE_ENV === 'production' && ALLOWED_ORIGINS === undefined && SERVED_HOSTS === undefined) {
    unknown.push(
      'Neither ALLOWED_ORIGINS nor SERVED_HOSTS is set: no page under a host name may connect, only programs',
    );
  }
  const told = new Set(ports.filter((value) => value !== undefined));
  return told.size > 1
    ? [...unknown, 'The ports differ: WEBSOCKET_PORT counts before WS_PORT, and that before PORT']
    : unknown;
}

/** The bounds before any is set by its own key. */
function limitsFor(timeoutMs: number | undefined): Limits {
  if (timeoutMs === undefined) return defaultLimits;
  return {
    ...defaultLimits,
    pingIntervalMs: Math.min(defaultLimits.pingIntervalMs, Math.round((timeoutMs * 5) / 6)),
    pongTimeoutMs: Math.round(timeoutMs / 3),
  };
}

/**
 * Reads the configuration.
 *
 * @param environment for example `process.env`; an empty value counts as absent
 * @param options `folder`: relative paths are taken from here @default the current folder
 * @throws ConfigurationError with every problem at once
 */
export function loadConfig(environment: Environment, options: { folder?: string } = {}): ServerConfig {
  const present = Object.fromEntries(
    Object.entries(environment).filter(([, value]) => value !== undefined && value !== ''),
  );
  const parsed = environmentSchema.safeParse(present);
  const problems = parsed.success
    ? []
    : parsed.error.issues.map((issue) => `${String(issue.path[0])}: ${issue.message}`);
  if (parsed.success) problems.push(...authProblemsOf(authSettingsOf(parsed.data), parsed.data.NODE_ENV));
  if (parsed.success) problems.push(...demoProblemsOf(parsed.data, parsed.data.NODE_ENV));
  if (parsed.success && parsed.data.PRICE_SOURCE === 'replay' && parsed.data.REPLAY_FILE === undefined) {
    problems.push('REPLAY_FILE: PRICE_SOURCE=replay needs the file to play');
  }
  if (parsed.success) problems.push(...upstreamProblems(parsed.data, parsed.data.PRICE_SOURCE));
  const { limits, problems: limitProblems } = limitsOf(present, limitsFor(parsed.data?.WS_TIMEOUT));
  problems.push(...limitProblems);
  if (!parsed.success || problems.length > 0) throw new ConfigurationError(problems);

  const values = parsed.data;
  const redis = redisSettingsOf(values);
  const absolute = (file: string) => path.resolve(options.folder ?? '.', file);
  return {
    environment: values.NODE_ENV,
    logLevel: values.LOG_LEVEL,
    host: values.HOST ?? (values.NODE_ENV === 'production' ? '0.0.0.0' : '127.0.0.1'),
    port: values.WEBSOCKET_PORT ?? values.WS_PORT ?? values.PORT ?? 3001,
    ...peerSettingsOf(values, values.NODE_ENV),
    auth: authSettingsOf(values),
    ...(redis === undefined ? {} : { redis }),
    priceSource: values.PRICE_SOURCE,
    ...(values.REPLAY_FILE === undefined ? {} : { replayFile: absolute(values.REPLAY_FILE) }),
    replaySpeed: values.REPLAY_SPEED,
    upstream: upstreamOf(values, values.PRICE_SOURCE),
    ...(values.PRICE_CACHE_FILE === undefined ? {} : { priceCacheFile: absolute(values.PRICE_CACHE_FILE) }),
    priceIntervalMs: values.PRICE_UPDATE_INTERVAL,
    priceVolatility: values.PRICE_VOLATILITY,
    ...(values.PRICE_SEED === undefined ? {} : { priceSeed: values.PRICE_SEED }),
    eventsIntervalMs: values.EVENTS_INTERVAL,
    maxConnections: values.WS_MAX_CONNECTIONS,
    compression: values.WS_COMPRESSION,
    ...(values.PAGES_DIR === undefined ? {} : { pagesDir: absolute(values.PAGES_DIR) }),
    demo: demoSettingsOf(values),
    limits,
    warnings: warningsOf(present, [values.WEBSOCKET_PORT, values.WS_PORT, values.PORT]),
  };
}

/** The text of `--help`: what the command does, and every key. */
export function helpText(usage: string): string {
  const width = Math.max(...configKeys.map((key) => key.name.length));
  const lines = configKeys.map((key) => `  ${key.name.padEnd(width)}  ${key.meaning} (default: ${key.fallback})`);
  return `${usage}\n\nEnvironment:\n${lines.join('\n')}\n\nBounds, in ms, bytes or numbers, with their defaults:\n${limitsHelp()}\n`;
}
