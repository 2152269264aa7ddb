import { PriceStreamError, type Connection } from '@tickwire/client';
import { act, cleanup, renderHook } from '@testing-library/react';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { useConnection, usePrice, usePriceClient, usePrices } from '../src/index.js';
import { fakeClient } from './fake-client.js';
import { within } from './within.js';

afterEach(() => {
  cleanup();
  vi.useRealTimers();
  vi.restoreAllMocks();
});

describe('usePrice', () => {
  it('gives the last tick, and subscribes while mounted', () => {
    const fake = fakeClient();
    const { result, unmount } = renderHook(() => usePrice('coin:bitcoin'), { wrapper: within(fake) });
    expect(result.current).toBeUndefined();
    act(() => fake.set('coin:bitcoin', 50_000));
    expect(result.current).toBe(fake.client.prices.get('coin:bitcoin'));
    unmount();
    expect(fake.log).toEqual(['+coin:bitcoin', '-coin:bitcoin']);
    expect(fake.listenerCount()).toBe(0);
  });

  it('renders once for a burst within a frame, and not for another channel', () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'requestAnimationFrame', 'cancelAnimationFrame'] });
    const fake = fakeClient();
    const renders = vi.fn<(value: unknown) => void>();
    const wrapper = within(fake, 'frame');
    renderHook(() => renders(usePrice('coin:bitcoin')?.price), { wrapper });
    renderHook(() => usePrice('metal:gold'), { wrapper });
    renders.mockClear();
    for (let price = 1; price <= 1_000; price += 1) fake.set('coin:bitcoin', price);
    expect(renders).not.toHaveBeenCalled();
    act(() => void vi.advanceTimersToNextFrame());
    expect(renders.mock.calls).toEqual([[1_000]]);
    fake.set('metal:gold', 1);
    act(() => void vi.advanceTimersToNextFrame());
    expect(renders).toHaveBeenCalledTimes(1);
  });

  it('renders only when what it selects changes', () => {
    const fake = fakeClient();
    const renders = vi.fn<(value: unknown) => void>();
    renderHook(() => renders(usePrice('coin:bitcoin', (tick) => tick?.direction)), { wrapper: within(fake) });
    act(() => fake.set('coin:bitcoin', 1, { direction: 'up' }));
    act(() => fake.set('coin:bitcoin', 2, { direction: 'up' }));
    act(() => fake.set('coin:bitcoin', 1, { direction: 'down' }));
    expect(renders.mock.calls).toEqual([[undefined], ['up'], ['down']]);
  });

  it('keeps an equal selection the same object, from inline functions too', () => {
    const fake = fakeClient();
    const seen = new Set<unknown>();
    const renders = vi.fn();
    const { rerender } = renderHook(
      () => {
        renders();
        seen.add(
          usePrice(
            'coin:bitcoin',
            (tick) => ({ whole: Math.floor(tick?.price ?? 0) }),
            (a, b) => a.whole === b.whole,
          ),
        );
      },
      { wrapper: within(fake) },
    );
    act(() => fake.set('coin:bitcoin', 0.5));
    expect(renders).toHaveBeenCalledTimes(1);
    rerender();
    act(() => fake.set('coin:bitcoin', 0.7));
    rerender();
    expect([...seen]).toEqual([{ whole: 0 }]);
    act(() => fake.set('coin:bitcoin', 1.1));
    expect([...seen]).toEqual([{ whole: 0 }, { whole: 1 }]);
  });

  it('takes a selector that makes a new object each time without looping', () => {
    const fake = fakeClient();
    const renders = vi.fn<(value: unknown) => void>();
    renderHook(() => renders(usePrice('coin:bitcoin', (tick) => ({ price: tick?.price }))), { wrapper: within(fake) });
    act(() => fake.set('coin:bitcoin', 1));
    expect(renders.mock.calls).toEqual([[{ price: undefined }], [{ price: 1 }]]);
  });

  it('follows its channel from one to another', () => {
    const fake = fakeClient();
    fake.set('metal:gold', 7);
    const { result, rerender } = renderHook(({ channel }) => usePrice(channel), {
      initialProps: { channel: 'coin:bitcoin' as 'coin:bitcoin' | 'metal:gold' },
      wrapper: within(fake),
    });
    rerender({ channel: 'metal:gold' });
    expect(result.current?.price).toBe(7);
    expect(fake.log).toEqual(['+coin:bitcoin', '-coin:bitcoin', '+metal:gold']);
  });

  it('shows a change that came between render and mount', () => {
    const fake = fakeClient();
    let late = true;
    const { result } = renderHook(
      () => {
        const price = usePrice('coin:bitcoin')?.price;
        if (late) {
          late = false;
          queueMicrotask(() => fake.set('coin:bitcoin', 2));
          fake.set('coin:bitcoin', 1);
        }
        return price;
      },
      { wrapper: within(fake) },
    );
    expect(result.current).toBe(1);
  });

  it('says what is missing without a provider', () => {
    vi.spyOn(console, 'error').mockImplementation(() => undefined);
    for (const hook of [() => usePrice('coin:bitcoin'), () => usePrices([]), useConnection, usePriceClient]) {
      expect(() => renderHook(() => hook())).toThrow(/PriceStreamProvider/);
    }
  });
});

