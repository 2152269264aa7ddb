import { metalPrices } from '@tickwire/testing';
import { describe, expect, it } from 'vitest';
import { metals } from '../../src/dialects/metals.js';
import { verdictOf } from '../../src/kernel/verdicts.js';
import { DialectBench } from './dialect-bench.js';

const subscribe = (...names: string[]): unknown => ({ type: 'subscribe', metals: names });

describe('subscriptions on an older metals backend', () => {
  it.each([
    ['metal:gold', 'metals'],
    ['metal:', 'metals'],
    ['coin:bitcoin', undefined],
    ['gold', undefined],
  ])('%s is asked for under %s', (channel, key) => {
    expect(metals().carry(channel)).toBe(key);
  });

  it('always send the whole set, and stand unconfirmed at once', async () => {
    const bench = new DialectBench(metals()).open().subscribe(1, ['metal:gold']);
    expect(bench.sent).toEqual([subscribe('gold')]);
    await bench.pass(0);
    expect(bench.stands('metals')).toEqual(['unconfirmed']);
    bench.subscribe(2, ['metal:silver']);
    expect(bench.sent).toEqual([subscribe('gold', 'silver')]);
    bench.unsubscribe(1);
    expect(bench.sent).toEqual([subscribe('silver')]);
    bench.unsubscribe(2);
    expect(bench.sent).toEqual([{ type: 'unsubscribe', metals: ['silver'] }]);
    expect(bench.pump().sent).toEqual([]);
  });

  it('are one frame for many, sorted, and none where nothing changes', () => {
    const bench = new DialectBench(metals()).subscribe(1, ['metal:silver', 'metal:gold']).open();
    expect(bench.sent).toEqual([subscribe('gold', 'silver')]);
    expect(bench.subscribe(2, ['metal:gold']).unsubscribe(2).sent).toEqual([]);
  });

  it('come back whole on the next connection', () => {
    const bench = new DialectBench(metals()).subscribe(1, ['metal:gold']).open();
    bench.close();
    bench.subscribe(2, ['metal:silver']);
    expect(bench.sent).toEqual([subscribe('gold')]);
    expect(bench.open().sent).toEqual([subscribe('gold', 'silver')]);
  });
});

describe('what a metals server sends', () => {
  it.each<[string, unknown, string[]]>([
    [
      'prices',
      metalPrices({ gold: 5_420.5, silver: 58.25 }),
      ['emit priceUpdate', 'price metal:gold 5420.5', 'price metal:silver 58.25'],
    ],
    [
      'a bad entry',
      metalPrices({ gold: { price: 'x' }, silver: 58 }),
      ['left out data.gold', 'emit priceUpdate', 'price metal:silver 58'],
    ],
    ['a pong', { type: 'pong' }, ['pong ']],
    ['anything else', { type: 'news' }, ['unknown {"type":"news"}']],
    ['nothing', null, ['unknown null']],
  ])('%s means what it means', (_title, message, told) => {
    const bench = new DialectBench(metals()).open();
    expect(bench.receive(message)).toBeUndefined();
    expect(bench.told).toEqual(told);
  });

  it('that is no price update is a fault, and means nothing', () => {
    const bench = new DialectBench(metals()).open();
    expect(bench.receive({ type: 'priceUpdate', data: 'gold' })).toMatchObject({ path: 'data' });
    expect(bench.told).toEqual([]);
  });

  it.each([
    [1008, 'Rate limit exceeded', { action: 'retry', meaning: 'rate limited', minDelayMs: 60_000 }],
    [1008, 'Server at capacity', verdictOf(1013)],
    [1008, '', undefined],
    [1006, 'Rate limit exceeded', undefined],
  ])('a close with %i "%s" means %j', (code, reason, verdict) => {
    expect(new DialectBench(metals()).open().close(code, reason)).toEqual(verdict);
  });
});

describe('the manners of a metals client', () => {
  it('are eight frames in 65 s, a ping after 15 s of silence at the soonest, and no wait for acks', () => {
    const { pace, minIdleMs, ackMs, ping } = metals();
    expect([pace, minIdleMs, ackMs, ping?.('r1', undefined as never)]).toEqual([
      ...[{ count: 8, windowMs: 65_000 }, 15_000, 0, { type: 'ping' }],
    ]);
  });
});
