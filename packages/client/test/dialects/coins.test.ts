import { coinPrice, coinsAck } from '@tickwire/testing';
import { describe, expect, it } from 'vitest';
import { coinAsks, coins } from '../../src/dialects/coins.js';
import { Heartbeat } from '../../src/kernel/heartbeat.js';
import { DialectBench } from './dialect-bench.js';
import { spoken } from './spoken.js';

/** The whole of the coins dialect, as `PriceWebSocketClient` speaks it. */
const whole = (): DialectBench => new DialectBench(spoken('coins').dialect);
/** `coins()`, as a stream speaks it. */
const alone = (): DialectBench => new DialectBench(coins());
const subscribe = (coinId: string): unknown => ({ type: 'subscribe', data: { coinId } });
const unsubscribe = (coinId: string): unknown => ({ type: 'unsubscribe', data: { coinId } });

describe('how an older coins backend carries a channel', () => {
  it.each([
    ['coin:bitcoin', 'coin:bitcoin'],
    ['whales:bitcoin', 'coin:bitcoin'],
    ['social:bitcoin', 'coin:bitcoin'],
    ['global', 'global'],
    ['whales', 'whales'],
    ['user', true],
    ['portfolio', true],
    ['metal:gold', undefined],
    ['nonsense', undefined],
  ])('%s: %j', (channel, key) => {
    expect(coinAsks.carry(channel)).toBe(key);
  });

  it('prices alone: coins, and nothing else', () => {
    expect(['coin:bitcoin', 'whales:bitcoin', 'global', 'user', 'metal:gold'].map(alone().dialect.carry)).toEqual([
      ...['coin:bitcoin', undefined, undefined, undefined, undefined],
    ]);
  });
});

describe('subscriptions on an older coins backend', () => {
  it('cover price, whales and social of a coin with one frame', () => {
    const bench = whole().open().subscribe(1, ['coin:a']).subscribe(2, ['whales:a', 'social:a']);
    expect(bench.sent).toEqual([subscribe('a')]);
    bench.receive(coinsAck('subscribe', 'a'));
    expect(bench.stands('coin:a')).toEqual(['confirmed']);
  });

  it('take channels without a coin by name', () => {
    expect(whole().open().subscribe(1, ['global']).sent).toEqual([{ type: 'subscribe', data: { channel: 'global' } }]);
  });

  it.each<[string, () => DialectBench]>([
    ['the client', whole],
    ['coins() alone', alone],
  ])('match acks in order, by operation and coin: %s', (_title, make) => {
    const bench = make().open().subscribe(1, ['coin:a']).unsubscribe(1).subscribe(2, ['coin:a']);
    expect(bench.sent).toEqual([subscribe('a'), unsubscribe('a'), subscribe('a')]);
    bench.receive(coinsAck('subscribe', 'a'));
    expect(bench.stands('coin:a')).toEqual(['asked']);
    bench.receive(coinsAck('unsubscribe', 'a'));
    bench.receive(coinsAck('subscribe', 'a'));
    expect(bench.stands('coin:a')).toEqual(['confirmed']);
  });

  it.each<[string, () => DialectBench]>([
    ['the client', whole],
    ['coins() alone', alone],
  ])('take the typed ack of the demo server as well: %s', (_title, make) => {
    const bench = make().open().subscribe(1, ['coin:b', 'coin:a']);
    bench.receive({ type: 'subscribed', data: { coinId: 'a' } });
    expect(bench.stands('coin:a', 'coin:b')).toEqual(['confirmed', 'asked']);
  });

  it('stand unconfirmed after 5 s without an ack', async () => {
    const bench = whole().open().subscribe(1, ['coin:a']);
    await bench.pass(4_999);
    expect(bench.stands('coin:a')).toEqual(['asked']);
    await bench.pass(1);
    expect(bench.stands('coin:a')).toEqual(['unconfirmed']);
  });

  it('ask for nothing where a metal is wanted', () => {
    expect(whole().open().subscribe(1, ['metal:gold']).sent).toEqual([]);
  });
});

describe('what a coins server sends', () => {
  it.each<[string, unknown, string[]]>([
    ['a price', coinPrice('bitcoin', 67_000.5), ['emit price_update', 'price coin:bitcoin 67000.5']],
    ['a price as text', coinPrice('bitcoin', '0.00000001'), ['emit price_update', 'price coin:bitcoin 1e-8']],
    ['a pong', { type: 'pong' }, ['pong ']],
    ['a pong in a price_update', { type: 'price_update', data: { type: 'pong' } }, ['emit price_update', 'pong ']],
    ['a price of no coin', { type: 'price_update', data: { price: 5 } }, ['emit price_update', 'unwanted ']],
    ['anything else', { type: 'news' }, ['unknown {"type":"news"}']],
    ['nothing', null, ['unknown null']],
  ])('to coins() alone, %s', (_title, message, told) => {
    const bench = alone().open();
    expect(bench.receive(message)).toBeUndefined();
    expect(bench.told).toEqual(told);
  });

  it('an error in a price_update is reported, shortened', () => {
    const bench = alone().open();
    bench.receive({ type: 'price_update', data: { error: 'x'.repeat(300) } });
    expect(bench.errors).toMatchObject([{ code: 'INTERNAL', message: 'x'.repeat(256) }]);
  });

  it('to the client, a pong that comes as a price_update', () => {
    const bench = whole().open();
    bench.receive({ type: 'price_update', data: { type: 'pong' } });
    expect(bench.told).toContain('pong ');
  });

  it.each<[string, () => DialectBench, string[], string]>([
    ['the client', whole, ['coin:a', 'social:a', 'metal:gold', 'global'], 'price coin:a 5'],
    ['the client, of two', whole, ['coin:a', 'whales:b'], 'unwanted '],
    ['coins() alone', alone, ['coin:a'], 'price coin:a 5'],
    ['coins() alone, of two', alone, ['coin:a', 'coin:b'], 'unwanted '],
  ])('names the one coin that is wanted where a price names none: %s', (_title, make, wanted, told) => {
    const bench = make().open().subscribe(1, wanted);
    bench.receive({ type: 'price_update', data: { price: 5 } });
    expect(bench.told).toContain(told);
  });
});

describe('the manners of a coins client', () => {
  it('are sixty frames a minute', () => {
    expect(alone().dialect.pace).toEqual({ count: 60, windowMs: 60_000 });
  });

  it('are a ping at least once a minute, whatever arrives', () => {
    let now = 0;
    let delayMs = 0;
    const at = (lastFrameAt: number) => ({ now, wallNow: now, lastFrameAt });
    const { pingEveryMs } = alone().dialect;
    const policy = { idleMs: 600_000, timeoutMs: 5_000, pingEveryMs: pingEveryMs ?? NaN };
    const heartbeat = new Heartbeat(policy, at(0), (delay) => (delayMs = delay));
    const pings: number[] = [];
    while (now < 600_000) {
      now += delayMs;
      heartbeat.fired(at(now - 1));
      if (!heartbeat.queued) continue;
      pings.push(now);
      heartbeat.sent(`r${now}`, at(now - 1));
    }
    expect(pings.length).toBeGreaterThanOrEqual(10);
    const pauses = pings.map((ping, index) => ping - (pings[index - 1] ?? 0));
    expect(Math.max(...pauses)).toBeLessThanOrEqual(60_000);
  });
});
