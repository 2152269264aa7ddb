import { describe, expect, it } from 'vitest';
import { isOriginAllowed, tellableOrigin, type OriginPolicy } from '../src/plugins/origin.js';

const served = { required: false, servedHosts: ['prices.example'] };
const listed = { required: false, allowed: ['https://good.example'] };
const host = 'prices.example';
it.each<[string | undefined, OriginPolicy, boolean]>([
  [undefined, { required: false }, true],
  [undefined, { required: true }, false],
  ['https://prices.example', served, true],
  ['http://prices.example', { ...served, required: true }, true],
  ['https://prices.example:444', served, false],
  ['https://evil.example', served, false],
  ['null', served, false],
  ['', served, false],
  ['https://prices.example, https://evil.example', served, false],
  ['https://good.example', listed, true],
  ['https://good.example.evil', listed, false],
  ['https://prices.example', listed, false],
  ['null', listed, false],
])('origin %s under %o is allowed: %s', (origin, policy, allowed) => {
  expect(isOriginAllowed(origin, host, policy)).toBe(allowed);
});

describe('an origin that is what Host says', () => {
  it.each([
    ['evil.example', false],
    ['evil.example:3001', false],
    ['prices.example.evil', false],
    ['localhost.evil.example', false],
    ['127.0.0.1.evil.example', false],
    ['localhost:3001', true],
    ['app.localhost:3001', true],
    ['127.0.0.1:3001', true],
    ['127.9.9.9', true],
    ['[::1]:3001', true],
    ['192.168.1.20:3001', true],
    ['[fe80::1]:3001', true],
    ['prices.example', true],
    ['prices.example:8443', true],
  ])('F38: http://%s is the server’s own, in development and in production: %s', (name, allowed) => {
    for (const isLoopbackAllowed of [true, false]) {
      expect(isOriginAllowed(`http://${name}`, name, { ...served, isLoopbackAllowed })).toBe(allowed);
    }
  });

  it('F38: is nobody’s without a Host, or with one that is none', () => {
    for (const none of [undefined, '', 'evil.example/', 'x@prices.example']) {
      expect(isOriginAllowed('http://prices.example', none, served)).toBe(false);
    }
  });
});

describe('a page of this machine', () => {
  it.each([
    ['http://localhost:5173', true],
    ['https://localhost', true],
    ['http://127.0.0.1:8080', true],
    ['http://[::1]:4000', true],
    ['http://app.localhost:3000', true],
    ['http://localhost.evil.example', false],
    ['http://127.0.0.1.evil.example', false],
    ['http://evillocalhost:5173', false],
    ['http://127.evil.example', false],
    ['http://localhost:5173/', false],
    ['http://LOCALHOST:5173', false],
    ['http://2130706433:5173', false],
    ['http://user@localhost:5173', false],
    ['file://localhost', false],
    ['http://192.168.1.20:5173', false],
    ['null', false],
  ])('F7: %s may connect in development: %s; in production never, nor where origins are listed', (origin, allowed) => {
    expect(isOriginAllowed(origin, 'localhost:3001', { required: true, isLoopbackAllowed: true })).toBe(allowed);
    expect(isOriginAllowed(origin, 'localhost:3001', { required: true, isLoopbackAllowed: false })).toBe(false);
    expect(isOriginAllowed(origin, 'localhost:3001', { ...listed, isLoopbackAllowed: true })).toBe(false);
  });
});

it.each([
  ['https://app.example:8443', 'https://app.example:8443'],
  ['https://app.example/path?token=secret', 'https://app.example'],
  ['https://user:secret@app.example', 'https://app.example'],
  ['null', 'null'],
  ['file:///home/alice', 'unreadable'],
  ['"},{"level":60', 'unreadable'],
  [`https://${'a'.repeat(300)}.example`, `https://${'a'.repeat(92)}…`],
])('F7: the log has of the origin %s no more than %s', (origin, told) => {
  expect(tellableOrigin(origin)).toBe(told);
});
