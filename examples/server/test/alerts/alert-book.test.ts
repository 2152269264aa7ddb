import { describe, expect, it } from 'vitest';
import { AlertBook, type AlertWish } from '../../src/alerts/alert-book.js';

const names = new Map<string | number, string>([
  ['bitcoin', 'bitcoin'],
  ['BTC', 'bitcoin'],
  [1, 'bitcoin'],
  ['pepe', 'pepe'],
]);
const book = (limits = { alertsPerUser: 3, maxAlerts: 5 }) =>
  new AlertBook({ catalog: { coinIdOf: (name) => names.get(name) }, limits });
const above = (targetPrice: number | string, more: Partial<AlertWish> = {}): AlertWish => ({
  alertType: 'price_above',
  coinId: 'bitcoin',
  condition: { targetPrice },
  ...more,
});
const start = { at: 0, elapsed: 0 };
const price = (value: number, coinId = 'bitcoin') => ({ coinId, kind: 'price' as const, price: value });

describe('the alert book', () => {
  it('makes one rule of one clientRef, however often it is asked', () => {
    const alerts = book();
    expect(alerts.create('u', above(5, { clientRef: 'a' }))).toEqual({ ok: true, alertId: 1, created: true });
    expect(alerts.create('u', above('5.0', { clientRef: 'a', coinId: 1 }))).toEqual({
      ok: true,
      alertId: 1,
      created: false,
    });
    expect(alerts.create('v', above(5, { clientRef: 'a' }))).toMatchObject({ alertId: 2, created: true });
    expect(alerts.create('u', above(5))).toMatchObject({ alertId: 3, created: true });
  });

  it('knows a clientRef again when it is full, and takes it anew once its rule is gone', () => {
    const alerts = book();
    for (const ref of ['a', 'b', 'c']) alerts.create('u', above(5, { clientRef: ref }));
    expect(alerts.create('u', above(5, { clientRef: 'b' }))).toEqual({ ok: true, alertId: 2, created: false });
    expect(alerts.create('u', above(5, { clientRef: 'd' }))).toMatchObject({ ok: false, code: 'TOO_MANY_ITEMS' });
    alerts.delete('u', 2);
    expect(alerts.create('u', above(6, { clientRef: 'b' }))).toEqual({ ok: true, alertId: 4, created: true });
  });

  it.each(['0x1', ' 1', '1.0', '01', ''])('deletes nothing by the id "%s"', (alertId) => {
    const alerts = book();
    alerts.create('u', above(5));
    expect(alerts.delete('u', alertId)).toBe(false);
    expect(alerts.size).toBe(1);
  });

  it('refuses a clientRef that stands for another rule', () => {
    const alerts = book();
    alerts.create('u', above(5, { clientRef: 'a' }));
    expect(alerts.create('u', above(6, { clientRef: 'a' }))).toEqual({ ok: false, code: 'CONFLICT' });
    expect(alerts.size).toBe(1);
  });

  it.each<[AlertWish, string, string | undefined]>([
    [above(1, { condition: {} }), 'BAD_MESSAGE', 'price_above needs data.condition.targetPrice'],
    [{ alertType: 'price_above', condition: { targetPrice: 1 } }, 'BAD_MESSAGE', 'price_above needs data.coinId'],
    [
      { alertType: 'percent_change', coinId: 'bitcoin', condition: { percentageChange: '-0.0' } },
      'BAD_MESSAGE',
      'percent_change needs a percentage other than 0',
    ],
    [above(1, { coinId: 'nope' }), 'UNKNOWN_CHANNEL', 'No such coin'],
    [above(1, { coinId: 99 }), 'UNKNOWN_CHANNEL', 'No such coin'],
  ])('refuses %j', (wish, code, message) => {
    const alerts = book();
    expect(alerts.create('u', wish)).toEqual({ ok: false, code, message });
    expect(alerts.size).toBe(0);
  });

  it('is bounded for one user and for all', () => {
    const alerts = book();
    for (let index = 0; index < 3; index += 1) alerts.create('u', above(index));
    expect(alerts.create('u', above(9))).toMatchObject({ ok: false, code: 'TOO_MANY_ITEMS' });
    for (let index = 0; index < 2; index += 1) alerts.create('v', above(index));
    expect(alerts.create('v', above(9))).toMatchObject({ ok: false, code: 'SERVER_BUSY' });
    expect(alerts.delete('u', 1)).toBe(true);
    expect(alerts.create('v', above(9))).toMatchObject({ ok: true });
  });

  it('keeps of a condition what counts, and lists rules to their user alone', () => {
    const alerts = book();
    alerts.create('u', above('5.50', { condition: { targetPrice: '5.50', usdValue: 1, junk: 'x' }, clientRef: 'r' }));
    expect(alerts.list('u')).toEqual([
      {
        alertId: 1,
        alertType: 'price_above',
        coinId: 'bitcoin',
        condition: { targetPrice: '5.50' },
        cooldownMs: 300_000,
        hysteresisPct: 0.5,
        clientRef: 'r',
      },
    ]);
    expect(alerts.list('v')).toEqual([]);
    expect(alerts.delete('v', 1)).toBe(false);
  });

  it('triggers rules of the coin and rules of any coin, and not those that were deleted', () => {
    const alerts = book();
    alerts.create('u', above(5));
    alerts.create('v', above(5));
    alerts.create('u', { alertType: 'whale_movement', condition: { usdValue: 5 } });
    expect(alerts.take(price(6, 'pepe'), start)).toEqual([]);
    expect(alerts.delete('v', '2')).toBe(true);
    expect(alerts.take(price(6), start).map(({ alertId }) => alertId)).toEqual([1]);
    expect(alerts.take({ coinId: 'pepe', kind: 'whale', usdValue: 5 }, start).map(({ alertId }) => alertId)).toEqual([
      3,
    ]);
    expect(alerts.list('u')[0]).toMatchObject({ triggeredAt: '1970-01-01T00:00:00.000Z' });
  });

  it('leaves nothing behind of rules that are gone', () => {
    const alerts = book();
    alerts.create('u', above(5));
    alerts.delete('u', 1);
    expect(alerts.size).toBe(0);
    expect(alerts.list('u')).toEqual([]);
    expect(alerts.delete('u', 1)).toBe(false);
  });
});
