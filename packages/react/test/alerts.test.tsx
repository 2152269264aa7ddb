/** Alerts in a component: the client's events, followed from an effect, over a link that is lost and comes back. */
import type { AlertTriggered } from '@tickwire/protocol';
import { createFakeClient, settle, type FakeClient } from '@tickwire/testing';
import { act, cleanup, render } from '@testing-library/react';
import { StrictMode, useEffect, useState, type ReactNode } from 'react';
import { afterEach, describe, expect, it } from 'vitest';
import { PriceStreamProvider, usePriceClient } from '../src/index.js';

let client: FakeClient;
afterEach(async () => {
  cleanup();
  await client.close();
});

/** The numbers of the alerts that have come while this was mounted. */
function AlertList(): ReactNode {
  const stream = usePriceClient();
  const [alerts, setAlerts] = useState<readonly AlertTriggered[]>([]);
  useEffect(() => stream.on('alert_triggered', (alert) => setAlerts((before) => [...before, alert])), [stream]);
  return alerts.map(({ data }) => data.alertId).join(' ');
}

const trigger = async (...alertIds: number[]): Promise<void> =>
  act(async () => {
    for (const alertId of alertIds) client.event('user', { alertId });
    await settle();
  });

const become = async (status: 'connected' | 'reconnecting'): Promise<void> =>
  act(async () => {
    client.setConnection(status);
    await settle();
  });

describe('F51: a component that follows alerts', () => {
  it.each([
    ['once', ({ children }: { children: ReactNode }) => children],
    ['twice, as StrictMode does', StrictMode],
  ])('and is mounted %s gets what it missed over a lost link, once and in order', async (_how, Mode) => {
    client = createFakeClient({ token: 'alice' });
    const gaps: unknown[] = [];
    client.on('gap', (gap) => gaps.push(gap));
    const { container } = render(
      <Mode>
        <PriceStreamProvider client={client}>
          <AlertList />
        </PriceStreamProvider>
      </Mode>,
    );
    await act(settle);
    await trigger(1, 2, 3);
    expect(container.textContent).toBe('1 2 3');
    await become('reconnecting');
    await trigger(4, 5, 6, 7, 8, 9);
    expect(container.textContent).toBe('1 2 3');
    await become('connected');
    await trigger(10);
    expect(container.textContent).toBe('1 2 3 4 5 6 7 8 9 10');
    expect(gaps).toEqual([]);
  });

  it('and is mounted anew while the link is lost gets what the client has missed meanwhile', async () => {
    client = createFakeClient({ token: 'alice' });
    const page = (isShown: boolean): ReactNode => (
      <PriceStreamProvider client={client}>{isShown ? <AlertList /> : null}</PriceStreamProvider>
    );
    const { container, rerender } = render(page(true));
    await act(settle);
    await trigger(1);
    rerender(page(false));
    await become('reconnecting');
    await trigger(2);
    rerender(page(true));
    await become('connected');
    await trigger(3);
    expect(container.textContent).toBe('2 3');
  });
});
