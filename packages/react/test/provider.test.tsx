import { act, cleanup, render, renderHook } from '@testing-library/react';
import * as React from 'react';
import { StrictMode, useState } from 'react';
import { renderToString } from 'react-dom/server';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { PriceStreamProvider, useConnection, usePrice, usePriceClient } from '../src/index.js';
import { fakeClient, tickOf, type FakeClient } from './fake-client.js';
import { within } from './within.js';

afterEach(() => {
  cleanup();
  vi.restoreAllMocks();
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
    // One of the price, one of the connection.
    expect(fake.listenerCount()).toBe(2);
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

  // React 18 has none. A namespace, so that its absence is no error of the module.
  const { Activity } = React;
  it.skipIf((Activity as unknown) === undefined)('lets go while an Activity hides it, and comes back', () => {
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
