import { describe, expect, expectTypeOf, it } from 'vitest';
import { coinPrice, coinsWelcome, settle, subscribeAck, whale } from '@tickwire/testing';
import type { AlertTriggered, Announcement, PortfolioUpdate, SocialSpike, WhaleMovement } from '@tickwire/protocol';
import { PriceStreamError, type PriceTick, type Subscription } from '@tickwire/client';
import { Harness } from './harness.js';

const price = (value: number, coin = 'bitcoin'): ReturnType<typeof coinPrice> => coinPrice(coin, value);

describe('a subscription', () => {
  it('delivers nothing after unsubscribe() returns, not even the rest of the frame', async () => {
    const harness = await new Harness().connected();
    const seen: number[] = [];
    const first = harness.client.subscribe('coin:bitcoin', (tick) => {
      seen.push(tick.price);
      first.unsubscribe();
      second.unsubscribe();
    });
    const second = harness.client.subscribe('coin:bitcoin', (tick) => seen.push(-tick.price));
    harness.socket.receive({ type: 'batch', messages: [price(1), price(2)] });
    expect(seen).toEqual([1]);
    expect(first.active).toBe(false);
    first.unsubscribe();
    first[Symbol.dispose]();
  });

  it('ends with its signal, and never begins with one that is aborted', async () => {
    const harness = await new Harness({ lingerMs: 0 }).connected();
    const abort = new AbortController();
    const subscription = harness.client.subscribe('coin:a', () => undefined, { signal: abort.signal });
    const never = harness.client.subscribe('coin:b', () => undefined, { signal: AbortSignal.abort() });
    await settle();
    expect(harness.socket.taken()).toMatchObject([{ data: { channels: [{ channel: 'coin:a' }] } }]);
    abort.abort();
    await settle();
    expect([subscription.active, never.active]).toEqual([false, false]);
    expect(harness.socket.taken()).toMatchObject([{ type: 'unsubscribe' }]);
  });

  it('ends at the end of its block with using', async () => {
    const harness = await new Harness({ lingerMs: 0 }).connected();
    const subscription = harness.client.subscribe('coin:a', () => undefined);
    {
      // What `using` compiles to.
      subscription[Symbol.dispose]();
    }
    expect(subscription.active).toBe(false);
  });

  it('thins each handle by itself: the first at once, then the last of each interval', async () => {
    const harness = await new Harness().connected();
    const [thin, full]: [number[], number[]] = [[], []];
    harness.client.subscribe('coin:bitcoin', (tick) => thin.push(tick.price), { minIntervalMs: 250 });
    harness.client.subscribe('coin:bitcoin', (tick) => full.push(tick.price));
    for (const value of [1, 2, 3]) harness.socket.receive(price(value));
    expect(thin).toEqual([1]);
    await harness.clock.advance(250);
    expect(thin).toEqual([1, 3]);
    harness.socket.receive(price(4));
    await harness.clock.advance(250);
    await harness.clock.advance(1_000);
    expect(thin).toEqual([1, 3, 4]);
    expect(full).toEqual([1, 2, 3, 4]);
    expect(harness.client.stats().conflated).toBe(1);
  });

  it('does not thin events, and filters each handle by itself', async () => {
    const harness = await new Harness().connected();
    const seen: unknown[] = [];
    harness.client.subscribe('whales', (message) => seen.push(message.data.usdValue), {
      minIntervalMs: 10_000,
      filter: [{ key: 'usdValue', cmp: 'gte', val: 100 }],
    });
    for (const value of [100, 50, 200]) harness.socket.receive(whale('bitcoin', value));
    expect(seen).toEqual([100, 200]);
  });

  it('gets whales of one coin from an older backend by the coin of the message', async () => {
    const harness = await new Harness().connected(coinsWelcome());
    const seen: string[] = [];
    harness.client.subscribe('whales', () => seen.push('all'));
    harness.client.subscribe('whales:bitcoin', () => seen.push('bitcoin'));
    harness.client.subscribe('whales:dogecoin', () => seen.push('dogecoin'));
    harness.socket.receive(whale('bitcoin', 5));
    expect(seen).toEqual(['all', 'bitcoin']);
  });

  it('gets one frame for each of two channels that carry the same event, by its sub', async () => {
    const harness = await new Harness().connected();
    const seen: string[] = [];
    harness.client.subscribe('whales', () => seen.push('all'));
    harness.client.subscribe('whales:bitcoin', () => seen.push('bitcoin'));
    harness.socket.receive(whale('bitcoin', 5, { sub: 'whales', seq: 1, epoch: 'e' }));
    harness.socket.receive(whale('bitcoin', 5, { sub: 'whales:bitcoin', seq: 1, epoch: 'e' }));
    harness.socket.receive(whale('bitcoin', 5, { sub: 'whales:dogecoin', seq: 1, epoch: 'e' }));
    expect(seen).toEqual(['all', 'bitcoin']);
    expect(harness.client.stats().unwantedMessages).toBe(1);
  });

  it('refuses what is no channel, with an example', () => {
    const { client } = new Harness();
    for (const wrong of ['bitcoin', 'coin:', 'coin:__proto__', 'Coin:btc', '', 5, undefined, []]) {
      expect(() => client.subscribe(wrong as 'coin:a')).toThrow(
        expect.objectContaining({ code: 'CONFIGURATION', message: expect.stringContaining('coin:bitcoin') as string }),
      );
    }
  });

  it('refuses more than 10,000 channels', () => {
    const { client } = new Harness();
    const many = Array.from({ length: 10_001 }, (_, index) => `coin:c${index}` as const);
    expect(() => client.subscribe(many)).toThrow(expect.objectContaining({ code: 'TOO_MANY_SUBSCRIPTIONS' }));
  });

  it('is typed by the prefix of its channel', () => {
    const { client } = new Harness();
    expectTypeOf(client.subscribe('coin:a')).toEqualTypeOf<Subscription<PriceTick>>();
    expectTypeOf(client.subscribe('metal:gold')).toEqualTypeOf<Subscription<PriceTick>>();
    expectTypeOf(client.subscribe('whales:a')).toEqualTypeOf<Subscription<WhaleMovement>>();
    expectTypeOf(client.subscribe('social')).toEqualTypeOf<Subscription<SocialSpike>>();
    expectTypeOf(client.subscribe('global')).toEqualTypeOf<Subscription<Announcement>>();
    expectTypeOf(client.subscribe('user')).toEqualTypeOf<Subscription<AlertTriggered>>();
    expectTypeOf(client.subscribe('portfolio')).toEqualTypeOf<Subscription<PortfolioUpdate>>();
    expectTypeOf(client.subscribe(['metal:gold', 'whales'])).toEqualTypeOf<Subscription<PriceTick | WhaleMovement>>();
  });
});

