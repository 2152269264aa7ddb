import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { coinPrice, settle, whale } from '@tickwire/testing';
import { PriceStreamError, PriceWebSocketClient } from '@tickwire/client';
import { PriceWebSocketClient as CompatClient } from '@tickwire/client/compat';
import { createPriceFormatter, formatPercent } from '@tickwire/client/format';
import { decodeClientMessage, decodeServerMessage, encodeMessage } from '@tickwire/protocol/codec';
import { Harness } from './harness.js';

const calls = 20_000;
const callsAtATime = 20;

/** Objects that bite when they are looked at. */
const biting = fc.constantFrom<() => unknown>(
  () => ({
    get signal(): never {
      throw new Error('a getter');
    },
  }),
  () => Object.freeze({ minIntervalMs: 5, filter: Object.freeze([]) }),
  () =>
    new Proxy(
      {},
      {
        get: () => {
          throw new Error('a trap');
        },
        ownKeys: () => {
          throw new Error('a trap');
        },
      },
    ),
  () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    return proxy;
  },
  () => Object.create(null) as unknown,
  () => ({ then: 5, toString: 5, toJSON: 5 }),
  () => ({ signal: { aborted: false } }),
  () => [{ key: 'usdValue', cmp: 'gte', val: {} }],
  () => {
    const circle: Record<string, unknown> = {};
    circle['condition'] = circle;
    return circle;
  },
);
const known = fc.constantFrom<unknown>(
  ...['coin:a', 'metal:gold', 'whales', 'price', 'error', 'constructor', '__proto__', 'latest', 'coin:A'],
  { minIntervalMs: 10 },
  { overflow: 'error', bufferSize: 1 },
  { filter: [{ key: 'usdValue', cmp: 'in', vals: [1] }] },
  { alertType: 'price_above', condition: { targetPrice: 5n } },
  { since: { epoch: 'e', seq: 1 }, limit: -1 },
  AbortSignal.abort(),
);
const rubbish = fc.oneof(
  fc
    .anything({ withBigInt: true, withDate: true, withMap: true, withNullPrototype: true, withSparseArray: true })
    .map((value) => () => value),
  known.map((value) => () => value),
  biting,
  fc.constant(() => () => {
    throw new Error('a listener');
  }),
  fc.constant(() => () => Promise.reject(new Error('a listener'))),
);
const given = fc.array(rubbish, { maxLength: 3 });

const isOfClient: ReadonlySet<string> = new Set([
  ...['subscribe', 'on', 'once', 'off', 'events', 'connect', 'authenticate', 'history', 'catalog', 'stats', 'inspect'],
  ...['create', 'list', 'delete', 'get', 'getAll', 'ready', 'unsubscribe', 'new', 'new compat', 'subscribeToMetals'],
  ...['handleMessage', 'reconnect', 'close'],
]);

/** Every method that a user can call, by its name. */
function methodsOf(harness: Harness, compat: CompatClient): [string, (...args: unknown[]) => unknown][] {
  const { client } = harness;
  const handle = client.subscribe('coin:a');
  const format = createPriceFormatter();
  const of = (owner: object, ...names: string[]): [string, (...args: unknown[]) => unknown][] =>
    names.map((name) => [
      name,
      (...args) => (Reflect.get(owner, name) as (...args: unknown[]) => unknown).apply(owner, args),
    ]);
  return [
    ...of(client, 'subscribe', 'on', 'once', 'off', 'events', 'connect', 'authenticate', 'history', 'catalog'),
    ...of(client, 'stats', 'inspect'),
    ...of(client.alerts, 'create', 'list', 'delete'),
    ...of(client.prices, 'get', 'getAll', 'subscribe'),
    ...of(client.connection, 'get', 'subscribe'),
    ...of(handle, 'ready', 'unsubscribe'),
    ...of(compat, 'subscribeToMetals', 'handleMessage', 'reconnect', 'close'),
    ...of(
      { createPriceFormatter, formatPercent, ...format },
      'createPriceFormatter',
      'formatPercent',
      'format',
      'formatChange',
    ),
    ...of(
      { decodeServerMessage, decodeClientMessage, encodeMessage },
      'decodeServerMessage',
      'decodeClientMessage',
      'encodeMessage',
    ),
    ['new', (...args) => new PriceWebSocketClient('ws://a', args[0] as object)],
    ['new compat', (...args) => new CompatClient(args[0] as string, args[1] as object)],
  ];
}

describe('whatever JavaScript passes to a public method', () => {
  const later: unknown[] = [];
  const take = (cause: unknown): void => void later.push(cause);
  beforeEach(() => {
    vi.spyOn(console, 'error').mockImplementation(() => undefined);
    process.on('uncaughtException', take).on('unhandledRejection', take);
  });
  afterEach(() => {
    vi.restoreAllMocks();
    process.off('uncaughtException', take).off('unhandledRejection', take);
  });

  it(`F15: is refused at the call with words, or works, ${calls} times`, { timeout: 240_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(), given), { minLength: callsAtATime, maxLength: callsAtATime }),
        async (all) => {
          const harness = await new Harness().connected();
          const compat = new CompatClient('ws://a', { WebSocket: harness.sockets.WebSocket, clock: harness.clock });
          const methods = methodsOf(harness, compat);
          for (const [pick, args] of all) {
            const [name, method] = methods[pick % methods.length] ?? ['', () => undefined];
            try {
              const answer = method(...args.map((make) => make()));
              if (answer instanceof Promise) answer.catch((cause: unknown) => expect(cause).toBeInstanceOf(Error));
            } catch (cause) {
              // What a formatter or the codec reads throws as it is; the client has one class of errors.
              const hasWords = isOfClient.has(name) ? cause instanceof PriceStreamError : cause instanceof Error;
              expect(hasWords, `${name} threw ${String(cause)}`).toBe(true);
            }
          }
          harness.socket.receive(coinPrice('a', 1));
          harness.socket.receive(whale('a', 1));
          await harness.clock.advance(100);
          compat.close();
          void harness.client.close();
          await settle();
          await harness.clock.advance(3_000);
          expect(later).toEqual([]);
        },
      ),
      { numRuns: calls / callsAtATime },
    );
  });
});
