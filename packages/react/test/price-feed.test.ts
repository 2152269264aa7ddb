import type { Channel } from '@tickwire/protocol';
import { CollectionCounter } from '@tickwire/lab';
import { createFakeClient, settle } from '@tickwire/testing';
import { describe, expect, it, vi } from 'vitest';
import type { Schedule } from '../src/flush.js';
import type { PriceChannel, PriceTick } from '../src/index.js';
import type { FeedClient } from '../src/feed-client.js';
import { createPriceFeed as createFeed } from '../src/price-feed.js';
import { observedClient } from './observed-client.js';

/** A schedule that waits for the test. */
function byHand() {
  let waiting: (() => void) | undefined;
  const schedule = vi.fn<Schedule>((run) => {
    waiting = run;
    return () => {
      if (waiting === run) waiting = undefined;
    };
  });
  const flush = (): void => {
    const run = waiting;
    waiting = undefined;
    run?.();
  };
  return { schedule, flush, isWaiting: () => waiting !== undefined };
}

const createPriceFeed = (client: object, schedule: Schedule) =>
  createFeed(client as FeedClient, { flush: 'frame', scheduleOf: () => schedule });

const atOnce: Schedule = (run) => {
  run();
  return () => undefined;
};

describe('a price feed', () => {
  it('gathers a burst into one call of each listener', () => {
    const { client } = observedClient();
    const { schedule, flush } = byHand();
    const feed = createPriceFeed(client, schedule);
    const bitcoin = vi.fn();
    const both = vi.fn();
    feed.subscribe(['coin:bitcoin'], bitcoin);
    feed.subscribe(['coin:bitcoin', 'metal:gold'], both);
    for (let price = 1; price <= 1_000; price += 1) {
      client.price('coin:bitcoin', price);
      client.price('metal:gold', price);
    }
    expect(bitcoin).not.toHaveBeenCalled();
    expect(schedule).toHaveBeenCalledTimes(1);
    flush();
    expect(bitcoin).toHaveBeenCalledTimes(1);
    expect(both).toHaveBeenCalledTimes(1);
    expect(feed.get('coin:bitcoin').tick?.price).toBe(1_000);
  });

  it('shows the same price to all until the flush, however it moves', () => {
    const { client } = observedClient();
    const { schedule, flush } = byHand();
    const feed = createPriceFeed(client, schedule);
    client.price('coin:bitcoin', 1);
    feed.subscribe(['coin:bitcoin'], () => undefined);
    const before = feed.get('coin:bitcoin');
    client.price('coin:bitcoin', 2);
    expect(feed.get('coin:bitcoin')).toBe(before);
    flush();
    expect(feed.get('coin:bitcoin').tick?.price).toBe(2);
  });

  it('F42: mounts and unmounts each of many rows for what one of a few costs', async () => {
    const costOf = async (rows: number): Promise<number> => {
      const real = createFakeClient();
      const counter = new CollectionCounter();
      try {
        const feed = createPriceFeed(real, atOnce);
        const undos = Array.from({ length: rows }, (_, row) => feed.subscribe([`coin:c${row}`], () => undefined));
        await settle();
        for (const undo of undos) undo();
        await settle();
        return counter.stop();
      } finally {
        counter.stop();
        await real.close();
      }
    };
    await costOf(10); // what is made once
    const few = await costOf(200);
    expect((await costOf(1_000)) / few).toBeLessThan(6);
  });

  it('tells nobody of another channel', () => {
    const { client } = observedClient();
    const feed = createPriceFeed(client, atOnce);
    const bitcoin = vi.fn();
    feed.subscribe(['coin:bitcoin'], bitcoin);
    feed.subscribe(['metal:gold'], () => undefined);
    client.price('metal:gold', 1);
    client.price('metal:silver', 1);
    expect(bitcoin).not.toHaveBeenCalled();
  });

  it('stays silent when a flush finds the tick that it showed', () => {
    const { client } = observedClient();
    const { schedule, flush, isWaiting } = byHand();
    let touch = (): void => undefined;
    const touched = {
      subscribe: client.subscribe,
      connection: client.connection,
      prices: {
        ...client.prices,
        subscribe: (channel: PriceChannel, tell: (tick: PriceTick) => void) => {
          // Tells of a change where there is none.
          touch = () => tell(client.prices.get(channel)!);
          return client.prices.subscribe(channel, tell);
        },
      },
    };
    const feed = createPriceFeed(touched, schedule);
    const listener = vi.fn();
    feed.subscribe(['coin:bitcoin'], listener);
    client.price('coin:bitcoin', 1);
    flush();
    listener.mockClear();
    touch();
    expect(isWaiting()).toBe(true);
    flush();
    expect(listener).not.toHaveBeenCalled();
  });

  it('delivers at once with a schedule that does not wait, again and again', () => {
    const { client } = observedClient();
    const feed = createPriceFeed(client, atOnce);
    const seen: (number | undefined)[] = [];
    feed.subscribe(['coin:bitcoin'], () => seen.push(feed.get('coin:bitcoin').tick?.price));
    for (const price of [1, 2, 3]) client.price('coin:bitcoin', price);
    expect(seen).toEqual([1, 2, 3]);
  });

  it('holds one subscription for a channel, from its first listener to its last', () => {
    const { client, log, listenerCount } = observedClient();
    const feed = createPriceFeed(client, atOnce);
    const first = feed.subscribe(['coin:bitcoin', 'coin:bitcoin'], () => undefined);
    const second = feed.subscribe(['coin:bitcoin', 'metal:gold'], () => undefined);
    first();
    expect(log).toEqual(['+coin:bitcoin', '+metal:gold']);
    second();
    second();
    expect(log).toEqual(['+coin:bitcoin', '+metal:gold', '-coin:bitcoin', '-metal:gold']);
    expect(listenerCount()).toBe(0);
  });

  it('counts one listener as often as it subscribes', () => {
    const { client, log } = observedClient();
    const feed = createPriceFeed(client, atOnce);
    const listener = vi.fn();
    const first = feed.subscribe(['coin:bitcoin'], listener);
    feed.subscribe(['coin:bitcoin'], listener);
    first();
    client.price('coin:bitcoin', 1);
    expect(listener).toHaveBeenCalledTimes(1);
    expect(log).toEqual(['+coin:bitcoin']);
  });

  it('delivers nothing after the undo, even what was waiting', () => {
    const { client } = observedClient();
    const { schedule, flush, isWaiting } = byHand();
    const feed = createPriceFeed(client, schedule);
    const listener = vi.fn();
    const stop = feed.subscribe(['coin:bitcoin'], listener);
    client.price('coin:bitcoin', 1);
    stop();
    expect(isWaiting()).toBe(false);
    flush();
    expect(listener).not.toHaveBeenCalled();
  });

  it('skips a listener that an earlier one of the same flush took away', () => {
    const { client } = observedClient();
    const feed = createPriceFeed(client, atOnce);
    const late = vi.fn();
    let stopLate: () => void = () => undefined;
    feed.subscribe(['coin:bitcoin'], () => stopLate());
    stopLate = feed.subscribe(['coin:bitcoin'], late);
    client.price('coin:bitcoin', 1);
    expect(late).not.toHaveBeenCalled();
  });

  it('F43: refuses a channel that is none without throwing, says why, and serves its siblings', () => {
    const complaints = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    const { client, log, listenerCount } = observedClient();
    const feed = createPriceFeed(client, atOnce);
    const stop = feed.subscribe(['coin:bitcoin', 'metal:Gold', 'whales', ''], () => undefined);
    expect(log).toEqual(['+coin:bitcoin']);
    client.price('coin:bitcoin', 1);
    expect(feed.get('coin:bitcoin')).toMatchObject({ tick: { price: 1 }, error: null, pending: false });
    expect(feed.get('metal:Gold')).toMatchObject({ tick: undefined, error: { code: 'CONFIGURATION' }, pending: false });
    expect(feed.get('whales').error?.message).toMatch(/'whales' carries no prices. Write for example 'coin:bitcoin'/);
    expect(complaints).toHaveBeenCalledTimes(3);
    feed.subscribe(['metal:Gold'], () => undefined)();
    expect(complaints).toHaveBeenCalledTimes(3);
    stop();
    expect(log).toEqual(['+coin:bitcoin', '-coin:bitcoin']);
    expect(listenerCount()).toBe(0);
    complaints.mockRestore();
  });

  it('F47: holds nothing of what the client refuses, whatever it throws', () => {
    const { client, log, listenerCount } = observedClient();
    const refusing = {
      prices: client.prices,
      connection: client.connection,
      subscribe: (channel: Channel) => {
        if (channel === 'coin:bitcoin') return client.subscribe(channel);
        throw new TypeError(`no ${channel}`);
      },
    };
    const feed = createPriceFeed(refusing, atOnce);
    const stop = feed.subscribe(['coin:a', 'coin:bitcoin', 'coin:b'], () => undefined, true);
    expect(feed.get('coin:a').error).toMatchObject({ code: 'UNAVAILABLE', message: 'no coin:a' });
    expect(log).toEqual(['+coin:bitcoin']);
    stop();
    stop();
    expect(log).toEqual(['+coin:bitcoin', '-coin:bitcoin']);
    expect(listenerCount()).toBe(0);
  });

  it('goes on after everybody left and came back', () => {
    const { client } = observedClient();
    const { schedule, flush } = byHand();
    const feed = createPriceFeed(client, schedule);
    const stop = feed.subscribe(['coin:bitcoin'], () => undefined);
    client.price('coin:bitcoin', 1);
    stop();
    const listener = vi.fn();
    feed.subscribe(['coin:bitcoin'], listener);
    expect(feed.get('coin:bitcoin').tick?.price).toBe(1);
    client.price('coin:bitcoin', 2);
    flush();
    expect(listener).toHaveBeenCalledTimes(1);
  });
});
