import { act, cleanup, render, renderHook } from '@testing-library/react';
import * as React from 'react';
import { StrictMode, useState } from 'react';
import { renderToString } from 'react-dom/server';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { PriceStreamProvider, useConnection, usePrice, usePriceClient, useWebSocketPrices } from '../src/index.js';
import { observedClient, type ObservedClient } from './observed-client.js';
import { tickOf } from './price-ticks.js';
import { within } from './within.js';

afterEach(() => {
  cleanup();
  vi.restoreAllMocks();
});

describe('PriceStreamProvider', () => {
  it('hands its client down, and never connects or closes it', () => {
    const fake = observedClient();
    const { result, unmount } = renderHook(() => usePriceClient(), { wrapper: within(fake) });
    expect(result.current).toBe(fake.client);
    unmount();
    expect(fake.log).toEqual([]);
  });

  it('shares one subscription between the components of a channel', () => {
    const fake = observedClient();
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
    const [before, after] = [observedClient(), observedClient()];
    after.client.price('coin:bitcoin', 9);
    function Price() {
      return <b>{usePrice('coin:bitcoin')?.price}</b>;
    }
    let change: (fake: ObservedClient) => void = () => undefined;
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
    const fake = observedClient();
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
    act(() => fake.client.price('coin:bitcoin', 50_000));
    expect(container.textContent).toBe('50000');
  });
});

describe('the provider’s props', () => {
  const wrong = (props: unknown) => () =>
    render(<PriceStreamProvider {...(props as { client: ObservedClient['client'] })}>x</PriceStreamProvider>);

  it.each<[string, unknown, RegExp]>([
    ['nothing', {}, /neither a client nor a url. Write <PriceStreamProvider url=/],
    ['null', { client: null }, /neither a client nor a url/],
    ['an empty url', { url: '' }, /neither a client nor a url/],
    ['a url that is no text', { url: 7 }, /neither a client nor a url/],
    ['what is no client', { client: {} }, /its client is none. Pass a PriceWebSocketClient/],
    ['a url as client', { client: 'wss://prices.example' }, /its client is none/],
    ['both', { client: observedClient().client, url: 'ws://localhost:1/ws' }, /Pass one of them/],
    ['a url that is none', { url: 'nonsense:' }, /The URL/],
    ['a wrong option', { url: 'ws://localhost:1/ws', options: { dialect: 'klingon' } }, /dialect/],
  ])('F28: are refused at once where they are %s', (_what, props, words) => {
    vi.spyOn(console, 'error').mockImplementation(() => undefined);
    expect(wrong(props)).toThrow(words);
  });
});

describe('initial prices', () => {
  const { source: _source, ...old } = tickOf('coin:bitcoin', 40_000);
  function Price() {
    const tick = usePrice('coin:bitcoin');
    return (
      <b>
        {tick?.price} {tick?.freshness}
      </b>
    );
  }
  const page = (fake: ObservedClient, receivedAt: number) => (
    <PriceStreamProvider client={fake.client} flush="sync" initialPrices={{ 'coin:bitcoin': { ...old, receivedAt } }}>
      <Price />
    </PriceStreamProvider>
  );

  afterEach(() => vi.useRealTimers());

  it('F41: are as old as their time says, and become stale while no live one comes', () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'], now: 1_000_000 });
    const fake = observedClient();
    const { container, unmount } = render(page(fake, 1_000_000 - 20_000));
    expect(container.textContent).toBe('40000 unverified');
    act(() => void vi.advanceTimersByTime(39_999));
    expect(container.textContent).toBe('40000 unverified');
    act(() => void vi.advanceTimersByTime(1));
    expect(container.textContent).toBe('40000 stale');
    unmount();
    expect(vi.getTimerCount()).toBe(0);
    const late = render(page(observedClient(), 1));
    expect(late.container.textContent).toBe('40000 stale');
  });

  it('F41: of useWebSocketPrices are as old as their time says, and become stale, also where nothing is opened', () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'], now: 1_000_000 });
    const initialPrices = { 'coin:bitcoin': { ...old, receivedAt: 1_000_000 - 20_000 } };
    const options = { coins: ['bitcoin'], enabled: false, initialPrices } as const;
    const { result, unmount } = renderHook(() => useWebSocketPrices('ws://localhost:1/ws', options).prices.bitcoin);
    expect(result.current).toMatchObject({ price: 40_000, freshness: 'unverified' });
    act(() => void vi.advanceTimersByTime(39_999));
    expect(result.current).toMatchObject({ price: 40_000, freshness: 'unverified' });
    act(() => void vi.advanceTimersByTime(1));
    expect(result.current).toMatchObject({ price: 40_000, freshness: 'stale' });
    unmount();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('F41: are not the claims of another client', () => {
    const { container, rerender } = render(page(observedClient(), new Date().getTime()));
    expect(container.textContent).toBe('40000 unverified');
    const other = observedClient();
    rerender(page(other, new Date().getTime()));
    expect(container.textContent).toBe(' ');
    act(() => other.client.price('coin:bitcoin', 9));
    expect(container.textContent).toBe('9 fresh');
  });
});

describe('a page from a server', () => {
  it('hydrates with its initial prices and then shows the live ones, without a complaint of React', () => {
    const complaints = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    const fake = observedClient();
    fake.client.price('coin:bitcoin', 50_000);
    fake.client.setConnection({ status: 'connecting', attempt: 1 });
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
    const fake = observedClient();
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
    fake.client.price('coin:bitcoin', 2);
    rerender(page('visible'));
    expect(container.textContent).toBe('2');
    expect(fake.log.at(-1)).toBe('+coin:bitcoin');
  });
});
