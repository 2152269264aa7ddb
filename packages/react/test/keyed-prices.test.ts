import { expect, it } from 'vitest';
import { keyedReader } from '../src/keyed-prices.js';
import type { PriceChannel } from '../src/price-channel.js';
import { tickOf } from './price-ticks.js';

it('gives the same object until one of its ticks changes', () => {
  const ticks = new Map([['coin:bitcoin', tickOf('coin:bitcoin', 1)]]);
  const read = keyedReader(
    new Map<string, PriceChannel>([
      ['bitcoin', 'coin:bitcoin'],
      ['gold', 'metal:gold'],
    ]),
    (channel) => ticks.get(channel),
  );
  const first = read();
  expect(first).toEqual({ bitcoin: ticks.get('coin:bitcoin') });
  expect(Object.keys(first)).toEqual(['bitcoin']);
  expect(read()).toBe(first);
  ticks.set('metal:gold', tickOf('metal:gold', 2));
  const second = read();
  expect(second).not.toBe(first);
  expect(second['gold']?.price).toBe(2);
  expect(second['bitcoin']).toBe(first['bitcoin']);
  expect(read()).toBe(second);
});

it('keeps a key of any name its own', () => {
  const tick = tickOf('coin:x', 1);
  const read = keyedReader(new Map<string, PriceChannel>([['__proto__', 'coin:x']]), () => tick);
  expect(Object.hasOwn(read(), '__proto__')).toBe(true);
  expect(Object.getPrototypeOf(read())).toBe(Object.prototype);
});
