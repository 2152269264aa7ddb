/** Hooks of what is no price: events, alerts with their rules, the portfolio, side effects. */
import { createFakeClient, settle, type FakeClient } from '@tickwire/testing';
import { act, cleanup, render, renderHook } from '@testing-library/react';
import { StrictMode, type ReactNode } from 'react';
import { afterEach, describe, expect, it, vi } from 'vitest';
import {
  PriceStreamProvider,
  useAlerts,
  usePortfolio,
  useSocialSpikes,
  useStreamEvent,
  useWhaleMovements,
  type AlertRule,
} from '../src/index.js';

let client: FakeClient;
afterEach(async () => {
  cleanup();
  vi.restoreAllMocks();
  await client.close();
});

const wrapper = ({ children }: { children: ReactNode }): ReactNode => (
  <StrictMode>
    <PriceStreamProvider client={client} flush="sync">
      {children}
    </PriceStreamProvider>
  </StrictMode>
);
const happen = (action: () => void): Promise<void> =>
  act(async () => {
    action();
    await settle();
  });

describe('useWhaleMovements and useSocialSpikes', () => {
  it('give every event in order, and count those that the list has no room for', async () => {
    client = createFakeClient();
    const { result, rerender } = renderHook(
      ({ max }) => ({ whales: useWhaleMovements({ max }), spikes: useSocialSpikes() }),
      { wrapper, initialProps: { max: 3 } },
    );
    await happen(() => undefined);
    await happen(() => {
      for (let usdValue = 1; usdValue <= 5; usdValue += 1) client.event('whales', { usdValue });
      client.event('social', { platform: 'reddit' });
    });
    const { whales, spikes } = result.current;
    expect(whales.items.map(({ data }) => data.usdValue)).toEqual([3, 4, 5]);
    expect(whales.total).toBe(5);
    expect(spikes.items.map(({ data }) => data.platform)).toEqual(['reddit']);
    rerender({ max: 3 });
    expect(result.current.whales).toBe(whales);
    await happen(whales.clear);
    expect(result.current.whales).toMatchObject({ items: [], total: 0, error: null });
    await happen(() => client.event('whales', { usdValue: 6 }));
    expect(result.current.whales).toMatchObject({ items: [{ data: { usdValue: 6 } }], total: 1 });
  });

  it('follow one coin, a filter, or none', async () => {
    client = createFakeClient();
    const { result, rerender } = renderHook(
      ({ coinId }) => ({
        one: useWhaleMovements({ coinId }).total,
        large: useWhaleMovements({ filter: [{ key: 'usdValue', cmp: 'gte', val: 100 }] }).total,
        none: useWhaleMovements(null).total,
      }),
      { wrapper, initialProps: { coinId: undefined as string | undefined } },
    );
    await happen(() => undefined);
    expect(client.watched).toEqual(['whales']);
    rerender({ coinId: 'solana' });
    await happen(() => undefined);
    await happen(() => {
      client.event('whales', { coinId: 'solana', usdValue: 1 });
      client.event('whales', { coinId: 'bitcoin', usdValue: 500 });
    });
    expect(result.current).toEqual({ one: 1, large: 1, none: 0 });
  });
});

