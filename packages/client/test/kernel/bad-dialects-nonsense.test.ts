import { inspect } from 'node:util';
import { settle } from '@tickwire/testing';
import type { Dialect } from '@tickwire/client/core';
import { describe, expect, it } from 'vitest';
import { failedIn, failures, mine, slip, StreamBench, wrong } from './stream-bench.js';

describe('a dialect that answers with nonsense', () => {
  const asks = (ask: unknown): Partial<Dialect> => wrong({ ask: () => ask });
  const circle: Record<string, unknown> = {};
  circle['of'] = circle;
  const nothing = (): void => undefined;

  it.each<[string, string, Partial<Dialect>]>([
    ['a frame without keys', 'ask', asks({ frame: { join: 'a' } })],
    ['keys without a frame', 'ask', asks({ asked: ['a'] })],
    ['a number', 'ask', asks(42)],
    ['a text', 'ask', asks('join a')],
    ['a list', 'ask', asks([])],
    ['a promise', 'ask', asks(Promise.resolve())],
    ['a key that nobody wanted', 'ask', asks({ frame: {}, asked: ['z'] })],
    ['a key that nobody wanted beside one that somebody wants', 'ask', asks({ frame: {}, asked: ['a', 'z'] })],
    ['a key that nobody let go', 'ask', asks({ frame: {}, gone: ['z'] })],
    ['keys that are no list', 'ask', asks({ frame: {}, asked: 'a' })],
    ['keys that are no texts', 'ask', asks({ frame: {}, asked: [1] })],
    ['a frame that asks and lets go', 'ask', asks({ frame: {}, asked: ['a'], gone: ['b'] })],
    ['a number for the frame', 'ask', asks({ frame: 42, asked: ['a'] })],
    ['a function for the frame', 'ask', asks({ frame: nothing, asked: ['a'] })],
    ['a frame that is no JSON', 'ask', asks({ frame: circle, asked: ['a'] })],
    ['a big number in the frame', 'ask', asks({ frame: { id: 1n }, asked: ['a'] })],
    ...['urgent', 'owed'].flatMap((hook): [string, string, Partial<Dialect>][] => [
      ['a number', hook, wrong({ [hook]: () => 42 })],
      ['true', hook, wrong({ [hook]: () => true })],
      ['a promise', hook, wrong({ [hook]: () => Promise.resolve({}) })],
      ['a frame that is no JSON', hook, wrong({ [hook]: () => circle })],
    ]),
    ['a list', 'carry', wrong({ carry: (channel: string) => [channel] })],
    ['an object', 'carry', wrong({ carry: (channel: string) => ({ channel }) })],
    ['a number', 'carry', wrong({ carry: () => 1 })],
    ['a number', 'signature', wrong({ signature: () => 1 })],
    ['an object', 'signature', wrong({ signature: () => ({}) })],
    ['a text', 'read', wrong({ read: () => 'fine' })],
    ['an object that is no fault', 'read', wrong({ read: (message: unknown) => message })],
    ['a promise', 'read', wrong({ read: () => Promise.resolve() })],
    ...[
      wrong({ price: NaN }),
      ...[Infinity, '5', null, undefined, {}].map((price) => wrong({ price })),
      ...[42, undefined, null, {}, ['a']].map((channel) => wrong({ channel })),
    ].map((part): [string, string, Partial<Dialect>] => [
      `a price with ${Object.entries(part)
        .map(([name, value]) => `${name} ${inspect(value)}`)
        .join()}`,
      'read',
      { read: (_message, link) => link.price({ channel: 'a', id: 'a', price: 1, timestamp: undefined, ...part }, {}) },
    ]),
    ['a price that is none', 'read', { read: (_message, link) => link.price(null as never, {}) }],
    ['an event of no channel', 'read', { read: (_message, link) => link.event(42 as never, {}) }],
  ])('%s: %s() is named, what it gave is dropped, and the link kept', async (_title, hook, part) => {
    const bench = await new StreamBench(mine(part)).connected('a', 'b');
    await bench.receive({ any: 1 });
    bench.subscribe('c');
    await settle();
    const told = failures(bench).filter((text) => text.startsWith('DIALECT_FAILED'));
    expect(told).toEqual(told.map(() => failedIn(hook)));
    expect(told.length).toBeGreaterThan(0);
    expect([bench.status, bench.sockets.all.length, bench.ticks]).toEqual(['connected', 1, []]);
    // No more went out than three channels need.
    const sent = bench.sent();
    if (hook === 'ask' || hook === 'carry') expect(sent).toEqual([]);
    else expect(sent).toEqual([{ join: 'a' }, { join: 'b' }, { join: 'c' }]);
  });

  it.each([null, undefined])('but %j means nothing, and is no slip', async (nothingAtAll) => {
    const answers = () => nothingAtAll;
    const bench = await new StreamBench(
      mine(wrong({ urgent: answers, owed: answers, closed: answers, signature: answers, read: answers })),
    ).connected('a');
    await bench.receive({ any: 1 });
    await bench.reconnect(4999);
    expect([bench.errors, bench.status]).toEqual([[], 'connected']);
  });

  it.each([
    ['throws', slip],
    ['gives nothing', () => undefined],
    ['gives a number', () => 42],
    ['gives a promise', () => Promise.resolve({})],
  ])('ping() that %s pings nobody, and is no reason to end the link', async (_title, ping) => {
    const bench = await new StreamBench(mine(wrong({ ping }))).connected('a');
    await bench.clock.advance(600_000);
    expect(failures(bench)).toEqual([failedIn('ping')]);
    expect([bench.status, bench.sockets.all.length, bench.sent()]).toEqual(['connected', 1, [{ join: 'a' }]]);
  });

  it.each([
    42,
    'retry',
    {},
    { action: 'explode', meaning: 'x' },
    { action: 'retry', meaning: 'x', minDelayMs: NaN },
    { action: 'retry', meaning: 'x', spreadMs: NaN },
    { action: 'retry', meaning: 'x', minDelayMs: -1 },
    { action: 'retry', meaning: 'x', minDelayMs: 'x' },
    Promise.resolve({ action: 'stop' }),
  ])('closed() with %j: the close means what RFC 6455 says', async (verdict) => {
    const bench = await new StreamBench(mine(wrong({ closed: () => verdict }))).connected('a');
    bench.socket.drop(4999);
    await settle();
    expect(failures(bench)).toEqual([failedIn('closed')]);
    expect(bench.client.connection.get()).toMatchObject({
      ...{ status: 'reconnecting', retryAt: bench.clock.now() + 625 },
      cause: { message: expect.stringMatching(/does not know/) as string },
    });
  });

  it.each<[string, Partial<Dialect>]>([
    ['minIdleMs', { minIdleMs: NaN }],
    ['pingEveryMs', { pingEveryMs: NaN }],
    ['silenceMs', { ping: undefined as never, silenceMs: NaN }],
    ['moving()', { opened: (link) => link.moving(NaN, NaN) }],
  ])('%s that is no number starts no timer that would fire at once, and again', async (_title, part) => {
    const bench = new StreamBench(mine(part));
    const delays: number[] = [];
    const start = bench.clock.setTimeout.bind(bench.clock);
    bench.clock.setTimeout = (fired, delayMs) => {
      delays.push(delayMs);
      return start(fired, delayMs);
    };
    bench.sockets.dialled = (socket) => queueMicrotask(() => socket.open());
    bench.subscribe('a');
    await bench.clock.advance(14_000);
    // A platform takes what is no number for nothing.
    expect(delays.filter((delayMs) => Number.isNaN(delayMs))).toEqual([]);
    expect(bench.sockets.all.length).toBeLessThan(9);
    expect(bench.status).toBe('connected');
  });
});
