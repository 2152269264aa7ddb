/** What JavaScript may write and a compiler would not take: each call refuses it, with what to write instead. */
import { describe, expect, it } from 'vitest';
import { settle } from '@tickwire/testing';
import { PriceWebSocketClient } from '@tickwire/client';
import { Harness } from './harness.js';

const nothing = (): void => undefined;
const refused = (words: RegExp): unknown =>
  expect.objectContaining({ code: 'CONFIGURATION', message: expect.stringMatching(words) as string });

/** Calls a method of the client by its path; `handle` is a subscription of it. */
function call(client: PriceWebSocketClient, path: string, given: readonly unknown[]): unknown {
  const names = path.split('.');
  const method = names.pop() ?? '';
  let owner: object = client;
  for (const name of names)
    owner = name === 'handle' ? client.subscribe('coin:a') : (Reflect.get(owner, name) as object);
  return (Reflect.get(owner, method) as (...given: unknown[]) => unknown).apply(owner, [...given]);
}

const condition = { key: 'usdValue', cmp: 'gte', val: 1 };
const biting = {
  get signal(): AbortSignal {
    throw new Error('no');
  },
};
const trap = new Proxy([], {
  get: () => {
    throw new Error('no');
  },
});

describe('a call', () => {
  it.each<[string, string, unknown[], RegExp]>([
    ['a filter that is no list', 'subscribe', ['whales', nothing, { filter: { key: 'x' } }], /filter/],
    [
      'a wrong condition',
      'subscribe',
      ['whales', nothing, { filter: [condition, { key: 'coinId', cmp: 'in', val: 'x' }] }],
      /filter\[1\].*vals/,
    ],
    [
      'an unknown key of a condition',
      'subscribe',
      ['whales', nothing, { filter: [{ ...condition, key: 'usdvalu' }] }],
      /filter\[0\]\.key.*Did you mean 'usdValue'/,
    ],
    [
      'an unknown comparison',
      'subscribe',
      ['whales', nothing, { filter: [{ ...condition, cmp: '>=' }] }],
      /filter\[0\]\.cmp.*'gte'/,
    ],
    ['a filter that throws', 'subscribe', ['whales', nothing, { filter: trap }], /filter cannot be read/],
    ['nine conditions', 'subscribe', ['whales', nothing, { filter: Array(9).fill(condition) }], /1 to 8/],
    ['an interval that is no number', 'subscribe', ['coin:a', nothing, { minIntervalMs: 'fast' }], /minIntervalMs/],
    ['an interval below zero', 'subscribe', ['coin:a', nothing, { minIntervalMs: -1 }], /minIntervalMs.*0 or more/],
    ['a buffer that is no number', 'subscribe', ['coin:a', nothing, { bufferSize: '9' }], /bufferSize.*whole number/],
    ['a buffer for nothing', 'events', ['price', { bufferSize: 0 }], /bufferSize.*1 or more/],
    ['an unknown overflow', 'events', ['price', { overflow: 'lates' }], /overflow.*Did you mean 'latest'/],
    ['a signal that is none', 'subscribe', ['coin:a', nothing, { signal: {} }], /signal.*addEventListener/],
    ['a signal of a loop that is none', 'events', ['price', { signal: 5 }], /signal.*addEventListener/],
    ['an unknown option', 'subscribe', ['coin:a', nothing, { minInterval: 5 }], /Did you mean 'minIntervalMs'/],
    ['an unknown option of a loop', 'events', ['price', { buffer: 5 }], /no 'buffer'.*bufferSize/],
    ['options that are none', 'subscribe', ['coin:a', nothing, 500], /options must be an object/],
    ['options that throw', 'subscribe', ['coin:a', nothing, biting], /cannot be read/],
    ['an unknown event', 'on', ['prices', nothing], /Did you mean 'price'/],
    ['an unknown event, once', 'once', ['conection', nothing], /Did you mean 'connection'/],
    ['an unknown event to leave', 'off', ['prices', nothing], /Did you mean 'price'/],
    ['an unknown event of a loop', 'events', ['prices'], /Did you mean 'price'/],
    ['no listener', 'on', ['price', undefined], /listener must be a function/],
    ['no listener, once', 'once', ['price'], /listener must be a function/],
    ['no listener to take off', 'off', ['price', {}], /listener must be a function/],
    ['a listener that is none', 'subscribe', ['coin:a', { minIntervalMs: 5 }], /listener must be a function/],
    ['no listener of the connection', 'connection.subscribe', [5], /listener must be a function/],
    ['no listener of a price', 'prices.subscribe', ['coin:a'], /listener must be a function/],
    ['a price of no channel', 'prices.subscribe', ['bitcoin', nothing], /'bitcoin' is no channel.*'coin:bitcoin'/],
    ['capitals', 'subscribe', ['coin:Bitcoin'], /lower case.*Did you mean 'coin:bitcoin'/],
    ['a prefix with a slip', 'subscribe', ['coins:bitcoin'], /Did you mean 'coin:bitcoin'/],
    ['an empty list', 'subscribe', [[]], /list of channels is empty/],
    ['no text', 'subscribe', [5], /number is no channel/],
  ])('F15, F16, F19: with %s is refused at once, with words', (_, path, given, words) => {
    expect(() => call(new Harness().client, path, given)).toThrow(refused(words));
  });

  it.each<[string, string, unknown[], RegExp]>([
    ['an unknown option of connect()', 'connect', [{ sginal: 5 }], /Did you mean 'signal'/],
    ['a signal of connect() that is none', 'connect', [{ signal: {} }], /signal.*addEventListener/],
    ['an unknown option of ready()', 'handle.ready', [{ timeout: 5 }], /Did you mean 'timeoutMs'/],
    ['a time of ready() that is none', 'handle.ready', [{ timeoutMs: 'soon' }], /timeoutMs.*milliseconds/],
    ['a signal of ready() that is none', 'handle.ready', [{ signal: 5 }], /signal.*addEventListener/],
    ['a credential that is none', 'authenticate', [5], /credential/],
    ['a key without a text', 'authenticate', [{ apiKey: '' }], /credential/],
    ['no channel of history()', 'history', ['whale'], /Did you mean 'whales'/],
    ['an unknown part of a query', 'history', ['whales', { limt: 5 }], /Did you mean 'limit'/],
    ['a limit that is none', 'history', ['whales', { limit: 0 }], /query\.limit.*1 or more/],
    ['a position that is none', 'history', ['whales', { since: { epoch: 'e', seq: -1 } }], /query\.since.*epoch, seq/],
    ['an unknown part of a position', 'history', ['whales', { since: { epoc: 'e', seq: 1 } }], /Did you mean 'epoch'/],
    ['an unknown kind of rule', 'alerts.create', [{ alertType: 'price_abov' }], /'price_above'/],
    [
      'an unknown condition of a rule',
      'alerts.create',
      [{ alertType: 'price_above', coinId: 'a', condition: { targetPrize: 5 } }],
      /Did you mean 'targetPrice'/,
    ],
    [
      'a rule that is no JSON',
      'alerts.create',
      [{ alertType: 'price_above', coinId: 'a', condition: { targetPrice: 5n } }],
      /rule cannot be read/,
    ],
    ['an id of no rule', 'alerts.delete', [{}], /alertId/],
  ])('F15, F16: with %s rejects at once, with words', async (_, path, given, words) => {
    const answer = call(new Harness().client, path, given) as Promise<unknown>;
    const first = Promise.race([answer.catch((cause: unknown) => cause), settle().then(() => 'no answer')]);
    expect(await first).toEqual(refused(words));
  });

  it.each<[object, RegExp]>([
    [{ reconect: {} }, /Did you mean 'reconnect'/],
    [{ reconnect: { maxDelay: 5 } }, /Did you mean 'maxDelayMs'/],
    [{ heartbeat: { idle: 5 } }, /Did you mean 'idleMs'/],
    [{ fallback: { url: 'https://a.example', interval: 5_000 } }, /Did you mean 'intervalMs'/],
  ])('F16: new client with %j is refused with the nearest right name', (options, words) => {
    expect(() => new PriceWebSocketClient('ws://a', options)).toThrow(refused(words));
  });
});
