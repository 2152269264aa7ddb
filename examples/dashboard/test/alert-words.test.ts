import { PriceStreamError } from '@tickwire/client';
import type { AlertTriggered } from '@tickwire/protocol';
import { describe, expect, it, vi } from 'vitest';
import { alertsIn, firedAlerts } from '../src/alerts/alert-history.js';
import { alertRefusalWords, conditionWords, distancePercent, firedWords } from '../src/alerts/alert-words.js';
import { coinOfAlert } from '../src/alerts/coin-of-alert.js';
import { createUnseenAlerts, unseenWords, type SeenDocument } from '../src/alerts/unseen-alerts.js';
import { catalogRows } from '../src/market/catalog-rows.js';
import { at } from './market-events.js';

const write = (price: number): string => `$${price}`;
const fired = (alertId: number, second: number, coinData?: Record<string, unknown>): AlertTriggered => ({
  type: 'alert_triggered',
  data: {
    ...{ alertId, alertType: 'price_above', coinId: 'bitcoin', condition: { targetPrice: 65_000 } },
    triggeredAt: at(second),
    ...(coinData === undefined ? {} : { coinData }),
  },
});

describe('an alert in words', () => {
  it.each<[string, object, string]>([
    ['price_above', { targetPrice: 65_000 }, 'above $65000'],
    ['price_below', { targetPrice: '0.5' }, 'below $0.5'],
    ['percent_change', { percentageChange: 5 }, 'moves 5 % in 24 h'],
    ['percent_change', { percentageChange: -2.5 }, 'falls 2.5 % in 24 h'],
    ['volume_spike', { volumeThreshold: 2e9 }, 'volume above $2B in 24 h'],
    ['whale_movement', { usdValue: 5e6 }, 'a whale moves $5M or more'],
    ['social_spike', { socialThreshold: 12_000 }, '12K mentions or more'],
    ['price_above', {}, 'price above'],
    ['moon_phase', { full: true }, 'moon phase'],
  ])('%s %o is "%s"', (type, condition, words) => {
    expect(conditionWords(type, { ...condition }, write)).toBe(words);
  });

  it('says at which price it fired, where that is known', () => {
    expect(firedWords(fired(1, 0, { price: '65012.3' }), write)).toBe('above $65000, at $65012.3');
    expect(firedWords(fired(1, 0), write)).toBe('above $65000');
  });

  it.each<[string, object, number | undefined]>([
    ['price_above', { targetPrice: 110 }, 10],
    ['price_below', { targetPrice: 90 }, 10],
    ['price_above', { targetPrice: 100 }, undefined],
    ['price_below', { targetPrice: 101 }, undefined],
    ['percent_change', { percentageChange: 5 }, undefined],
  ])('%s %o has so far to go from 100: %s', (type, condition, percent) => {
    expect(distancePercent(type, { ...condition }, 100)).toBe(percent);
  });

  it('calls a coin as the catalog does and writes its currency, whatever it is about', () => {
    const rows = new Map(
      catalogRows([{ channel: 'coin:bitcoin', id: 'bitcoin', currency: 'INR' }]).map((row) => [
        row.channel as string,
        row,
      ]),
    );
    expect(coinOfAlert('bitcoin', rows).name).toBe('Bitcoin');
    expect(coinOfAlert('bitcoin', rows).write(1_234_567)).toBe('₹12,34,567.00');
    expect(coinOfAlert(undefined, rows).name).toBe('Any coin');
  });

  it('says of a refusal what to do next, and what the server said where there is nothing better', () => {
    expect(alertRefusalWords(new PriceStreamError('TOO_MANY_ITEMS', 'x'))).toContain('Delete one');
    expect(alertRefusalWords(new PriceStreamError('OTHER', 'It rains.'))).toBe('The server did not do it: It rains.');
  });
});

describe('the alerts that fired', () => {
  it('are each there once, the newest first', () => {
    const [first, second, third] = [fired(1, 1), fired(2, 2), fired(1, 3)];
    const all = firedAlerts([second, third], [first, fired(2, 2)]);
    expect(all.map(({ data }) => `${data.alertId} ${data.triggeredAt}`)).toEqual([
      `1 ${at(3)}`,
      `2 ${at(2)}`,
      `1 ${at(1)}`,
    ]);
  });

  it('are fifty at most', () => {
    expect(
      firedAlerts(
        Array.from({ length: 59 }, (_, index) => fired(index, index)),
        [],
      ),
    ).toHaveLength(50);
  });

  it('are picked from whatever else a user is told', () => {
    expect(alertsIn([{ type: 'announcement' }, fired(1, 1)])).toEqual([fired(1, 1)]);
  });
});

describe('the title while nobody looks', () => {
  it.each<[number, string | undefined, string]>([
    [0, undefined, 'Tickwire'],
    [2, 'Bitcoin above $65,000', '(2) Bitcoin above $65,000 – Tickwire'],
  ])('of %s unseen alerts', (unseen, last, title) => {
    expect(unseenWords('Tickwire', unseen, last)).toBe(title);
  });

  it('counts while the page is hidden, and from nothing once somebody looks', () => {
    let looked: () => void = () => undefined;
    const page = {
      visibilityState: 'visible' as DocumentVisibilityState,
      addEventListener: (_type: string, listener: () => void) => void (looked = listener),
      removeEventListener: vi.fn(),
    };
    const unseen = createUnseenAlerts(() => page as unknown as SeenDocument);
    const leave = unseen.subscribe(() => undefined);
    unseen.add('seen');
    expect(unseen.get().count).toBe(0);
    page.visibilityState = 'hidden';
    unseen.add('one');
    unseen.add('two');
    expect(unseen.get()).toEqual({ count: 2, last: 'two' });
    looked();
    expect(unseen.get().count).toBe(2);
    page.visibilityState = 'visible';
    looked();
    expect(unseen.get()).toEqual({ count: 0, last: undefined });
    leave();
    expect(page.removeEventListener).toHaveBeenCalledOnce();
  });
});