describe('a loop over a subscription', () => {
  it('reads what has come since subscribe, the newest of each channel', async () => {
    const harness = await new Harness().connected();
    const subscription = harness.client.subscribe(['coin:bitcoin', 'coin:dogecoin']);
    for (const message of [price(1), price(2), price(5, 'dogecoin'), price(3)]) harness.socket.receive(message);
    const seen: number[] = [];
    for await (const tick of subscription) {
      seen.push(tick.price);
      if (seen.length === 2) break;
    }
    expect(seen).toEqual([5, 3]);
    expect(subscription.active).toBe(false);
    expect(harness.client.stats().conflated).toBe(2);
  });

  it('waits for the next one', async () => {
    const harness = await new Harness().connected();
    const iterator = harness.client.subscribe('coin:bitcoin')[Symbol.asyncIterator]();
    const next = iterator.next();
    harness.socket.receive(price(7));
    await expect(next).resolves.toMatchObject({ done: false, value: { price: 7 } });
  });

  it.each(['break', 'throw', 'return', 'abort', 'unsubscribe', 'close'] as const)(
    '%s ends it and unsubscribes',
    async (how) => {
      const harness = await new Harness({ lingerMs: 0 }).connected();
      const abort = new AbortController();
      const subscription = harness.client.subscribe('coin:bitcoin', undefined, { signal: abort.signal });
      await settle();
      harness.socket.taken();
      const loop = (async () => {
        for await (const _tick of subscription) {
          if (how === 'break') break;
          if (how === 'return') return;
          if (how === 'throw') throw new Error('in the loop');
        }
      })();
      harness.socket.receive(price(1));
      await settle();
      if (how === 'abort') abort.abort();
      if (how === 'unsubscribe') subscription.unsubscribe();
      if (how === 'close') void harness.client.close();
      if (how === 'throw') await expect(loop).rejects.toThrow('in the loop');
      else await loop;
      await settle();
      expect(subscription.active).toBe(false);
      if (how !== 'close') expect(harness.socket.taken()).toMatchObject([{ type: 'unsubscribe' }]);
    },
  );

  it('ends with the error when the connection has failed', async () => {
    const harness = await new Harness().connected();
    const next = harness.client.subscribe('coin:bitcoin')[Symbol.asyncIterator]().next();
    harness.socket.drop(4403);
    await expect(next).rejects.toBeInstanceOf(PriceStreamError);
  });

  it('keeps events in order and counts those that it has no room for', async () => {
    const harness = await new Harness().connected();
    const subscription = harness.client.subscribe('whales', undefined, { bufferSize: 2 });
    for (const value of [1, 2, 3]) harness.socket.receive(whale('bitcoin', value));
    const seen: unknown[] = [];
    for await (const message of subscription) if (seen.push(message.data.usdValue) === 2) break;
    expect(seen).toEqual([2, 3]);
    expect(harness.client.stats().conflated).toBe(1);
  });

  it('over events ends with the client, and leaves no listener', async () => {
    const harness = await new Harness().connected();
    const seen: unknown[] = [];
    const loop = (async () => {
      for await (const message of harness.client.events('whale_movement')) seen.push(message.data.usdValue);
    })();
    await settle();
    harness.socket.receive(whale('bitcoin', 1));
    await settle();
    await harness.client.close();
    await loop;
    expect(seen).toEqual([1]);
  });

  it('over events with overflow error says so', async () => {
    const harness = await new Harness().connected();
    const events = harness.client.events('whale_movement', { overflow: 'error', bufferSize: 1 });
    for (const value of [1, 2]) harness.socket.receive(whale('bitcoin', value));
    await expect(events.next()).rejects.toMatchObject({ code: 'SLOW_CONSUMER' });
    await expect(events.next()).resolves.toEqual({ done: true, value: undefined });
  });
});

