import { PriceStreamError, PriceWebSocketClient, type Connection, type PriceTick } from '@tickwire/client';
import { describe, expect, it } from 'vitest';
import { createFakeClient, createFakeClock, settle } from '../src/index.js';

describe('a fake client', () => {
  it('is connected and has its prices at once', () => {
    const client = createFakeClient({
      prices: { 'coin:bitcoin': 50_000, 'metal:gold': { price: '5420.50', unit: 'gram' } },
    });
    expect(client.connection.get()).toMatchObject({ status: 'connected', dialect: 'tickwire', transport: 'websocket' });
    expect(client.prices.get('coin:bitcoin')).toMatchObject({ price: 50_000, freshness: 'fresh', direction: 'same' });
    expect(client.prices.get('metal:gold')).toMatchObject({ price: 5_420.5, unit: 'gram' });
    expect([...client.prices.getAll().keys()]).toEqual(['coin:bitcoin', 'metal:gold']);
  });

  it('fits where a PriceWebSocketClient goes', async () => {
    const client: PriceWebSocketClient = createFakeClient();
    expect(client).toBeInstanceOf(PriceWebSocketClient);
    await client.connect();
    await client.close();
    expect(client.connection.get().status).toBe('closed');
  });

  it('hands a subscriber the known price once, and then what the test says', async () => {
    const client = createFakeClient({ prices: { 'coin:bitcoin': 50_000 } });
    const ticks: PriceTick[] = [];
    const subscription = client.subscribe('coin:bitcoin', (tick) => ticks.push(tick));
    expect(await subscription.ready()).toEqual({ confirmed: true });
    await settle();
    client.price('coin:bitcoin', 51_000);
    expect(ticks.map(({ price, direction }) => `${price} ${direction}`)).toEqual(['50000 same', '51000 up']);
    subscription.unsubscribe();
    client.price('coin:bitcoin', 52_000);
    expect(ticks).toHaveLength(2);
    expect(client.prices.get('coin:bitcoin')?.price).toBe(52_000);
  });

  it('takes prices of channels that nobody follows', () => {
    const client = createFakeClient();
    client.price('metal:silver', { price: 60, changePercent: -1.5, high: 62, low: 59 });
    expect(client.prices.get('metal:silver')).toMatchObject({ price: 60, changePercent: -1.5, high: 62, low: 59 });
    client.price('coin:pepe', { price: 0.000_001_23, changePercent: 4, marketCap: 5e9, volume24h: 1e6 });
    expect(client.prices.get('coin:pepe')).toMatchObject({ changePercent: 4, marketCap: 5e9, volume24h: 1e6 });
  });

  it.each([
    ['whales', { usdValue: 1e6 }, 'whale_movement'],
    ['whales:dogecoin', { usdValue: 5 }, 'whale_movement'],
    ['social', { platform: 'reddit' }, 'social_spike'],
    ['user', { alertId: 17 }, 'alert_triggered'],
    ['portfolio', { totalValue: 7 }, 'portfolio_update'],
    ['global', { message: 'hello' }, 'announcement'],
  ] as const)('delivers an event of %s to its subscribers and its listeners', async (channel, data, type) => {
    const client = createFakeClient();
    const subscribed: { data: unknown }[] = [];
    const heard: unknown[] = [];
    await client.subscribe([channel], (message) => subscribed.push(message as { data: unknown })).ready();
    client.on(type, (message) => heard.push(message));
    client.event(channel, data);
    expect(subscribed).toHaveLength(1);
    expect(subscribed[0]?.data).toMatchObject(data);
    expect(heard).toEqual(subscribed);
  });

  it('tells an event of one coin in both of its channels', async () => {
    const client = createFakeClient();
    const seen: string[] = [];
    await client.subscribe('whales', () => seen.push('all')).ready();
    await client.subscribe('whales:dogecoin', () => seen.push('dogecoin')).ready();
    client.event('whales', { coinId: 'dogecoin' });
    expect(seen.sort()).toEqual(['all', 'dogecoin']);
  });

  it.each(['idle', 'connecting', 'connected', 'reconnecting', 'paused', 'closed', 'failed'] as const)(
    'becomes %s and stays so while no time passes',
    async (status) => {
      const client = createFakeClient({ prices: { 'coin:bitcoin': 1 } });
      const statuses: string[] = [];
      client.connection.subscribe((connection) => statuses.push(connection.status));
      client.on('connection', (connection) => statuses.push(connection.status));
      client.setConnection(status);
      await settle();
      expect(client.connection.get().status).toBe(status);
      expect(new Set(statuses.slice(-2))).toEqual(new Set(status === 'connected' ? [] : [status]));
      client.setConnection('connected');
      await settle();
      expect(client.connection.get().status).toBe('connected');
      client.price('coin:bitcoin', 2);
      expect(client.prices.get('coin:bitcoin')).toMatchObject({ price: 2, freshness: 'fresh' });
    },
  );

  it('starts in the state that is asked for, also one given word by word', () => {
    expect(createFakeClient({ connection: 'reconnecting' }).connection.get().status).toBe('reconnecting');
    const failed: Connection = { status: 'failed', error: new PriceStreamError('TOKEN_REJECTED', 'no') };
    expect(createFakeClient({ connection: failed }).connection.get()).toBe(failed);
  });

  it('keeps events for the resume while the connection is lost', async () => {
    const client = createFakeClient();
    const values: unknown[] = [];
    await client.subscribe('whales', ({ data }) => values.push(data.usdValue)).ready();
    client.event('whales', { usdValue: 1 });
    client.setConnection('reconnecting');
    client.event('whales', { usdValue: 2 });
    client.setConnection('connected');
    await settle();
    expect(values).toEqual([1, 2]);
  });

  it('refuses a channel when it is told to', async () => {
    const client = createFakeClient();
    client.refuse('coin:nope');
    await expect(client.subscribe('coin:nope', () => undefined).ready()).rejects.toMatchObject({
      code: 'UNKNOWN_CHANNEL',
    });
  });

  it('refuses a request when it is told to, and serves the others', async () => {
    const client = createFakeClient({ token: 'alice' });
    client.refuse('alert_create', 'TOO_MANY_ITEMS');
    client.refuse('alert_delete');
    await expect(
      client.alerts.create({ alertType: 'price_above', condition: { targetPrice: 2 } }),
    ).rejects.toMatchObject({ code: 'TOO_MANY_ITEMS' });
    await expect(client.alerts.delete(1)).rejects.toMatchObject({ code: 'BAD_MESSAGE' });
    expect(await client.alerts.list()).toEqual([]);
  });

  it('answers requests', async () => {
    const client = createFakeClient({ prices: { 'coin:bitcoin': 1 } });
    expect((await client.catalog()).items.map(({ channel }) => channel)).toEqual(['coin:bitcoin']);
    const rule = {
      alertType: 'price_above',
      coinId: 'bitcoin',
      condition: { targetPrice: 2 },
      clientRef: 'a',
    } as const;
    const { alertId } = await client.alerts.create(rule);
    expect(await client.alerts.create(rule)).toMatchObject({ alertId, created: false });
    expect(await client.alerts.list()).toMatchObject([{ alertId, alertType: 'price_above' }]);
    await client.alerts.delete(alertId);
    expect(await client.alerts.list()).toEqual([]);
    client.price('coin:bitcoin', 2);
    expect((await client.history('coin:bitcoin', { limit: 1 })).messages).toHaveLength(1);
  });

  it('says which channels the code under test follows', async () => {
    const client = createFakeClient({ prices: { 'coin:bitcoin': 1 } });
    expect(client.watched).toEqual([]);
    const subscription = client.subscribe(['coin:bitcoin', 'whales'], () => undefined);
    expect(client.watched).toEqual(['coin:bitcoin', 'whales']);
    subscription.unsubscribe();
    expect(client.watched).toEqual([]);
    await client.close();
  });

  it('lets prices grow old when its clock moves, and no real time does anything', async () => {
    const clock = createFakeClock(Date.UTC(2026, 0, 1));
    const client = createFakeClient({ clock, prices: { 'coin:bitcoin': 1 }, staleAfterMs: 60_000 });
    await clock.advance(61_000);
    expect(client.prices.get('coin:bitcoin')?.freshness).toBe('stale');
    expect(client.connection.get().status).toBe('connected');
  });

  it.each([
    ['price', 'whales', 1],
    ['price', 'bitcoin', 1],
    ['price', 'coin:bitcoin', Number.NaN],
    ['price', 'coin:bitcoin', null],
    ['event', 'coin:bitcoin', {}],
    ['event', 'nonsense', {}],
  ] as const)('refuses %s(%j, %j) with words', (method, channel, value) => {
    const client = createFakeClient();
    const call = client[method] as (channel: string, value: unknown) => void;
    expect(() => call.call(client, channel, value)).toThrow(RangeError);
  });
});
