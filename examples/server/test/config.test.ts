import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { ConfigurationError, configKeys, helpText, loadConfig } from '../src/config.js';

const secret = 's'.repeat(32);

function problemsOf(environment: Record<string, string>): readonly string[] {
  try {
    loadConfig(environment);
  } catch (error) {
    if (error instanceof ConfigurationError) return error.problems;
    throw error;
  }
  return [];
}

describe('the configuration', () => {
  it('has the defaults of the seed documents', () => {
    expect(loadConfig({})).toMatchObject({
      environment: 'development',
      host: '127.0.0.1',
      port: 3001,
      priceSource: 'simulated',
      priceIntervalMs: 60_000,
      maxConnections: 100,
      limits: { pingIntervalMs: 25_000, pongTimeoutMs: 10_000, heartbeatMs: 10_000 },
      warnings: [],
    });
  });

  it('listens everywhere in production', () => {
    expect(loadConfig({ NODE_ENV: 'production', JWT_SECRET: secret }).host).toBe('0.0.0.0');
    expect(loadConfig({ NODE_ENV: 'production', JWT_SECRET: secret, HOST: '::1' }).host).toBe('::1');
  });

  it('exempts this machine from the limits of an address, but not in production', () => {
    expect(loadConfig({}).unlimitedAddresses).toEqual(['127.0.0.1', '::1']);
    expect(loadConfig({ UNLIMITED_ADDRESSES: 'none' }).unlimitedAddresses).toEqual([]);
    expect(loadConfig({ NODE_ENV: 'production', JWT_SECRET: secret }).unlimitedAddresses).toEqual([]);
  });

  it.each([
    ['true', 1],
    ['false', 0],
    ['2', 2],
    ['10.0.0.1, fd00::/8', ['10.0.0.1', 'fd00::/8']],
  ])('reads TRUST_PROXY=%s', (text, proxies) => {
    expect(loadConfig({ TRUST_PROXY: text }).trustedProxies).toEqual(proxies);
  });

  it.each([
    [{ PORT: '4000' }, 4000],
    [{ WS_PORT: '4001', PORT: '4000' }, 4001],
    [{ WEBSOCKET_PORT: '4002', WS_PORT: '4001', PORT: '4000' }, 4002],
    [{ WEBSOCKET_PORT: '', PORT: '4000' }, 4000],
    [{ PORT: '0' }, 0],
  ])('takes the port of %o', (environment, port) => {
    expect(loadConfig(environment).port).toBe(port);
  });

  it.each([
    [{ PORT: '70000' }, 'PORT: expected at most 65535'],
    [{ PORT: '80a' }, 'PORT: expected a whole number'],
    [{ PRICE_UPDATE_INTERVAL: '0' }, 'PRICE_UPDATE_INTERVAL: expected at least 10'],
    [{ WS_MAX_CONNECTIONS: '-1' }, 'WS_MAX_CONNECTIONS: expected a whole number'],
    [{ REPLAY_SPEED: '0' }, 'REPLAY_SPEED: expected a number above 0'],
    [{ REPLAY_SPEED: '-1' }, 'REPLAY_SPEED: expected a number above 0'],
    [{ PRICE_VOLATILITY: '50.5' }, 'PRICE_VOLATILITY: expected at most 50'],
    [{ PRICE_SOURCE: 'kraken' }, 'PRICE_SOURCE: expected simulated, replay, coinbase or http'],
    [
      { PRICE_SOURCE: 'coinbase', PRICE_URL: 'https://x.example' },
      'PRICE_URL: PRICE_SOURCE=coinbase needs an address that starts with wss://',
    ],
    [
      { PRICE_SOURCE: 'http', PRICE_URL: 'wss://x.example' },
      'PRICE_URL: PRICE_SOURCE=http needs an address that starts with https://',
    ],
    [
      { PRICE_SOURCE: 'http', PRICE_URL: 'https://a:b@x.example' },
      'PRICE_URL: an address must not carry a name or a password',
    ],
    [{ PRICE_URL: 'x' }, 'PRICE_URL: expected an address'],
    [{ PRICE_PRODUCTS: 'BTC-USD,ETH' }, 'PRICE_PRODUCTS: expected products like BTC-USD'],
    [{ PRICE_COINS: 'Bitcoin' }, 'PRICE_COINS: expected a name of a-z, 0-9, "_" and "-"'],
    [{ PRICE_CURRENCY: '$' }, 'PRICE_CURRENCY: expected a currency like USD'],
    [{ PRICE_SOURCE: 'replay' }, 'REPLAY_FILE: PRICE_SOURCE=replay needs the file to play'],
    [
      { ALLOWED_ORIGINS: 'https://a.example/' },
      'ALLOWED_ORIGINS: expected exact origins like https://prices.example, without a path or a slash at the end',
    ],
    ...['https://*.example.com', '*', 'https://a.example,https://*'].map(
      (origins): [Record<string, string>, string] => [
        { ALLOWED_ORIGINS: origins },
        'ALLOWED_ORIGINS: a pattern matches nobody: list each origin, like https://prices.example,https://www.prices.example',
      ],
    ),
    [
      { ALLOWED_ORIGINS: 'wss://a.example' },
      'ALLOWED_ORIGINS: an origin is the address of the page, not of the socket: it begins with https:// or http://',
    ],
    ...['null', 'a.example', 'ftp://a.example', 'https://A.example', 'https://a.example:443', ','].map(
      (origins): [Record<string, string>, string] => [
        { ALLOWED_ORIGINS: origins },
        'ALLOWED_ORIGINS: expected exact origins like https://prices.example, without a path or a slash at the end',
      ],
    ),
    ...['https://prices.example', 'prices.example:443', '*.example', 'a..b', ' '].map(
      (hosts): [Record<string, string>, string] => [
        { SERVED_HOSTS: hosts },
        'SERVED_HOSTS: expected host names like prices.example, comma-separated, without a scheme and a port',
      ],
    ),
    [
      { TRUST_PROXY: 'yes' },
      'TRUST_PROXY: expected true, false, the number of proxies in a row (at most 10), or their addresses and networks',
    ],
    [
      { TRUST_PROXY: '10.0.0.0/33' },
      'TRUST_PROXY: expected true, false, the number of proxies in a row (at most 10), or their addresses and networks',
    ],
    [{ NODE_ENV: 'staging' }, 'NODE_ENV: expected development, production or test'],
  ])('refuses %o (F37: patterns among the origins)', (environment, problem) => {
    expect([...new Set(problemsOf(environment))]).toEqual([problem]);
  });

  it('tells all problems at once', () => {
    expect(problemsOf({ PORT: 'x', REPLAY_SPEED: 'y', REDIS_URL: 'z' })).toHaveLength(3);
  });

  it('warns of keys that look like its own and are not', () => {
    const { warnings } = loadConfig({ WS_MAX_CONECTIONS: '5', PRICE_SORCE: 'x', PATH: '/bin', REQUIRE_AUTH: 'false' });
    expect(warnings).toEqual([
      'WS_MAX_CONECTIONS is not a key of this server; --help lists them',
      'PRICE_SORCE is not a key of this server; --help lists them',
    ]);
  });

  it('F38: warns of a production in which no page may connect', () => {
    const production = { NODE_ENV: 'production', JWT_SECRET: 'x'.repeat(32) };
    expect(loadConfig(production).warnings).toHaveLength(1);
    expect(loadConfig({ ...production, ALLOWED_ORIGINS: 'https://a.example' }).warnings).toEqual([]);
    expect(loadConfig({ ...production, SERVED_HOSTS: 'Prices.example, b.example' })).toMatchObject({
      servedHosts: ['prices.example', 'b.example'],
      warnings: [],
    });
  });

  it('warns when two ports differ', () => {
    expect(loadConfig({ WEBSOCKET_PORT: '1', PORT: '2' }).warnings).toHaveLength(1);
    expect(loadConfig({ WEBSOCKET_PORT: '2', PORT: '2' }).warnings).toEqual([]);
  });

  it.each([
    [30_000, 25_000, 10_000],
    [6_000, 5_000, 2_000],
    [90_000, 25_000, 30_000],
  ])('turns WS_TIMEOUT %d into a ping every %d ms with %d ms to answer', (timeout, pingIntervalMs, pongTimeoutMs) => {
    expect(loadConfig({ WS_TIMEOUT: String(timeout) }).limits).toMatchObject({ pingIntervalMs, pongTimeoutMs });
  });

  it('takes relative paths from the given folder', () => {
    const config = loadConfig(
      { PRICE_SOURCE: 'replay', REPLAY_FILE: 'a.jsonl', PAGES_DIR: 'dist' },
      { folder: '/srv' },
    );
    expect(config.replayFile).toBe(path.resolve('/srv/a.jsonl'));
    expect(config.pagesDir).toBe(path.resolve('/srv/dist'));
  });

  it.each([
    ['coinbase', 'wss://ws-feed.exchange.coinbase.com'],
    ['http', 'https://api.coingecko.com/api/v3/simple/price'],
  ])('needs nothing but PRICE_SOURCE=%s for live prices', (source, url) => {
    const { priceSource, upstream } = loadConfig({ PRICE_SOURCE: source });
    expect(priceSource).toBe(source);
    expect(upstream).toMatchObject({ url, isPublic: true, currency: 'USD' });
    expect(upstream.products).toHaveLength(6);
    expect(upstream.coins).toHaveLength(6);
  });

  it('takes lists without doubles, and blanks around their names', () => {
    expect(loadConfig({ PRICE_COINS: 'bitcoin, pepe,bitcoin' }).upstream.coins).toEqual(['bitcoin', 'pepe']);
  });

  it('lists every key in --help and in the README', () => {
    const help = helpText('usage');
    const readme = readFileSync(path.resolve(import.meta.dirname, '../README.md'), 'utf8');
    const rows = readme.replaceAll(/ +/g, ' ');
    for (const { name, fallback, meaning } of configKeys) {
      expect(help).toContain(name);
      expect(rows).toContain(`| \`${name}\` | ${fallback} | ${meaning} |`);
    }
  });
});
