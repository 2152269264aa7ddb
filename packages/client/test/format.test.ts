import { describe, expect, it } from 'vitest';
import { createPriceFormatter, formatPercent, fractionDigits, valueAgeMs } from '../src/format.js';

describe('createPriceFormatter', () => {
  it.each([
    [0.00000123, 'USD', undefined, '$0.000001230'],
    [64_000.5, 'USD', undefined, '$64,000.50'],
    [0, 'USD', undefined, '$0.00'],
    [1.5, 'USD', undefined, '$1.5000'],
    [-0.5, 'USD', undefined, '-$0.5000'],
    [123_456.5, 'INR', undefined, '₹1,23,456.50'],
    [123_456.5, 'INR', 'en-US', '₹123,456.50'],
    [1_234_567.891, 'EUR', 'de-DE', '1.234.567,89\u00a0€'],
    [33_000.05, 'USDT', undefined, '33,000.05 USDT'],
    [33_000.05, undefined, undefined, '33,000.05'],
    [1e-12, 'USD', undefined, '$1.00E-12'],
    [Number.NaN, 'USD', undefined, '–'],
    [Infinity, 'USD', undefined, '–'],
  ])('writes %d %s in %s as %s', (price, currency, locale, text) => {
    const format = createPriceFormatter({ currency, ...(locale === undefined ? {} : { locale }) });
    expect(format(price)).toBe(text);
    expect(format.format(price)).toBe(text);
  });

  it('never shows a price that is not zero as zero', () => {
    const format = createPriceFormatter({ currency: 'USD' });
    for (let exponent = -300; exponent < 15; exponent += 1) expect(format(1.23 * 10 ** exponent)).toMatch(/[1-9]/);
  });

  it('writes a change with the digits of its price, or more where those would show zero', () => {
    const format = createPriceFormatter({ currency: 'USD' });
    expect(format.formatChange(12, 64_000)).toBe('+$12.00');
    expect(format.formatChange(-0.00000003, 0.00000812)).toBe('-$0.000000030');
    expect(format.formatChange(0, 5)).toBe('$0.0000');
  });

  it('refuses an ill-formed locale when it is made', () => {
    expect(() => createPriceFormatter({ locale: 'no_such locale' })).toThrow(RangeError);
  });

  it('stays quick with ever new currencies, and bounded', () => {
    for (let index = 0; index < 2_000; index += 1) {
      const code = String.fromCharCode(65 + (index % 26), 65 + ((index / 26) % 26), 65 + ((index / 676) % 26));
      expect(createPriceFormatter({ currency: code })(index)).toMatch(/\d/);
    }
  });
});

describe('formatPercent', () => {
  it.each([
    [0.47, '+0.47%'],
    [-0.3, '-0.30%'],
    [0, '0.00%'],
    [-0.001, '0.00%'],
    [1_234.5, '+1,234.50%'],
    [Number.NaN, '–'],
  ])('writes %d as %s', (percent, text) => {
    expect(formatPercent(percent)).toBe(text);
  });
});

describe('fractionDigits', () => {
  it.each([
    [0, 2],
    [10, 2],
    [9.99, 4],
    [0.5, 4],
    [0.09, 5],
    [0.00000812, 9],
    // As many as toFixed takes.
    [1e-320, 100],
  ])('of %d is %d', (price, digits) => {
    expect(fractionDigits(price)).toBe(digits);
  });
});

describe('F52: the age of a value', () => {
  const now = Date.UTC(2026, 0, 1, 12);
  const hourMs = 3_600_000;
  it.each<[string, string | undefined, number | null, number]>([
    ['an hour by its own time', '2026-01-01T11:00:00Z', null, hourMs],
    [
      'half an hour by the clock of a server that is half an hour behind',
      '2026-01-01T11:00:00Z',
      -1_800_000,
      1_800_000,
    ],
    ['nothing where it is of a later time', '2026-01-01T13:00:00Z', 0, 0],
    ['as long as it is here where it has no time', undefined, 0, 2_000],
    ['as long as it is here where its time is none', 'yesterday', 0, 2_000],
  ])('is %s', (_case, timestamp, offsetMs, expected) => {
    expect(valueAgeMs({ timestamp, receivedAt: now - 2_000 }, now, offsetMs)).toBe(expected);
  });
});
