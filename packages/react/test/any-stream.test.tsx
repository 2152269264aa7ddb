/** A provider with a stream that is no client of the contract: hooks take its channels as its dialect names them. */
import { PriceStream, type Dialect, type DialectSource, type Tick } from '@tickwire/client/core';
import { metals, tickwire } from '@tickwire/client/dialects';
import { FakeEnvironment, FakeSockets, settle, type FakeSocket } from '@tickwire/testing';
import { act, cleanup, render, renderHook } from '@testing-library/react';
import { StrictMode, type ReactNode } from 'react';
import { afterEach, expect, it, vi } from 'vitest';
import {
  PriceStreamProvider,
  useAlerts,
  useConnection,
  useFreshness,
  usePortfolio,
  usePrice,
  usePriceDirection,
  usePriceHistory,
  usePrices,
  usePriceState,
  useStreamEvent,
  useWhaleMovements,
} from '../src/core.js';

interface Pairs {
  eurusd: Tick<'eurusd', { eurusd: number }>;
}

type Forex = PriceStream<Pairs>;

/** Says `{ "eurusd": 1.08 }`, and has no other pair. */
const forex: Dialect<Pairs> = {
  name: 'forex',
  carry: (channel) => (channel === 'eurusd' ? true : undefined),
  read(message, link) {
    const { eurusd: price } = message as { eurusd: number };
    link.price({ channel: 'eurusd', id: 'eurusd', price, timestamp: undefined }, message);
  },
};

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  cleanup();
  vi.restoreAllMocks();
  for (const end of ends.splice(0)) await end();
});

function staged<Channels extends object, Events extends object>(dialect: DialectSource<Channels, Events>) {
  const sockets = new FakeSockets();
  const stream = new PriceStream('wss://prices.invalid', {
    dialect,
    WebSocket: sockets.WebSocket,
    environment: new FakeEnvironment(),
  });
  ends.push(() => stream.close());
  const happen = (action: (socket: FakeSocket) => void): Promise<void> =>
    act(async () => {
      action(sockets.all.at(-1)!);
      await settle();
    });
  const wrapper = ({ children }: { children: ReactNode }): ReactNode => (
    <StrictMode>
      <PriceStreamProvider client={stream} flush="sync">
        {children}
      </PriceStreamProvider>
    </StrictMode>
  );
  return { sockets, happen, wrapper };
}

it('shows prices of a dialect of one’s own, under its own names, over one socket', async () => {
  const { sockets, happen, wrapper } = staged(forex);
  const { result, unmount } = renderHook(
    () => ({
      price: usePrice<Forex>('eurusd')?.price,
      mid: usePrice<number | undefined, Forex>('eurusd', (tick) => tick?.source.eurusd),
      all: usePrices<Forex>(['eurusd']).eurusd?.price,
      direction: usePriceDirection<Forex>('eurusd'),
      freshness: useFreshness<Forex>('eurusd'),
      history: usePriceHistory<Forex>('eurusd', { everyMs: 0 }).map(({ price }) => price),
      status: useConnection((connection) => connection.status),
    }),
    { wrapper },
  );
  await happen((socket) => socket.open());
  await happen((socket) => socket.receive({ eurusd: 1.08 }));
  await happen((socket) => socket.receive({ eurusd: 1.09 }));
  expect(result.current).toEqual({
    price: 1.09,
    mid: 1.09,
    all: 1.09,
    direction: 'up',
    freshness: 'fresh',
    history: [1.08, 1.09],
    status: 'connected',
  });
  unmount();
  expect(sockets.all).toHaveLength(1);
});

it('a channel that the dialect does not have is refused in its own hook alone', async () => {
  const { happen, wrapper } = staged(forex);
  const { result } = renderHook(
    () => ({ bad: usePriceState<Forex>('eurchf' as 'eurusd'), good: usePriceState<Forex>('eurusd') }),
    { wrapper },
  );
  await happen((socket) => socket.open());
  await happen((socket) => socket.receive({ eurusd: 1.08 }));
  expect(result.current.bad).toMatchObject({ tick: undefined, pending: false, error: { code: 'UNKNOWN_CHANNEL' } });
  expect(result.current.good).toMatchObject({ tick: { price: 1.08 }, error: null });
});

it('hooks that need what a dialect lacks say so, and leave prices alone', async () => {
  const { happen, wrapper } = staged(metals());
  const { result } = renderHook(
    () => ({
      gold: usePrice('metal:gold')?.price,
      alerts: useAlerts(),
      whales: useWhaleMovements(),
      portfolio: usePortfolio(),
    }),
    { wrapper },
  );
  await happen((socket) => socket.open());
  await happen((socket) => socket.receive({ type: 'priceUpdate', data: { gold: { price: 5 } } }));
  const { gold, alerts, whales, portfolio } = result.current;
  expect(gold).toBe(5);
  expect(alerts).toMatchObject({ items: [], rules: [], error: { code: 'UNKNOWN_CHANNEL' } });
  expect(whales.error?.message).toContain('The metals dialect has no whales');
  expect(portfolio).toMatchObject({ portfolio: undefined, pending: false, error: { code: 'UNKNOWN_CHANNEL' } });
  await act(() =>
    expect(alerts.create({ alertType: 'price_above', condition: {} })).rejects.toMatchObject({ code: 'UNAVAILABLE' }),
  );
});

it('a stream without alert rules shows the alerts that fire, and why there are no rules', async () => {
  const { happen, wrapper } = staged(tickwire({ token: 'jwt' }));
  const { result } = renderHook(() => useAlerts(), { wrapper });
  await happen(() => undefined);
  expect(result.current).toMatchObject({ items: [], rules: [], error: { code: 'UNAVAILABLE' } });
  expect(result.current.error?.message).toContain('PriceWebSocketClient');
});

it('side effects hear the events of any stream', async () => {
  const { happen, wrapper } = staged(forex);
  const heard: unknown[] = [];
  renderHook(
    () => {
      useStreamEvent('price', ({ price }) => heard.push(price));
      return usePrice<Forex>('eurusd')?.price;
    },
    { wrapper },
  );
  await happen((socket) => socket.open());
  await happen((socket) => socket.receive({ eurusd: 1.08 }));
  expect(heard).toEqual([1.08]);
});

it('the provider of this door takes a client alone', () => {
  vi.spyOn(console, 'error').mockImplementation(() => undefined);
  const client = 'wss://prices.invalid' as never;
  expect(() => render(<PriceStreamProvider client={client} />)).toThrow(/its client is none/);
});
