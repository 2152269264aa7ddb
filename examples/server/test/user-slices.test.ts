/** F39: what one price sets off is spread over turns of the event loop. Counted, not timed. */
import type { ChannelMessage } from '@tickwire/protocol';
import { describe, expect, it } from 'vitest';
import { createCatalog } from '../src/catalog.js';
import { defaultLimits } from '../src/limits.js';
import { createUserStreams } from '../src/services/user-streams.js';
import { createManualClock } from './manual-clock.js';

function setUp() {
  const clock = createManualClock();
  const catalog = createCatalog();
  const coins = Array.from({ length: 100 }, (_, index) => `coin${index}`);
  catalog.add(
    coins.map((id) => ({
      ...{
        channel: `coin:${id}`,
        kind: 'coin',
        id,
        aliases: [],
        currency: 'USD',
        staleAfterMs: 60_000,
        source: 'test',
      },
    })),
  );
  const due: (() => void)[] = [];
  const told: { userId: string; message: ChannelMessage }[] = [];
  const streams = createUserStreams({
    catalog,
    clock,
    limits: defaultLimits,
    nextTurn: (callback) => (due.push(callback), () => undefined),
    tell: (userId, message) => (told.push({ userId, message }), Promise.resolve()),
  });
  const price = (value: number) =>
    streams.onCoinMessage('coin0', { type: 'price_update', data: { coinId: 'coin0', price: value } });
  /** What was told in one turn. */
  const turn = async () => {
    for (const callback of due.splice(0)) callback();
    await new Promise((resolve) => setImmediate(resolve));
    return told.splice(0);
  };
  /** What was told in each of all turns that are due. */
  const turns = async () => {
    const each: { userId: string; message: ChannelMessage }[][] = [told.splice(0)];
    while (due.length > 0) each.push(await turn());
    return each;
  };
  const most = (each: readonly (readonly unknown[])[]) => Math.max(...each.map(({ length }) => length));
  return { streams, clock, coins, price, turn, turns, told, most };
}

describe('F39: one price', () => {
  it('values ten portfolios of a hundred holdings in a turn, each once', async () => {
    const { streams, clock, coins, price, turns, told, most } = setUp();
    for (let user = 0; user < 1_000; user += 1) {
      streams.portfolios.replace(
        `u${user}`,
        coins.map((coinId) => ({ coinId, amount: 1 })),
      );
    }
    told.length = 0;
    price(1);
    clock.advance(1_000);
    const each = await turns();
    expect(most(each)).toBeLessThanOrEqual(defaultLimits.sliceHoldings / 100);
    expect(new Set(each.flat().map(({ userId }) => userId)).size).toBe(1_000);
    expect(each.flat()).toHaveLength(1_000);
  });

  it('that comes while portfolios are valued waits for the next round', async () => {
    const { streams, clock, coins, price, turn, turns, told } = setUp();
    for (let user = 0; user < 50; user += 1) {
      streams.portfolios.replace(
        `u${user}`,
        coins.map((coinId) => ({ coinId, amount: 1 })),
      );
    }
    told.length = 0;
    price(1);
    clock.advance(1_000);
    told.length = 0;
    await turn();
    price(2);
    clock.advance(1_000);
    await turns();
    expect(clock.waiting).toBe(1);
    clock.advance(1_000);
    const each = await turns();
    expect(each.flat()).toHaveLength(50);
    expect(clock.waiting).toBe(0);
  });

  it('ends with the server', async () => {
    const { streams, clock, coins, price, turns, told } = setUp();
    for (let user = 0; user < 100; user += 1) {
      streams.portfolios.replace(
        `u${user}`,
        coins.map((coinId) => ({ coinId, amount: 1 })),
      );
    }
    price(1);
    clock.advance(1_000);
    streams.stop();
    told.length = 0;
    expect((await turns()).flat()).toEqual([]);
  });

  it('tells ten thousand alerts in slices, in the order of their rules', async () => {
    const { streams, price, turns, most } = setUp();
    for (let rule = 0; rule < 10_000; rule += 1) {
      const wish = { alertType: 'price_above', coinId: 'coin0', condition: { targetPrice: 5 } } as const;
      expect(streams.alerts.create(`u${rule % 100}`, wish).ok).toBe(true);
    }
    price(1);
    price(6);
    const each = await turns();
    expect(most(each)).toBeLessThanOrEqual(defaultLimits.sliceHoldings / 5);
    const ids = each.flat().map(({ message }) => (message.data as { alertId: number }).alertId);
    expect(ids).toEqual(Array.from({ length: 10_000 }, (_, index) => index + 1));
  });
});