describe('useAlerts', () => {
  const rule: AlertRule = { alertType: 'price_above', coinId: 'bitcoin', condition: { targetPrice: 60_000 } };

  it('shows a rule at once, deletes it at once, and lists what the user has', async () => {
    client = createFakeClient({ token: 'alice' });
    const first = renderHook(() => useAlerts(), { wrapper });
    await happen(() => undefined);
    act(() => void first.result.current.create(rule));
    expect(first.result.current.rules).toMatchObject([{ pending: true, coinId: 'bitcoin' }]);
    await happen(() => undefined);
    expect(first.result.current.rules).toMatchObject([{ pending: false, alertId: 1 }]);
    const second = renderHook(() => useAlerts(), { wrapper });
    await happen(() => undefined);
    expect(second.result.current.rules).toHaveLength(1);
    act(() => void first.result.current.remove(1));
    expect(first.result.current.rules).toEqual([]);
    await happen(() => client.event('user', { alertId: 1 }));
    expect(second.result.current.items.map(({ data }) => data.alertId)).toEqual([1]);
    expect(first.result.current.error).toBeNull();
  });

  it('keeps a rule that was made while the list was on its way', async () => {
    client = createFakeClient({ token: 'alice' });
    const { list } = client.alerts;
    const answers: (() => void)[] = [];
    vi.spyOn(client.alerts, 'list').mockImplementation(async () => {
      const items = await list();
      await new Promise<void>((resolve) => answers.push(resolve));
      return items;
    });
    const { result } = renderHook(() => useAlerts(), { wrapper });
    await happen(() => undefined);
    await happen(() => void result.current.create(rule));
    for (let count = 0; count < 2; count += 1) await happen(() => answers.shift()?.());
    expect(result.current.rules).toMatchObject([{ pending: false, alertId: 1 }]);
  });

  it('takes a row back when the server refuses it, and says why', async () => {
    client = createFakeClient({ token: 'alice' });
    const { result } = renderHook(() => useAlerts(), { wrapper });
    await happen(() => void result.current.create(rule));
    client.refuse('alert_create', 'TOO_MANY_ITEMS');
    client.refuse('alert_delete', 'SERVER_BUSY');
    act(() => void result.current.create({ ...rule, coinId: 'solana' }));
    expect(result.current.rules.map(({ coinId, pending }) => [coinId, pending])).toEqual([
      ['bitcoin', false],
      ['solana', true],
    ]);
    await happen(() => undefined);
    expect(result.current.rules).toMatchObject([{ coinId: 'bitcoin' }]);
    expect(result.current.error).toMatchObject({ code: 'TOO_MANY_ITEMS' });
    act(() => void result.current.remove(1));
    expect(result.current).toMatchObject({ rules: [], error: null });
    await act(() => expect(result.current.remove(1)).rejects.toMatchObject({ code: 'SERVER_BUSY' }));
    expect(result.current).toMatchObject({ rules: [{ coinId: 'bitcoin' }], error: { code: 'SERVER_BUSY' } });
  });

  it('takes a row back when the link is lost before the answer, and lists what the server has once it is there again', async () => {
    client = createFakeClient({ token: 'alice' });
    const { result } = renderHook(() => useAlerts(), { wrapper });
    await happen(() => undefined);
    act(() => {
      void result.current.create(rule);
      client.setConnection('reconnecting');
    });
    await happen(() => undefined);
    expect(result.current).toMatchObject({ rules: [], error: { code: 'CONNECT_FAILED', retryable: true } });
    await happen(() => client.setConnection('connected'));
    await happen(() => void client.alerts.create(rule));
    expect(result.current).toMatchObject({ error: null });
  });

  it('asks for nothing where nobody is signed in', async () => {
    client = createFakeClient();
    const { result } = renderHook(() => useAlerts(null), { wrapper });
    await happen(() => undefined);
    await happen(() => client.event('user'));
    expect(client.watched).toEqual([]);
    expect(result.current).toMatchObject({ items: [], rules: [], total: 0, error: null });
  });
});

