import { PriceStreamError, type Connection } from '@tickwire/client';
import { settle } from '@tickwire/testing';
import { act, cleanup, renderHook } from '@testing-library/react';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { useConnection, usePrice, usePriceClient, usePrices, usePriceState } from '../src/index.js';
import { observedClient } from './observed-client.js';
import { within } from './within.js';

afterEach(() => {
  cleanup();
  vi.useRealTimers();
  vi.restoreAllMocks();
});

describe('usePrice', () => {
  it('gives the last tick, and subscribes while mounted', () => {
    const fake = observedClient();
    const { result, unmount } = renderHook(() => usePrice('coin:bitcoin'), { wrapper: within(fake) });
    expect(result.current).toBeUndefined();
    act(() => fake.client.price('coin:bitcoin', 50_000));
    expect(result.current).toBe(fake.client.prices.get('coin:bitcoin'));
    unmount();
    expect(fake.log).toEqual(['+coin:bitcoin', '-coin:bitcoin']);
    expect(fake.listenerCount()).toBe(0);
  });

  it('renders once for a burst within a frame, and not for another channel', () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'requestAnimationFrame', 'cancelAnimationFrame'] });
    const fake = observedClient();
    const renders = vi.fn<(value: unknown) => void>();
    const wrapper = within(fake, 'frame');
    renderHook(() => renders(usePrice('coin:bitcoin')?.price), { wrapper });
    renderHook(() => usePrice('metal:gold'), { wrapper });
    renders.mockClear();
    for (let price = 1; price <= 1_000; price += 1) fake.client.price('coin:bitcoin', price);
    expect(renders).not.toHaveBeenCalled();
    act(() => void vi.advanceTimersToNextFrame());
    expect(renders.mock.calls).toEqual([[1_000]]);
    fake.client.price('metal:gold', 1);
    act(() => void vi.advanceTimersToNextFrame());
    expect(renders).toHaveBeenCalledTimes(1);
  });

  it('renders only when what it selects changes', () => {
    const fake = observedClient();
    const renders = vi.fn<(value: unknown) => void>();
    renderHook(() => renders(usePrice('coin:bitcoin', (tick) => tick?.direction)), { wrapper: within(fake) });
    for (const price of [1, 2, 3, 1]) act(() => fake.client.price('coin:bitcoin', price));
    expect(renders.mock.calls).toEqual([[undefined], ['same'], ['up'], ['down']]);
  });

  it('keeps an equal selection the same object, from inline functions too', () => {
    const fake = observedClient();
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
    act(() => fake.client.price('coin:bitcoin', 0.5));
    expect(renders).toHaveBeenCalledTimes(1);
    rerender();
    act(() => fake.client.price('coin:bitcoin', 0.7));
    rerender();
    expect([...seen]).toEqual([{ whole: 0 }]);
    act(() => fake.client.price('coin:bitcoin', 1.1));
    expect([...seen]).toEqual([{ whole: 0 }, { whole: 1 }]);
  });

  it('takes a selector that makes a new object each time without looping', () => {
    const fake = observedClient();
    const renders = vi.fn<(value: unknown) => void>();
    renderHook(() => renders(usePrice('coin:bitcoin', (tick) => ({ price: tick?.price }))), { wrapper: within(fake) });
    act(() => fake.client.price('coin:bitcoin', 1));
    expect(renders.mock.calls).toEqual([[{ price: undefined }], [{ price: 1 }]]);
  });

  it('follows its channel from one to another', () => {
    const fake = observedClient();
    fake.client.price('metal:gold', 7);
    const { result, rerender } = renderHook(({ channel }) => usePrice(channel), {
      initialProps: { channel: 'coin:bitcoin' as 'coin:bitcoin' | 'metal:gold' },
      wrapper: within(fake),
    });
    rerender({ channel: 'metal:gold' });
    expect(result.current?.price).toBe(7);
    expect(fake.log).toEqual(['+coin:bitcoin', '-coin:bitcoin', '+metal:gold']);
  });

  it('shows a change that came between render and mount', () => {
    const fake = observedClient();
    let late = true;
    const { result } = renderHook(
      () => {
        const price = usePrice('coin:bitcoin')?.price;
        if (late) {
          late = false;
          queueMicrotask(() => fake.client.price('coin:bitcoin', 2));
          fake.client.price('coin:bitcoin', 1);
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

describe('a hook without a channel', () => {
  it.each([undefined, null])(
    'F28: gives none for %s, subscribes to nothing, and follows a channel once there is one',
    (none) => {
      const fake = observedClient();
      const { result, rerender } = renderHook(
        ({ channel }) => ({
          price: usePrice(channel),
          selected: usePrice(channel, (tick) => tick?.price ?? 'none'),
          state: usePriceState(channel),
          prices: usePrices([channel]),
          all: usePrices(channel === none ? none : [channel]),
        }),
        { initialProps: { channel: none as 'coin:bitcoin' | null | undefined }, wrapper: within(fake) },
      );
      expect(result.current).toEqual({
        price: undefined,
        selected: 'none',
        state: { tick: undefined, error: null, pending: false },
        prices: {},
        all: {},
      });
      expect(fake.log).toEqual([]);
      rerender({ channel: 'coin:bitcoin' });
      act(() => fake.client.price('coin:bitcoin', 5));
      expect(result.current).toMatchObject({ price: { price: 5 }, selected: 5, state: { tick: { price: 5 } } });
      expect(result.current.prices['coin:bitcoin']?.price).toBe(5);
      rerender({ channel: none });
      expect(result.current.price).toBeUndefined();
      expect(fake.log).toEqual(['+coin:bitcoin', '-coin:bitcoin']);
    },
  );
});

describe('a wrong channel', () => {
  it.each(['coin:Bitcoin', 'whales', '', 'bitcoin', 7, {}, 'coin:constructor'])(
    'F43, F28: %j is refused by every hook, says why, and leaves its siblings alone',
    (given) => {
      const complaints = vi.spyOn(console, 'error').mockImplementation(() => undefined);
      const fake = observedClient();
      fake.client.price('coin:bitcoin', 1);
      const wrong = given as 'coin:bitcoin';
      const { result, unmount } = renderHook(
        () => ({
          state: usePriceState(wrong),
          price: usePrice(wrong),
          prices: usePrices(['coin:bitcoin', wrong]),
          sibling: usePrice('coin:bitcoin')?.price,
        }),
        { wrapper: within(fake) },
      );
      expect(result.current).toMatchObject({ price: undefined, sibling: 1 });
      expect(result.current.prices['coin:bitcoin']?.price).toBe(1);
      expect(result.current.state).toMatchObject({ tick: undefined, pending: false });
      expect(result.current.state.error).toMatchObject({ code: 'CONFIGURATION' });
      expect(result.current.state.error?.message).toContain("Write for example 'coin:bitcoin'");
      unmount();
      expect(fake.log).toEqual(['+coin:bitcoin', '-coin:bitcoin']);
      expect(complaints.mock.calls.flat().join()).not.toContain('not wrapped in act');
    },
  );
});

describe('usePriceState', () => {
  it('F62: tells refused, waiting and none apart, and recovers when the server has the channel after all', async () => {
    const fake = observedClient();
    fake.client.on('error', () => undefined);
    fake.client.refuse('coin:refused');
    const { result } = renderHook(
      () => ({
        refused: usePriceState('coin:refused'),
        waiting: usePriceState('coin:bitcoin'),
        none: usePriceState(null),
      }),
      { wrapper: within(fake) },
    );
    expect(result.current.refused).toEqual({ tick: undefined, error: null, pending: true });
    await act(settle);
    expect(result.current.refused).toMatchObject({ tick: undefined, pending: false });
    expect(result.current.refused.error).toBeInstanceOf(PriceStreamError);
    expect(result.current.refused.error).toMatchObject({ code: 'UNKNOWN_CHANNEL' });
    expect(result.current.waiting).toEqual({ tick: undefined, error: null, pending: true });
    expect(result.current.none).toEqual({ tick: undefined, error: null, pending: false });
    const { waiting } = result.current;
    act(() => fake.client.price('coin:refused', 7));
    expect(result.current.refused).toMatchObject({ tick: { price: 7 }, error: null, pending: false });
    expect(result.current.waiting).toBe(waiting);
  });

  it('F62: a refusal that no hook shows is told by the console, once', async () => {
    const complaints = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    const fake = observedClient();
    // Who listens to errors hears of it from the client: what is left to the console is the hooks'.
    fake.client.on('error', () => undefined);
    fake.client.refuse('coin:silent');
    renderHook(() => [usePrice('coin:silent'), usePrices(['coin:silent'])], { wrapper: within(fake) });
    await act(settle);
    expect(complaints.mock.calls).toEqual([
      [expect.stringMatching(/^\[tickwire\] usePrice\('coin:silent'\): .*coin:silent/)],
    ]);
  });
});

describe('a slow flush', () => {
  it('F48: shows the first value of each channel at once, and gathers later ones', () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'requestAnimationFrame', 'cancelAnimationFrame'] });
    const fake = observedClient();
    const { result } = renderHook(() => [usePrice('coin:bitcoin')?.price, usePrice('metal:gold')?.price], {
      wrapper: within(fake, 5_000),
    });
    act(() => fake.client.price('coin:bitcoin', 1));
    expect(result.current).toEqual([1, undefined]);
    act(() => fake.client.price('coin:bitcoin', 2));
    act(() => void vi.advanceTimersByTime(4_000));
    act(() => fake.client.price('metal:gold', 7));
    expect(result.current).toEqual([1, 7]);
    act(() => void vi.advanceTimersByTime(1_000));
    expect(result.current).toEqual([2, 7]);
  });
});

describe('usePrices', () => {
  it('gives an object by channel that stays the same until one of its prices changes', () => {
    const fake = observedClient();
    const { result, rerender } = renderHook(() => usePrices(['coin:bitcoin', 'metal:gold']), { wrapper: within(fake) });
    const first = result.current;
    expect(first).toEqual({});
    rerender();
    expect(result.current).toBe(first);
    act(() => fake.client.price('metal:gold', 2));
    expect(result.current['metal:gold']?.price).toBe(2);
    expect(result.current['coin:bitcoin']).toBeUndefined();
    const second = result.current;
    act(() => fake.client.price('metal:silver', 2));
    expect(result.current).toBe(second);
  });

  it('subscribes once for an inline list, and anew for another one', () => {
    const fake = observedClient();
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
    const fake = observedClient({ connection: 'idle' });
    const { result } = renderHook(() => useConnection(), { wrapper: within(fake) });
    expect(result.current).toEqual({ status: 'idle' });
    const next = reconnecting(5);
    act(() => fake.client.setConnection(next));
    expect(result.current).toBe(next);
    expect(fake.log).toEqual([]);
  });

  it('renders only when what it selects changes', () => {
    const fake = observedClient({ connection: 'idle' });
    const renders = vi.fn<(value: unknown) => void>();
    renderHook(() => renders(useConnection((connection) => connection.status)), { wrapper: within(fake) });
    act(() => fake.client.setConnection(reconnecting(5)));
    act(() => fake.client.setConnection(reconnecting(6)));
    expect(renders.mock.calls).toEqual([['idle'], ['reconnecting']]);
  });
});
