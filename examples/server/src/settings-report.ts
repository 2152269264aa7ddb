/** The configuration as the server prints it at its start: complete, and without a single secret. Pure. */
import type { ServerConfig } from './config.js';
import { redisPlace } from './redis-settings.js';

/** Values by the names of the environment; secrets only say whether they are set. */
export function settingsReport(config: ServerConfig): Record<string, string | number | boolean> {
  const { auth, upstream } = config;
  const isLive = config.priceSource === 'coinbase' || config.priceSource === 'http';
  return {
    NODE_ENV: config.environment,
    LOG_LEVEL: config.logLevel,
    HOST: config.host,
    WEBSOCKET_PORT: config.port,
    ALLOWED_ORIGINS: config.allowedOrigins?.join() ?? 'its own',
    SERVED_HOSTS: config.servedHosts.join() || 'none',
    REQUIRE_ORIGIN: config.requireOrigin,
    TRUST_PROXY: String(config.trustedProxies),
    REQUIRE_AUTH: auth.isRequired,
    JWT_SECRET: auth.secret === undefined ? 'not set' : 'set',
    JWT_JWKS_URL: auth.jwksUrl === undefined ? 'none' : originOf(auth.jwksUrl),
    API_KEYS: auth.apiKeys.length,
    REDIS_URL: config.redis === undefined ? 'none' : redisPlace(config.redis),
    ...(config.redis === undefined ? {} : { REDIS_PREFIX: config.redis.prefix }),
    PRICE_SOURCE: config.priceSource,
    PRICE_UPDATE_INTERVAL: config.priceIntervalMs,
    ...(isLive ? { PRICE_URL: originOf(upstream.url) } : {}),
    WS_TIMEOUT: config.limits.pongTimeoutMs * 3,
    WS_MAX_CONNECTIONS: config.maxConnections,
    WS_COMPRESSION: config.compression,
    ...demoReport(config),
  };
}

/** Paths, queries and user names of addresses may be secrets. */
function originOf(url: string): string {
  if (!URL.canParse(url)) return 'set';
  const { protocol, host } = new URL(url);
  return `${protocol}//${host}`;
}

/** Nothing where nothing of the demo is on. */
function demoReport({ demo }: ServerConfig): Record<string, number | boolean> {
  return {
    ...(demo.hasAccounts ? { DEMO_ACCOUNTS: true } : {}),
    ...(demo.hasFaults ? { DEMO_FAULTS: true } : {}),
    ...(demo.hasHistory ? { DEMO_HISTORY: true } : {}),
    ...(demo.instruments > 0 ? { DEMO_INSTRUMENTS: demo.instruments } : {}),
  };
}
