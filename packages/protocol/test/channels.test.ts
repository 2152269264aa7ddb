import { describe, expect, expectTypeOf, it } from 'vitest';
import { coin, metal, parseChannel } from '../src/channels.js';

describe('parseChannel', () => {
  it.each([
    ['coin:bitcoin', { prefix: 'coin', id: 'bitcoin', kind: 'state', needsAuth: false, implicit: false }],
    ['metal:gold', { prefix: 'metal', id: 'gold', kind: 'state', needsAuth: false, implicit: false }],
    ['whales', { prefix: 'whales', kind: 'event', needsAuth: false, implicit: false }],
    ['whales:bitcoin', { prefix: 'whales', id: 'bitcoin', kind: 'event', needsAuth: false, implicit: false }],
    ['social:doge_1', { prefix: 'social', id: 'doge_1', kind: 'event', needsAuth: false, implicit: false }],
    ['global', { prefix: 'global', kind: 'event', needsAuth: false, implicit: true }],
    ['user', { prefix: 'user', kind: 'event', needsAuth: true, implicit: true }],
    ['portfolio', { prefix: 'portfolio', kind: 'state', needsAuth: true, implicit: true }],
    [
      `coin:${'a'.repeat(64)}`,
      { prefix: 'coin', id: 'a'.repeat(64), kind: 'state', needsAuth: false, implicit: false },
    ],
  ])('takes %s apart', (channel, parsed) => {
    expect(parseChannel(channel)).toEqual({ channel, ...parsed });
  });

  it.each([
    '',
    'coin',
    'coin:',
    'metal',
    'global:x',
    'user:1',
    'coin:BTC',
    'coin:-a',
    'coin:a b',
    'coin:a\n',
    'coin:__proto__',
    'coin:constructor',
    'metal:prototype',
    'coin:a:b',
    'candles:btc',
    'toString',
    `coin:${'a'.repeat(65)}`,
    'coin:bіtcoin',
    undefined,
    null,
    7,
    ['coin:bitcoin'],
  ])('refuses %j', (name) => {
    expect(parseChannel(name)).toBeUndefined();
  });
});

describe('coin and metal', () => {
  it('make the channel of a name, also in its type', () => {
    expect(coin('bitcoin')).toBe('coin:bitcoin');
    expect(metal('gold')).toBe('metal:gold');
    expectTypeOf(coin('bitcoin')).toEqualTypeOf<'coin:bitcoin'>();
  });

  it.each(['', 'BTC', '__proto__', 'a b', 'x'.repeat(65)])('refuse %j with a word on what to write', (name) => {
    expect(() => coin(name)).toThrow(/Not a coin name.*coin\('bitcoin'\)/);
    expect(() => metal(name)).toThrow(/Not a metal name.*metal\('gold'\)/);
  });
});
