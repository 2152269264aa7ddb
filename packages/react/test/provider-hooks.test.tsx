import { PriceStreamError, type Connection } from '@tickwire/client';
import { act, cleanup, render, renderHook } from '@testing-library/react';
import { Activity, StrictMode, useState, type ReactNode } from 'react';
import { renderToString } from 'react-dom/server';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { PriceStreamProvider, useConnection, usePrice, usePriceClient, usePrices, type Flush } from '../src/index.js';
import { fakeClient, tickOf, type FakeClient } from './fake-client.js';

afterEach(() => {
  cleanup();
  vi.useRealTimers();
  vi.restoreAllMocks();
});

function within({ client }: FakeClient, flush: Flush = 'sync') {
  return function Wrapper({ children }: { children: ReactNode }) {
    return (
      <PriceStreamProvider client={client} flush={flush}>
        {children}
      </PriceStreamProvider>
    );
  };
}

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

describe('a page from a server', () => {
  it('hydrates with its initial prices and then shows the live ones, without a complaint of React', () => {
    const complaints = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    const fake = fakeClient();
    fake.set('coin:bitcoin', 50_000);
    fake.connect({ status: 'connecting', attempt: 1 });
    const initialPrices = { 'coin:bitcoin': tickOf('coin:bitcoin', 40_000) };
    const seen: string[] = [];
    function Price() {
      const text = `${usePrice('coin:bitcoin')?.price} ${useConnection((connection) => connection.status)}`;
      seen.push(text);
      return <b>{text}</b>;
    }
    const page = (
      <PriceStreamProvider client={fake.client} initialPrices={initialPrices}>
        <Price />
      </PriceStreamProvider>
    );
    const container = document.createElement('div');
    container.innerHTML = renderToString(page);
    document.body.append(container);
    expect(container.textContent).toBe('40000 idle');
    seen.length = 0;
    render(page, { container, hydrate: true });
    expect(seen[0]).toBe('40000 idle');
    expect(container.textContent).toBe('50000 connecting');
    expect(complaints).not.toHaveBeenCalled();
    container.remove();
  });

  it('lets go while an Activity hides it, and comes back', () => {
    const fake = fakeClient();
    function Price() {
      return usePrice('coin:bitcoin')?.price;
    }
    const page = (mode: 'visible' | 'hidden') => (
      <PriceStreamProvider client={fake.client} flush="sync">
        <Activity mode={mode}>
          <Price />
        </Activity>
      </PriceStreamProvider>
    );
    const { container, rerender } = render(page('visible'));
    rerender(page('hidden'));
    expect(fake.log).toEqual(['+coin:bitcoin', '-coin:bitcoin']);
    fake.set('coin:bitcoin', 2);
    rerender(page('visible'));
    expect(container.textContent).toBe('2');
    expect(fake.log.at(-1)).toBe('+coin:bitcoin');
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

describe('PriceStreamProvider', () => {
  it('hands its client down, and never connects or closes it', () => {
    const fake = fakeClient();
    const { result, unmount } = renderHook(() => usePriceClient(), { wrapper: within(fake) });
    expect(result.current).toBe(fake.client);
    unmount();
    expect(fake.log).toEqual([]);
  });

  it('shares one subscription between the components of a channel', () => {
    const fake = fakeClient();
    function Price() {
      return <b>{usePrice('coin:bitcoin')?.price}</b>;
    }
    const { unmount } = render(
      <>
        <Price />
        <Price />
      </>,
      { wrapper: within(fake) },
    );
    expect(fake.listenerCount()).toBe(1);
    unmount();
    expect(fake.log).toEqual(['+coin:bitcoin', '-coin:bitcoin']);
  });

  it('moves its components to another client', () => {
    const [before, after] = [fakeClient(), fakeClient()];
    after.set('coin:bitcoin', 9);
    function Price() {
      return <b>{usePrice('coin:bitcoin')?.price}</b>;
    }
    let change: (fake: FakeClient) => void = () => undefined;
    function Page() {
      const [fake, setFake] = useState(before);
      change = setFake;
      return (
        <PriceStreamProvider client={fake.client}>
          <Price />
        </PriceStreamProvider>
      );
    }
    const { container } = render(<Page />);
    act(() => change(after));
    expect(container.textContent).toBe('9');
    expect(before.log).toEqual(['+coin:bitcoin', '-coin:bitcoin']);
    expect(before.listenerCount()).toBe(0);
  });

  it('shows initial prices until the first live one, and takes them inline', () => {
    const fake = fakeClient();
    const { source, ...initial } = tickOf('coin:bitcoin', 40_000);
    const renders = vi.fn();
    function Price() {
      const tick = usePrice('coin:bitcoin');
      renders(tick);
      return <b>{tick?.price}</b>;
    }
    const page = () => (
      <StrictMode>
        <PriceStreamProvider client={fake.client} flush="sync" initialPrices={{ 'coin:bitcoin': { ...initial } }}>
          <Price />
        </PriceStreamProvider>
      </StrictMode>
    );
    const { container, rerender } = render(page());
    rerender(page());
    expect(container.textContent).toBe('40000');
    expect(new Set(renders.mock.calls.map(([tick]) => tick as unknown)).size).toBe(1);
    expect(source.type).toBe('price_update');
    act(() => fake.set('coin:bitcoin', 50_000));
    expect(container.textContent).toBe('50000');
  });
});
