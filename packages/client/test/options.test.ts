import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { PriceStreamError, PriceWebSocketClient } from '@tickwire/client';
import { settingsOf, webSocketUrl } from '../src/options.js';
import { version } from '../src/version.js';

describe('options', () => {
  it.each<[string, unknown]>([
    ['dialect', 'coin'],
    ['connectTimeoutMs', '5s'],
    ['connectTimeoutMs', -1],
    ['connectTimeoutMs', NaN],
    ['lingerMs', Infinity],
    ['staleAfterMs', 0],
    ['reconnect', { maxAttempts: -1 }],
    ['reconnect', { minDelayMs: 5_000, maxDelayMs: 1_000 }],
    ['heartbeat', { idleMs: 0 }],
    ['token', 5],
    ['token', null],
    ['token', ''],
    ['token', { apiKey: '' }],
    ['onClose', 'retry'],
    ['WebSocket', {}],
    ['random', 0.5],
  ])('%s: %j is refused with what to write instead', (name, value) => {
    const make = (): unknown => new PriceWebSocketClient('ws://a', { [name]: value });
    expect(make).toThrow(PriceStreamError);
    expect(make).toThrow(expect.objectContaining({ code: 'CONFIGURATION', retryable: false }));
  });

  it.each(['', 'prices', '/ws', 'ftp://a', 5, undefined])('the URL %j is refused', (url) => {
    expect(() => new PriceWebSocketClient(url as string)).toThrow(expect.objectContaining({ code: 'CONFIGURATION' }));
  });

  it.each([
    ['ws://a', 'ws://a/'],
    ['https://a/ws?x=1#part', 'wss://a/ws?x=1'],
    ['http://a:8080', 'ws://a:8080/'],
  ])('the URL %s becomes %s', (given, expected) => {
    expect(webSocketUrl(given)).toBe(expected);
  });

  it('have the defaults that are documented', () => {
    expect(settingsOf('ws://a', {})).toMatchObject({
      staleAfterMs: 60_000,
      policy: {
        dialect: 'auto',
        reconnect: {
          minDelayMs: 250,
          baseDelayMs: 1_000,
          maxDelayMs: 30_000,
          maxAttempts: Infinity,
          stableAfterMs: 10_000,
        },
        heartbeat: { idleMs: 15_000, timeoutMs: 5_000 },
        connectTimeoutMs: 10_000,
        negotiateMs: 1_500,
        lingerMs: 1_000,
      },
    });
  });

  it('tell the version of the package', () => {
    const manifest = JSON.parse(readFileSync(path.resolve(import.meta.dirname, '../package.json'), 'utf8')) as {
      version: string;
    };
    expect(version).toBe(manifest.version);
  });

  it('cost nothing before the first connection: no timer, no socket, no global is touched', () => {
    const touched: string[] = [];
    const clock = new Proxy({} as never, { get: (_target, name) => touched.push(String(name)) });
    const environment = new Proxy({} as never, { get: (_target, name) => touched.push(String(name)) });
    new PriceWebSocketClient('ws://a', { clock, environment });
    expect(touched).toEqual([]);
  });
});
