/** What holds for every hook below a provider: on a server, while hydrating, hidden, with a wrong channel, beside one that throws. */
import { settle } from '@tickwire/testing';
import { act, cleanup, render } from '@testing-library/react';
import * as React from 'react';
import { Component, StrictMode, type ReactNode } from 'react';
import { hydrateRoot } from 'react-dom/client';
import { renderToString } from 'react-dom/server';
import { afterEach, describe, expect, it, vi } from 'vitest';
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
  useSocialSpikes,
  useStreamEvent,
  useWhaleMovements,
  type InitialPrice,
  type PriceChannel,
} from '../src/index.js';
import { observedClient, type ObservedClient } from './observed-client.js';

afterEach(() => {
  cleanup();
  vi.restoreAllMocks();
});

const bitcoin: InitialPrice = {
  channel: 'coin:bitcoin',
  id: 'bitcoin',
  price: 50_000,
  timestamp: undefined,
  receivedAt: Date.now(),
  freshness: 'fresh',
  direction: 'same',
};
const initialPrices = { 'coin:bitcoin': bitcoin };

interface Asked {
  channel: PriceChannel | null | undefined;
  coinId: string | undefined;
}

/** All hooks at once, as text. */
function Everything({ channel, coinId }: Asked): ReactNode {
  useStreamEvent('announcement', () => undefined);
  const { rules, items: alerts } = useAlerts();
  return JSON.stringify([
    usePrice(channel)?.price ?? null,
    usePriceState(channel).error?.code ?? null,
    Object.keys(usePrices([channel])),
    usePriceDirection(channel),
    useFreshness(channel, { staleAfterMs: 60_000 }) ?? null,
    usePriceHistory(channel).length,
    useConnection().status,
    [alerts.length, rules.length],
    [useWhaleMovements({ coinId }).total, useWhaleMovements({ coinId }).error?.code ?? null],
    useSocialSpikes({ coinId }).total,
    usePortfolio().pending,
  ]);
}

const page = ({ client }: ObservedClient, asked: Asked, beside: ReactNode = null): ReactNode => (
  <StrictMode>
    <PriceStreamProvider client={client} initialPrices={initialPrices} flush="sync">
      <p>
        <Everything {...asked} />
      </p>
      {beside}
    </PriceStreamProvider>
  </StrictMode>
);
const all: Asked = { channel: 'coin:bitcoin', coinId: 'bitcoin' };
const onServer = '[50000,null,["coin:bitcoin"],null,"unverified",0,"idle",[0,0],[0,null],0,true]';

describe('every hook', () => {
  it('renders on a server what hydration begins with, opens nothing there, and then shows what is live', async () => {
    const complaints = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    const fake = observedClient({ token: 'alice' });
    const html = renderToString(page(fake, all)).replaceAll('&quot;', '"');
    expect(html).toBe(`<p>${onServer}</p>`);
    expect(fake.log).toEqual([]);
    const container = document.createElement('div');
    container.innerHTML = html;
    fake.client.price('coin:bitcoin', 51_000);
    await act(async () => {
      hydrateRoot(container, page(fake, all));
      await settle();
    });
    expect(container.textContent).toBe(
      '[51000,null,["coin:bitcoin"],null,"fresh",1,"connected",[0,0],[0,null],0,true]',
    );
    expect(complaints).not.toHaveBeenCalled();
  });

  it('lets go of all that it holds when it is gone, also after StrictMode has mounted it twice', async () => {
    const fake = observedClient({ token: 'alice' });
    const { unmount } = render(page(fake, all));
    await act(settle);
    expect([...fake.client.watched].sort()).toEqual([
      'coin:bitcoin',
      'portfolio',
      'social:bitcoin',
      'user',
      'whales:bitcoin',
    ]);
    unmount();
    expect(fake.client.watched).toEqual([]);
    expect(fake.listenerCount()).toBe(0);
    const counts = new Map<string, number>();
    for (const line of fake.log)
      counts.set(line.slice(1), (counts.get(line.slice(1)) ?? 0) + (line[0] === '+' ? 1 : -1));
    expect([...counts.values()].filter((count) => count !== 0)).toEqual([]);
  });

  it.each([undefined, null])('asks for nothing where none is selected (%s)', async (none) => {
    const fake = observedClient();
    const { container } = render(page(fake, { channel: none, coinId: undefined }));
    await act(settle);
    expect([...fake.client.watched].sort()).toEqual(['portfolio', 'user']);
    expect(container.textContent).toBe('[null,null,[],null,null,0,"connected",[0,0],[0,null],0,true]');
  });

  it('F43: says what is wrong with a wrong channel, opens nothing for it, and leaves its siblings alone', async () => {
    vi.spyOn(console, 'error').mockImplementation(() => undefined);
    const fake = observedClient();
    const Sibling = (): ReactNode => <b>{usePrice('metal:gold')?.price}</b>;
    const { container } = render(page(fake, { channel: 'coin:Wrong', coinId: 'Wrong' }, <Sibling />));
    act(() => fake.client.price('metal:gold', 7));
    await act(settle);
    expect(container.querySelector('p')?.textContent).toBe(
      '[null,"CONFIGURATION",[],null,null,0,"connected",[0,0],[0,"CONFIGURATION"],0,true]',
    );
    expect(container.querySelector('b')?.textContent).toBe('7');
    expect(fake.log.filter((line) => line.includes('Wrong'))).toEqual([]);
  });

  it('a selector that throws reaches the nearest boundary alone', () => {
    vi.spyOn(console, 'error').mockImplementation(() => undefined);
    class Boundary extends Component<{ children: ReactNode }, { failed: boolean }> {
      override state = { failed: false };
      static getDerivedStateFromError = () => ({ failed: true });
      override render(): ReactNode {
        return this.state.failed ? <i>failed</i> : this.props.children;
      }
    }
    const fake = observedClient();
    const Thrower = (): ReactNode =>
      usePrice('coin:bitcoin', (tick) => {
        if (tick?.price === 13) throw new Error('a slip');
        return tick?.price;
      });
    const { container } = render(
      page(
        fake,
        all,
        <Boundary>
          <Thrower />
        </Boundary>,
      ),
    );
    act(() => fake.client.price('coin:bitcoin', 12));
    act(() => fake.client.price('coin:bitcoin', 13));
    act(() => fake.client.price('coin:bitcoin', 14));
    expect(container.querySelector('i')?.textContent).toBe('failed');
    expect(container.querySelector('p')?.textContent).toMatch(/^\[14,/);
  });

  const { Activity } = React;
  it.skipIf((Activity as unknown) === undefined)(
    'lets go while an Activity hides it, keeps its lists, and comes back',
    async () => {
      const fake = observedClient();
      const List = (): ReactNode =>
        useWhaleMovements()
          .items.map(({ data }) => data.usdValue)
          .join(' ');
      const shown = (mode: 'visible' | 'hidden'): ReactNode => (
        <PriceStreamProvider client={fake.client} flush="sync">
          <Activity mode={mode}>
            <p>
              <List />
            </p>
          </Activity>
        </PriceStreamProvider>
      );
      const { container, rerender } = render(shown('visible'));
      await act(settle);
      const whale = (usdValue: number): Promise<void> =>
        act(async () => {
          fake.client.event('whales', { usdValue });
          await settle();
        });
      await whale(1);
      rerender(shown('hidden'));
      expect(fake.client.watched).toEqual([]);
      rerender(shown('visible'));
      await act(settle);
      await whale(2);
      expect(container.querySelector('p')?.textContent).toBe('1 2');
    },
  );
});
