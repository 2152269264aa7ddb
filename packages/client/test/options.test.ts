import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { PriceStreamError, PriceWebSocketClient } from '@tickwire/client';
import { settingsOf, webSocketUrl } from '../src/kernel/options.js';
import { checkedOptions } from '../src/options.js';
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
    ['protocols', 5],
    ['protocols', null],
    ['protocols', ['a', 5]],
    ['protocols', ['a', 'a']],
    ['protocols', 'a b'],
    ['signal', {}],
    ['signal', null],
    ['signal', 5],
    ['signal', { aborted: false }],
    ['heartbeat', null],
    ['heartbeat', 5],
    ['heartbeat', [15_000]],
    ['reconnect', null],
    ['reconnect', true],
    ['clock', 5],
    ['clock', {}],
    ['clock', { now: () => 0, setTimeout: () => 0, clearTimeout: () => undefined }],
    ['environment', {}],
    ['environment', null],
    ['logger', {}],
    ['logger', { debug: 'yes' }],
    ['headers', 'x'],
    ['headers', null],
    ['headers', ['a']],
    ['headers', { 'X-Key': 5 }],
    ['WebSocket', 5],
    ['onClose', 5],
  ])('%s: %j is refused with what to write instead', (name, value) => {
    const make = (): unknown => new PriceWebSocketClient('ws://a', { [name]: value });
    expect(make).toThrow(PriceStreamError);
    const message = expect.stringMatching(/^\S*.* must .*\./) as string;
    expect(make).toThrow(expect.objectContaining({ code: 'CONFIGURATION', retryable: false, message }));
  });

  it.each([null, 5, 'swarnaai-v1', ['swarnaai-v1'], true])('%j in their place is refused', (options) => {
    const make = (): unknown => new PriceWebSocketClient('ws://a', options as never);
    expect(make).toThrow(expect.objectContaining({ code: 'CONFIGURATION' }));
  });

  it('are taken as they are meant: left out, and of classes', () => {
    class Surroundings {
      read(): { online: boolean; visible: boolean } {
        return { online: true, visible: true };
      }
      subscribe(): () => void {
        return () => undefined;
      }
    }
    const options = { environment: new Surroundings(), logger: console, signal: undefined, clock: undefined };
    expect(() => new PriceWebSocketClient('ws://a', options as never)).not.toThrow();
    expect(settingsOf('ws://a', { protocols: 'tickwire-v1' }).protocols).toEqual(['tickwire-v1']);
    expect(settingsOf('ws://a', { protocols: ['a', 'b'] }).protocols).toEqual(['a', 'b']);
  });

  it('keep what a header holds out of the error', () => {
    const headers = { Authorization: ['Bearer very-secret'] } as never;
    expect(() => new PriceWebSocketClient('ws://a', { headers })).toThrow(/^(?!.*very-secret)headers must/);
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
      reconnect: {
        minDelayMs: 250,
        baseDelayMs: 1_000,
        maxDelayMs: 30_000,
        maxAttempts: Infinity,
        stableAfterMs: 10_000,
      },
      heartbeat: { idleMs: 15_000, timeoutMs: 5_000 },
      connectTimeoutMs: 10_000,
      lingerMs: 1_000,
    });
    const { client } = checkedOptions('ws://a', {});
    expect(client).toMatchObject({ dialect: 'auto', negotiateMs: 1_500, requestTimeoutMs: 10_000 });
  });

  it('tell the version of the package', () => {
    const manifest = JSON.parse(readFileSync(path.resolve(import.meta.dirname, '../package.json'), 'utf8')) as {
      version: string;
    };
    expect(version).toBe(manifest.version);
  });

  it('cost nothing before the first connection: no timer, no socket, no global is touched', () => {
    const called: string[] = [];
    const spies = (): never =>
      new Proxy({} as never, { get: (_target, name) => (): unknown => called.push(String(name)) });
    new PriceWebSocketClient('ws://a', { clock: spies(), environment: spies(), random: () => called.push('random') });
    expect(called).toEqual([]);
  });
});
