import type { AlertType } from '@tickwire/protocol';
import { describe, expect, it } from 'vitest';
import {
  evaluateAlert,
  freshAlert,
  signalOf,
  thresholdOf,
  type AlertRule,
  type AlertSignal,
} from '../../src/alerts/alert-rules.js';

const minute = 60_000;

function ruleOf(alertType: AlertType, threshold: number, more: Partial<AlertRule> = {}): AlertRule {
  const fixed = { alertId: 1, userId: 'u', coinId: 'bitcoin', condition: {}, cooldownMs: 0, hysteresisPct: 0 };
  return { ...fixed, alertType, threshold, ...more };
}

/** Which of the signals trigger, each a minute after the one before. */
function triggersOf(rule: AlertRule, signals: readonly AlertSignal[]): boolean[] {
  let state = freshAlert;
  return signals.map((signal, index) => {
    const step = evaluateAlert(rule, state, signal, { at: index * minute, elapsed: index * minute });
    state = step.state;
    return step.triggers;
  });
}
const prices = (...values: number[]): AlertSignal[] =>
  values.map((price) => ({ coinId: 'bitcoin', kind: 'price', price }));
const moves = (...values: number[]): AlertSignal[] =>
  values.map((changePercent) => ({ coinId: 'bitcoin', kind: 'price', price: 1, changePercent }));
const yes = true;
const no = false;

describe('an alert', () => {
  it.each<[string, AlertRule, AlertSignal[], boolean[]]>([
    ['at its price', ruleOf('price_above', 100), prices(99, 100), [no, yes]],
    ['at the first price, if that is beyond it', ruleOf('price_above', 100), prices(150), [yes]],
    ['once for a price that stays', ruleOf('price_above', 100), prices(101, 102, 103), [yes, no, no]],
    ['again after the price was back', ruleOf('price_above', 100), prices(101, 99, 101), [yes, no, yes]],
    [
      'not for a price that jitters inside its hysteresis',
      ruleOf('price_above', 100, { hysteresisPct: 2 }),
      prices(101, 99, 101, 98.5, 100, 98, 100),
      [yes, no, no, no, no, no, yes],
    ],
    ['below a price', ruleOf('price_below', 100), prices(101, 100, 99, 101, 100), [no, yes, no, no, yes]],
    [
      'below a price with hysteresis',
      ruleOf('price_below', 100, { hysteresisPct: 1 }),
      prices(99, 100.5, 99, 101, 99),
      [yes, no, no, no, yes],
    ],
    [
      'below a price under 0',
      ruleOf('price_below', -10, { hysteresisPct: 10 }),
      prices(-10, -9.5, -10, -9, -10),
      [yes, no, no, no, yes],
    ],
    [
      'once at a price of 0, which no share of it can be away from',
      ruleOf('price_above', 0, { hysteresisPct: 5 }),
      prices(0, 0, 1, -1, 0),
      [yes, no, no, no, yes],
    ],
    [
      'once at its price, if the hysteresis is lost in the digits',
      ruleOf('price_above', 100, { hysteresisPct: 1e-20 }),
      prices(100, 100, 100),
      [yes, no, no],
    ],
    [
      'at a sum of fractions as at the number it stands for, one step of a float below it not',
      ruleOf('price_above', 0.3),
      prices(0.29999999999999993, 0.1 + 0.2),
      [no, yes],
    ],
    [
      'again at the very edge of its hysteresis',
      ruleOf('price_above', 200, { hysteresisPct: 0.5 }),
      prices(200, 199.00000000000003, 200, 199, 200),
      [yes, no, no, no, yes],
    ],
    ['not for a change of 0 between two falls', ruleOf('percent_change', -5), moves(-5, 0, 5, -5), [yes, no, no, yes]],
    [
      'not in its cool-down, and after it as soon as the value is there',
      ruleOf('price_above', 100, { cooldownMs: 3 * minute }),
      prices(101, 99, 101, 101, 101),
      [yes, no, no, yes, no],
    ],
    [
      'for a rise and for a fall by so many percent',
      ruleOf('percent_change', 5),
      moves(4, 5, 0, -6),
      [no, yes, no, yes],
    ],
    ['for a fall alone, if the percentage is negative', ruleOf('percent_change', -5), moves(6, -4, -5), [no, no, yes]],
    ['never for a price without a percentage', ruleOf('percent_change', 5), prices(1, 100), [no, no]],
    [
      'for a volume',
      ruleOf('volume_spike', 10),
      [{ coinId: 'bitcoin', kind: 'price', price: 1, volume24h: 10 }, ...prices(5)],
      [yes, no],
    ],
    [
      'for each whale that is large enough',
      ruleOf('whale_movement', 500, { hysteresisPct: 5 }),
      [400, 500, 600].map((usdValue) => ({ coinId: 'bitcoin', kind: 'whale', usdValue })),
      [no, yes, yes],
    ],
    [
      'for each spike, but not in its cool-down',
      ruleOf('social_spike', 500, { cooldownMs: 2 * minute }),
      [500, 900, 700].map((mentions24h) => ({ coinId: 'bitcoin', kind: 'social', mentions24h })),
      [yes, no, yes],
    ],
    ['never for another coin', ruleOf('price_above', 1), [{ coinId: 'pepe', kind: 'price', price: 2 }], [no]],
    ['never for another kind of event', ruleOf('whale_movement', 1), prices(5), [no]],
  ])('triggers %s', (_case, rule, signals, expected) => {
    expect(triggersOf(rule, signals)).toEqual(expected);
  });

  it('without a coin looks at all of them', () => {
    const { coinId: _coinId, ...rule } = ruleOf('whale_movement', 1);
    expect(triggersOf(rule, [{ coinId: 'pepe', kind: 'whale', usdValue: 2 }])).toEqual([yes]);
  });

  it.each<[AlertType, Record<string, number | string>, number | undefined]>([
    ['price_above', { targetPrice: '50000.5' }, 50_000.5],
    ['price_below', { targetPrice: 0 }, 0],
    ['percent_change', { percentageChange: -5 }, -5],
    ['volume_spike', { volumeThreshold: 1e9 }, 1e9],
    ['whale_movement', { usdValue: 1 }, 1],
    ['social_spike', { socialThreshold: 5 }, 5],
    ['price_above', { percentageChange: 5 }, undefined],
  ])('of type %s takes its threshold from %j', (alertType, condition, expected) => {
    expect(thresholdOf(alertType, condition)).toBe(expected);
  });

  it('looks at no notice and at no stale price', () => {
    const price = { type: 'price_update' as const, data: { coinId: 'bitcoin', price: '1.5', volume24h: 'x' } };
    expect(signalOf('bitcoin', price)).toEqual({ coinId: 'bitcoin', kind: 'price', price: 1.5 });
    expect(signalOf('bitcoin', { ...price, data: { ...price.data, stale: true } })).toBeUndefined();
    expect(signalOf('bitcoin', { type: 'price_update', data: { message: 'hi' } })).toBeUndefined();
    expect(signalOf('bitcoin', { type: 'announcement', data: { message: 'hi' } })).toBeUndefined();
  });
});