describe('what belongs to a user', () => {
  const rule: AlertRule = { alertType: 'price_above', coinId: 'bitcoin', condition: { targetPrice: 60_000 } };

  it('is gone once the client was closed, for whoever signs in next', async () => {
    client = createFakeClient({ token: 'alice' });
    const look = () => renderHook(() => ({ alerts: useAlerts(), portfolio: usePortfolio() }), { wrapper });
    const { result } = look();
    await happen(() => undefined);
    await happen(() => {
      void client.alerts.create(rule);
      void result.current.alerts.create(rule);
      client.event('portfolio', { totalValue: 10 });
      client.event('user', { alertId: 1 });
    });
    expect(result.current.alerts.rules).not.toEqual([]);
    expect(result.current).toMatchObject({ alerts: { total: 1 }, portfolio: { portfolio: { totalValue: 10 } } });
    await happen(() => client.setConnection('closed'));
    expect(result.current.alerts).toMatchObject({ rules: [], items: [], total: 0 });
    expect(result.current.portfolio.portfolio).toBeUndefined();
  });

  it('is gone of the rules too where nobody looked while it was closed', async () => {
    client = createFakeClient({ token: 'alice' });
    const seen: unknown[] = [];
    function Rules() {
      seen.push(useAlerts().rules.length);
      return null;
    }
    const page = render(<Rules />, { wrapper });
    await happen(() => void client.alerts.create(rule));
    page.rerender(<i />);
    page.rerender(<Rules />);
    await happen(() => undefined);
    expect(seen.at(-1)).toBe(1);
    page.rerender(<i />);
    await happen(() => client.setConnection('closed'));
    seen.length = 0;
    page.rerender(<Rules />);
    await happen(() => undefined);
    expect(new Set(seen)).toEqual(new Set([0]));
  });

  it('is gone even where nobody looked while it was closed', async () => {
    client = createFakeClient({ token: 'alice' });
    const seen: unknown[] = [];
    function Worth() {
      const { portfolio } = usePortfolio();
      seen.push(portfolio?.totalValue);
      return null;
    }
    const page = render(<Worth />, { wrapper });
    await happen(() => undefined);
    await happen(() => client.event('portfolio', { totalValue: 10 }));
    expect(seen.at(-1)).toBe(10);
    page.rerender(<i />);
    await happen(() => client.setConnection('closed'));
    seen.length = 0;
    page.rerender(<Worth />);
    await happen(() => undefined);
    expect(new Set(seen)).toEqual(new Set([undefined]));
  });
});

describe('usePortfolio', () => {
  it('gives the newest portfolio to all who look, whenever they come', async () => {
    client = createFakeClient({ token: 'alice' });
    const first = renderHook(() => usePortfolio(), { wrapper });
    expect(first.result.current).toEqual({ portfolio: undefined, error: null, pending: true });
    await happen(() => undefined);
    await happen(() => client.event('portfolio', { totalValue: 10 }));
    expect(first.result.current).toMatchObject({ portfolio: { totalValue: 10 }, error: null, pending: false });
    const late = renderHook(() => usePortfolio(), { wrapper });
    await happen(() => undefined);
    expect(late.result.current).toMatchObject({ portfolio: { totalValue: 10 } });
  });
});

describe('useStreamEvent', () => {
  it('calls the newest listener without a render, and none without a type', async () => {
    client = createFakeClient();
    const seen: unknown[] = [];
    let renders = 0;
    const { rerender } = renderHook(
      ({ on, word }) => {
        renders += 1;
        useStreamEvent(on ? 'announcement' : null, ({ data }) => seen.push([word, data?.message]));
      },
      { wrapper, initialProps: { on: true, word: 'a' } },
    );
    rerender({ on: true, word: 'b' });
    await happen(() => undefined);
    const before = renders;
    await happen(() => client.event('global', { message: 'hello' }));
    expect(seen).toEqual([['b', 'hello']]);
    expect(renders).toBe(before);
    rerender({ on: false, word: 'c' });
    await happen(() => client.event('global', { message: 'again' }));
    expect(seen).toHaveLength(1);
  });

  it('a type that does not exist, and a listener that throws, harm nothing', async () => {
    const complaints = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    client = createFakeClient();
    const errors: unknown[] = [];
    client.on('error', ({ code }) => errors.push(code));
    const heard: unknown[] = [];
    renderHook(
      () => {
        useStreamEvent('whale_movements' as 'whale_movement', () => heard.push('never'));
        useStreamEvent('announcement', () => {
          throw new Error('a slip');
        });
        useStreamEvent('announcement', ({ data }) => heard.push(data?.message));
      },
      { wrapper },
    );
    await happen(() => undefined);
    await happen(() => client.event('global', { message: 'hello' }));
    expect(heard).toEqual(['hello']);
    expect(errors).toEqual(['LISTENER_FAILED']);
    expect(complaints.mock.calls.flat()).toEqual([
      expect.stringMatching(/useStreamEvent\('whale_movements'\).*whale_movement/),
    ]);
  });
});
