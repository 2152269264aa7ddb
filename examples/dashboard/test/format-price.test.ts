import { describe, expect, it } from 'vitest';
import { formatPercent, fractionDigits } from '@tickwire/client/format';
import { formatAge, formatChange, formatPrice, trendOf } from '../src/market/format-price.js';

describe('formatPrice', () => {
  it.each([
    [67_123.456, 'USD', '$67,123.46'],
    [1_234_567.891, 'USD', '$1,234,567.89'],
    [100, 'USD', '$100.00'],
    [92.3316, 'INR', '₹92.33'],
    [9.99951, 'USD', '$9.9995'],
    [1, 'USD', '$1.0000'],
    [0.1234, 'USD', '$0.1234'],
    [0.00000812, 'USD', '$0.000008120'],
    [1e-10, 'USD', '$0.0000000001000'],
    [8.1e-12, 'USD', '$8.10E-12'],
    [0, 'USD', '$0.00'],
    [-37.63, 'USD', '-$37.63'],
    [5_420.5, 'INR', '₹5,420.50'],
    [123_456.5, 'INR', '₹1,23,456.50'],
    [12_345_678, 'INR', '₹1,23,45,678.00'],
    [32_103.64, 'USDT', '32,103.64 USDT'],
    [0.00915, undefined, '0.009150'],
  ])('shows %d %s as %s', (price, currency, text) => {
    expect(formatPrice(price, currency).replaceAll('\u00a0', ' ')).toBe(text);
  });

  it('never shows a price other than zero as zero', () => {
    for (let exponent = -300; exponent <= 15; exponent += 1) {
      for (const lead of [1, 4.4444, 8.12, 9.9999]) {
        const text = formatPrice(lead * 10 ** exponent, 'USD');
        expect(text, `${lead}e${exponent}`).toMatch(/[1-9]/);
      }
    }
  });

  it('takes currency texts from outside without a throw', () => {
    for (const currency of ['', 'usd', 'US', '__proto__', '€', 'XXXXXXXXXX']) {
      expect(formatPrice(1.5, currency)).toContain('1.5');
    }
  });
});

describe('fractionDigits', () => {
  it.each([
    [1_000, 2],
    [10, 2],
    [9.99, 4],
    [1, 4],
    [0.5, 4],
    [0.05, 5],
    [0.00000812, 9],
    [0, 2],
    [-0.5, 4],
  ])('gives %d %d digits', (price, digits) => {
    expect(fractionDigits(price)).toBe(digits);
  });
});

describe('changes', () => {
  it.each([
    [25.3, 5_420.5, 'INR', '+₹25.30'],
    [-0.25, 82.75, 'INR', '-₹0.25'],
    [0, 82.75, 'INR', '₹0.00'],
    [17.30873, 12_328.19, 'INR', '+₹17.31'],
    [-0.000123, 82.75, 'INR', '-₹0.0001230'],
    [0.00002, 5_420.5, 'INR', '+₹0.00002000'],
    [-0.00000003, 0.00000812, 'USD', '-$0.000000030'],
  ])('signs a change of %d', (change, price, currency, text) => {
    expect(formatChange(change, price, currency)).toBe(text);
  });

  it.each([
    [0.47, '+0.47%', 'up'],
    [-0.3, '-0.30%', 'down'],
    [0, '0.00%', 'flat'],
    [0.004, '0.00%', 'flat'],
    [-0.004, '0.00%', 'flat'],
    [1234.5, '+1,234.50%', 'up'],
  ])('shows %d percent as %s, pointing %s', (percent, text, trend) => {
    expect(formatPercent(percent)).toBe(text);
    expect(trendOf(percent)).toBe(trend);
  });

  it('does not guess an unknown change', () => {
    expect(trendOf(undefined)).toBe('unknown');
  });
});

describe('formatAge', () => {
  it.each([
    [-5_000, undefined],
    [0, undefined],
    [999, undefined],
    [1_000, '1 s'],
    [59_999, '59 s'],
    [60_000, '1 min'],
    [3_599_999, '59 min'],
    [3_600_000, '1 h'],
    [47 * 3_600_000, '47 h'],
    [49 * 3_600_000, '2 d'],
  ])('says %d ms as %s', (ageMs, text) => {
    expect(formatAge(ageMs)).toBe(text);
  });
});