describe('subscriptions and the wire', () => {
  it('of one burst of calls go out as one frame', async () => {
    const harness = await new Harness().connected();
    for (let index = 0; index < 40; index += 1) harness.client.subscribe(`coin:c${index}`, () => undefined);
    await settle();
    expect(harness.socket.taken()).toHaveLength(1);
  });

  it('that come while a connected listener runs go out once', async () => {
    const harness = new Harness();
    harness.client.on('connection', ({ status }) => {
      if (status === 'connected') harness.client.subscribe('coin:late', () => undefined);
    });
    await harness.connected();
    await settle();
    const subscribes = harness.socket.sent.filter((text) => text.includes('"subscribe"'));
    expect(subscribes).toHaveLength(1);
  });

  it('confirm with the ack of their own request', async () => {
    const harness = await new Harness({ lingerMs: 0 }).connected();
    const first = harness.client.subscribe('coin:a', () => undefined);
    await settle();
    first.unsubscribe();
    await settle();
    const ready = harness.client.subscribe('coin:a', () => undefined).ready();
    await settle();
    const [r1, , r3] = harness.socket.taken();
    let settled = false;
    void ready.then(() => (settled = true));
    harness.socket.receive(subscribeAck(r1?.['id'], ['coin:a']));
    await settle();
    expect(settled).toBe(false);
    harness.socket.receive(subscribeAck(r3?.['id'], ['coin:a']));
    await expect(ready).resolves.toEqual({ confirmed: true });
  });
});
