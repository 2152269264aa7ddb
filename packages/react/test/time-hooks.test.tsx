/** Hooks whose value changes with time too: the direction of a change, freshness, history. */
import { createFakeClient, settle, type FakeClient } from '@tickwire/testing';
import { act, cleanup, renderHook } from '@testing-library/react';
import { StrictMode, type ReactNode } from 'react';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { PriceStreamProvider, useFreshness, usePriceDirection, usePriceHistory } from '../src/index.js';
import { freshnessOf } from '../src/use-freshness.js';
import { directionOf } from '../src/use-price-direction.js';

let client: FakeClient;
beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] }));
afterEach(async () => {
  cleanup();
  vi.useRealTimers();
  await client.close();
});

const wrapper = ({ children }: { children: ReactNode }): ReactNode => (
  <StrictMode>
    <PriceStreamProvider client={client} flush="sync">
      {children}
    </PriceStreamProvider>
  </StrictMode>
);
const price = (value: number): void => act(() => client.price('coin:bitcoin', value));
const pass = (ms: number): void => act(() => void vi.advanceTimersByTime(ms));

describe('usePriceDirection', () => {
  it('says which way a price went, for as long as it is told to', () => {
    client = createFakeClient({ prices: { 'coin:bitcoin': 10 } });
    const seen: unknown[] = [];
    const { result, unmount } = renderHook(
      () => {
        const direction = usePriceDirection('coin:bitcoin', { holdMs: 500 });
        if (seen.at(-1) !== direction) seen.push(direction);
        return direction;
      },
      { wrapper },
    );
    expect(result.current).toBeNull();
    price(11);
    expect(result.current).toBe('up');
    pass(300);
    price(12);
    pass(300);
    expect(result.current).toBe('up');
    price(9);
    expect(result.current).toBe('down');
    pass(500);
    expect(result.current).toBeNull();
    expect(seen).toEqual([null, 'up', 'down', null]);
    price(8);
    unmount();
    expect(vi.getTimerCount()).toBe(0);
  });

  it.each([
    ['the first price', [[5, 0]], null],
    [
      'the same price again',
      [
        [5, 0],
        [5, 1],
      ],
      null,
    ],
    [
      'a rise',
      [
        [5, 0],
        [6, 1],
      ],
      'up',
    ],
    [
      'a fall after a rise',
      [
        [5, 0],
        [6, 1],
        [5, 2],
      ],
      'down',
    ],
    [
      'a rise that is over',
      [
        [5, 0],
        [6, 1],
        [6, 101],
      ],
      null,
    ],
  ] as const)('of %s it is as the table says', (_case, prices, expected) => {
    client = createFakeClient();
    const derive = directionOf(100);
    const last = prices.map(([value, now]) => {
      client.price('coin:bitcoin', value);
      return derive({ tick: client.prices.get('coin:bitcoin'), error: null, pending: false }, now);
    });
    expect(last.at(-1)?.value).toBe(expected);
  });
});

describe('useFreshness', () => {
  it('wakes once, when the price has become too old, and not with every price', async () => {
    client = createFakeClient({ prices: { 'coin:bitcoin': 10 } });
    let renders = 0;
    const { result } = renderHook(
      () => {
        renders += 1;
        return useFreshness('coin:bitcoin', { staleAfterMs: 10_000 });
      },
      { wrapper },
    );
    expect(result.current).toBe('fresh');
    renders = 0;
    for (let value = 1; value < 5; value += 1) {
      await act(() => client.clock.advance(9_000));
      pass(9_000);
      price(value);
    }
    expect(renders).toBe(0);
    pass(10_000);
    expect(result.current).toBe('stale');
    await act(() => client.clock.advance(10_000));
    price(1);
    expect(result.current).toBe('fresh');
  });

  it('is never fresher than the client says', () => {
    client = createFakeClient({ prices: { 'coin:bitcoin': 10 } });
    const tick = client.prices.get('coin:bitcoin')!;
    const state = { tick: { ...tick, freshness: 'unverified' as const }, error: null, pending: false };
    expect(freshnessOf(50)(state, tick.receivedAt)).toEqual({ value: 'unverified', until: tick.receivedAt + 50 });
    expect(freshnessOf(50)(state, tick.receivedAt + 50).value).toBe('stale');
  });
});

describe('usePriceHistory', () => {
  it('begins with what the server remembers, then takes the last price of each span', async () => {
    const at = (seconds: number): string => new Date(Date.now() - seconds * 1_000).toISOString();
    client = createFakeClient();
    for (const seconds of [40, 30, 20]) client.price('coin:bitcoin', { price: seconds, timestamp: at(seconds) });
    const { result } = renderHook(() => usePriceHistory('coin:bitcoin', { points: 4, everyMs: 1_000 }), { wrapper });
    await act(settle);
    const prices = (): number[] => result.current.map((point) => point.price);
    expect(prices()).toEqual([40, 30, 20]);
    pass(1_000);
    for (const value of [1, 2, 3]) price(value);
    expect(prices()).toEqual([40, 30, 20, 1]);
    pass(1_000);
    expect(prices()).toEqual([30, 20, 1, 3]);
    const before = result.current;
    pass(5_000);
    expect(result.current).toBe(before);
  });

  it.each([undefined, null])('is empty for %s', (none) => {
    client = createFakeClient();
    const { result } = renderHook(() => [usePriceHistory(none), usePriceDirection(none), useFreshness(none)], {
      wrapper,
    });
    expect(result.current).toEqual([[], null, undefined]);
  });
});