describe('usePrices', () => {
  it('gives an object by channel that stays the same until one of its prices changes', () => {
    const fake = fakeClient();
    const { result, rerender } = renderHook(() => usePrices(['coin:bitcoin', 'metal:gold']), { wrapper: within(fake) });
    const first = result.current;
    expect(first).toEqual({});
    rerender();
    expect(result.current).toBe(first);
    act(() => fake.set('metal:gold', 2));
    expect(result.current['metal:gold']?.price).toBe(2);
    expect(result.current['coin:bitcoin']).toBeUndefined();
    const second = result.current;
    act(() => fake.set('metal:silver', 2));
    expect(result.current).toBe(second);
  });

  it('subscribes once for an inline list, and anew for another one', () => {
    const fake = fakeClient();
    const { rerender } = renderHook(({ names }) => usePrices([...names]), {
      initialProps: { names: ['coin:bitcoin', 'metal:gold'] as ('coin:bitcoin' | 'metal:gold' | 'metal:silver')[] },
      wrapper: within(fake),
    });
    rerender({ names: ['coin:bitcoin', 'metal:gold'] });
    expect(fake.log).toEqual(['+coin:bitcoin', '+metal:gold']);
    rerender({ names: ['metal:silver'] });
    expect(fake.log.slice(2)).toEqual(['-coin:bitcoin', '-metal:gold', '+metal:silver']);
  });
});

describe('useConnection', () => {
  const lost = new PriceStreamError('CONNECT_FAILED', 'The server cannot be reached.');
  const reconnecting = (retryAt: number): Connection => ({ status: 'reconnecting', attempt: 1, retryAt, cause: lost });

  it('gives the connection and follows it, without subscribing to anything', () => {
    const fake = fakeClient();
    const { result } = renderHook(() => useConnection(), { wrapper: within(fake) });
    expect(result.current).toEqual({ status: 'idle' });
    const next = reconnecting(5);
    act(() => fake.connect(next));
    expect(result.current).toBe(next);
    expect(fake.log).toEqual([]);
  });

  it('renders only when what it selects changes', () => {
    const fake = fakeClient();
    const renders = vi.fn<(value: unknown) => void>();
    renderHook(() => renders(useConnection((connection) => connection.status)), { wrapper: within(fake) });
    act(() => fake.connect(reconnecting(5)));
    act(() => fake.connect(reconnecting(6)));
    expect(renders.mock.calls).toEqual([['idle'], ['reconnecting']]);
  });
});
