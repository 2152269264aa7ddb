import { expect, it } from 'vitest';
import { isOriginAllowed } from '../src/plugins/origin.js';

const host = 'prices.example';
it.each([
  [undefined, { required: false }, true],
  [undefined, { required: true }, false],
  ['https://prices.example', { required: false }, true],
  ['http://prices.example', { required: true }, true],
  ['https://prices.example:444', { required: false }, false],
  ['https://evil.example', { required: false }, false],
  ['null', { required: false }, false],
  ['https://prices.example, https://evil.example', { required: false }, false],
  ['https://good.example', { required: false, allowed: ['https://good.example'] }, true],
  ['https://good.example.evil', { required: false, allowed: ['https://good.example'] }, false],
  ['https://prices.example', { required: false, allowed: ['https://good.example'] }, false],
  ['null', { required: false, allowed: ['https://good.example'] }, false],
])('origin %s under %o is allowed: %s', (origin, policy, allowed) => {
  expect(isOriginAllowed(origin, host, policy)).toBe(allowed);
});
