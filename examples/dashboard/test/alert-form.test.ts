import { describe, expect, it } from 'vitest';
import {
  alertKinds,
  numberIn,
  readAlertForm,
  shortNumber,
  suggestion,
  type AlertKind,
} from '../src/alerts/alert-form.js';

describe('a number as people write it', () => {
  it.each<[string, number | undefined]>([
    ['65000', 65_000],
    [' 65,000.50 ', 65_000.5],
    ['1,23,456', 123_456],
    ['$64250', 64_250],
    ['₹ 7,310', 7_310],
    ['5 %', 5],
    ['-5%', -5],
    ['.5', 0.5],
    ['0.00000812', 0.00000812],
    ['1.234,5', undefined],
    ['1,5', undefined],
    ['65,00', undefined],
    ['1e3', undefined],
    ['0x10', undefined],
    ['Infinity', undefined],
    ['soon', undefined],
    ['.', undefined],
    ['', undefined],
  ])('%s is %s', (text, value) => {
    expect(numberIn(text)).toBe(value);
  });
});

describe('the form of an alert', () => {
  it.each<[AlertKind, string, object]>([
    ['above', '65,000', { alertType: 'price_above', coinId: 'bitcoin', condition: { targetPrice: 65_000 } }],
    ['below', '60000.5', { alertType: 'price_below', coinId: 'bitcoin', condition: { targetPrice: 60_000.5 } }],
    ['moves', '5', { alertType: 'percent_change', coinId: 'bitcoin', condition: { percentageChange: 5 } }],
    ['moves', '-5', { alertType: 'percent_change', coinId: 'bitcoin', condition: { percentageChange: 5 } }],
    ['falls', '5', { alertType: 'percent_change', coinId: 'bitcoin', condition: { percentageChange: -5 } }],
    ['falls', '-5 %', { alertType: 'percent_change', coinId: 'bitcoin', condition: { percentageChange: -5 } }],
  ])('%s %s is a rule', (kind, text, wish) => {
    expect(readAlertForm(kind, text, 'bitcoin')).toEqual({ ok: true, wish, hint: undefined });
  });

  it.each<[AlertKind, string, string]>([
    ['above', '', 'Write at which price: 64250.50'],
    ['moves', '  ', 'Write how many percent: 5'],
    ['above', 'a lot', 'That is no price. Write digits and a point: 64250.50'],
    ['below', '0', 'A price is more than nothing: 64250.50'],
    ['above', '-3', 'A price is more than nothing: 64250.50'],
    ['above', '9'.repeat(20), 'That is more than anything costs. Leave out some digits.'],
    ['moves', 'x', 'That is no percentage. Write a number: 5'],
    ['moves', '0', 'A price always moves by 0 %. Write how much counts: 5'],
    ['moves', '1001', 'Write at most 1000'],
    ['falls', '100', 'Nothing falls by 100 %. Write less: 5'],
  ])('%s "%s" is told: %s', (kind, text, problem) => {
    expect(readAlertForm(kind, text, 'bitcoin')).toEqual({ ok: false, problem });
  });

  const now = { price: 64_000, changePercent: -4 };
  it.each<[AlertKind, string, string | undefined]>([
    ['above', '64000', 'The price is above that already: it will fire at once.'],
    ['above', '64000.01', undefined],
    ['below', '64000', 'The price is below that already: it will fire at once.'],
    ['below', '63999', undefined],
    ['moves', '4', 'It has moved so far already: it will fire at once.'],
    ['falls', '4', 'It has moved so far already: it will fire at once.'],
    ['falls', '4.1', undefined],
  ])('%s %s warns: %s', (kind, text, hint) => {
    expect(readAlertForm(kind, text, 'bitcoin', now)).toMatchObject({ ok: true, hint });
  });

  it('does not take a rise for a fall', () => {
    expect(readAlertForm('falls', '4', 'bitcoin', { changePercent: 9 })).toMatchObject({ ok: true, hint: undefined });
  });
});

describe('what the form begins with', () => {
  it.each<[AlertKind, number | undefined, string]>([
    ['above', 63_364.08, '63998'],
    ['below', 63_364.08, '62730'],
    ['above', 0.00000812, '0.0000082012'],
    ['above', undefined, ''],
    ['moves', 63_364.08, '5'],
  ])('%s from %s is %s', (kind, price, text) => {
    expect(suggestion(kind, price)).toBe(text);
  });

  it.each(alertKinds)('%s is a rule as it stands', (kind) => {
    expect(readAlertForm(kind, suggestion(kind, 0.00000123), 'pepe', { price: 0.00000123 })).toMatchObject({
      ok: true,
      hint: undefined,
    });
  });

  it.each<[number, string]>([
    [100, '100'],
    [1.5, '1.5'],
    [123_456.7, '123457'],
    [1e-12, '0.000000000001'],
  ])('%s is written %s', (value, text) => {
    expect(shortNumber(value)).toBe(text);
  });
});
