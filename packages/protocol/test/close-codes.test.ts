import { describe, expect, it } from 'vitest';
import { clampHintMs, CloseCode, closeAction } from '../src/close-codes.js';
import { ErrorCode, errorTexts } from '../src/error-codes.js';

describe('closeAction', () => {
  it.each([
    [1000, '', 'stop', 0],
    [1001, '', 'retry', 0],
    [1005, '', 'retry', 0],
    [1006, '', 'retry', 0],
    [1009, '', 'retry', 0],
    [1011, '', 'retry', 0],
    [1012, 'restart', 'retry', 0],
    [1012, 'restart;ra=2000', 'retry', 2_000],
    [1013, '', 'retry', 5_000],
    [1013, 'capacity;ra=9000', 'retry', 9_000],
    [1013, 'capacity;ra=300', 'retry', 300],
    [1008, 'Unauthorized', 'retry', 0],
    [1008, 'Rate limit exceeded', 'retry', 60_000],
    [1008, 'Server at capacity', 'retry', 5_000],
    [1008, 'something else', 'retry', 0],
    [4000, '', 'retry', 0],
    [4400, '', 'fail', 0],
    [4401, 'token_revoked', 'retry', 0],
    [4403, '', 'fail', 0],
    [4406, '', 'fail', 0],
    [4408, '', 'retry', 0],
    [4409, '', 'stop', 0],
    [4413, '', 'retry', 60_000],
    [4413, 'quota;ra=1000', 'retry', 60_000],
    [4413, 'quota;ra=120000', 'retry', 120_000],
    [4429, '', 'retry', 30_000],
    [4429, 'rate_limited;ra=40000', 'retry', 40_000],
    [1010, '', 'retry', 0],
    [1099, '', 'retry', 0],
    [4099, '', 'retry', 0],
    [4399, '', 'retry', 0],
    [4400 + 99, '', 'fail', 0],
    [4500, '', 'retry', 0],
    [3000, '', 'retry', 0],
  ])('%i %s → %s after at least %i ms', (code, reason, action, minDelayMs) => {
    expect(closeAction(code, reason)).toMatchObject({ action, minDelayMs });
  });

  it('asks for a new token after 4401 and after the older Unauthorized, and only then', () => {
    const renewing = [...Object.values(CloseCode)].filter((code) => closeAction(code).renewToken);
    expect(renewing).toEqual([4401]);
    expect(closeAction(1008, 'Unauthorized').renewToken).toBe(true);
  });

  it('bounds how often some closes may come in a row', () => {
    expect([1002, 1003, 1007, 4408, 1006].map((code) => closeAction(code).maxInARow)).toEqual([5, 5, 5, 3, Infinity]);
  });

  it.each([
    ['x;ra=0', 250, 0],
    ['x;ra=-1', 250, 0],
    ['x;ra=1000000000000', 300_000, 0],
    [`x;ra=${'9'.repeat(40)}`, 300_000, 0],
    ['x;ra=abc', 0, 0],
    ['x;ra=', 0, 0],
    ['x;ra=1e3', 0, 0],
    ['x;ra=2000;sp=60000', 2_000, 60_000],
    ['x;sp=1', 0, 250],
    ['ra=2000', 2_000, 0],
    ['', 0, 0],
  ])('clamps or ignores the hints of %j', (reason, minDelayMs, spreadMs) => {
    expect(closeAction(1012, reason)).toMatchObject({ minDelayMs, spreadMs });
  });

  it('has words for every code', () => {
    for (const code of Object.values(CloseCode)) expect(closeAction(code).meaning).toMatch(/\w{4}/);
  });
});

describe('clampHintMs', () => {
  it.each([
    [0, 250],
    [-1, 250],
    [1_200, 1_200],
    [1e12, 300_000],
    ['1200', undefined],
    [null, undefined],
    [Number.NaN, undefined],
    [Number.POSITIVE_INFINITY, undefined],
    [{}, undefined],
  ])('%j → %j', (hint, expected) => {
    expect(clampHintMs(hint)).toBe(expected);
  });
});

describe('ErrorCode', () => {
  it('has a text of at most 256 bytes for each code', () => {
    for (const code of Object.values(ErrorCode)) {
      expect(Buffer.byteLength(errorTexts.get(code)?.message ?? '')).toBeGreaterThan(5);
      expect(Buffer.byteLength(errorTexts.get(code)?.message ?? '')).toBeLessThanOrEqual(256);
    }
    expect(Object.keys(ErrorCode)).toHaveLength(22);
    expect(Object.entries(ErrorCode).every(([name, value]) => name === value)).toBe(true);
  });
});
