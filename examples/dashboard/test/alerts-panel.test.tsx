// @vitest-environment happy-dom
/** The alerts as somebody uses them: signing in, making one, taking it back, and being told. */
import { cleanup, fireEvent, screen, within } from '@testing-library/react';
import { toast } from 'react-hot-toast/headless';
import { afterEach, describe, expect, it } from 'vitest';
import { AlertToasts } from '../src/alerts/alert-toasts.js';
import { AlertsPanel } from '../src/alerts/alerts-panel.js';
import { asha, doing, stage, type PageStage } from './page-stage.js';

let open: PageStage | undefined;
afterEach(async () => {
  cleanup();
  // Toasts are the page's, not a component's.
  toast.remove();
  await open?.client.close();
  open = undefined;
});

async function signedIn(): Promise<PageStage> {
  const page = (open = await stage(
    <>
      <AlertsPanel />
      <AlertToasts />
    </>,
  ));
  await doing(() => page.account.signIn(asha));
  return page;
}

const rules = (): string[] => screen.queryAllByRole('listitem').map((row) => row.textContent);
const press = (name: string | RegExp) => doing(() => void fireEvent.click(screen.getByRole('button', { name })));

async function make(price: string): Promise<void> {
  await press('New alert');
  const dialog = screen.getByRole('dialog', { name: 'New alert' });
  fireEvent.change(within(dialog).getByRole('textbox'), { target: { value: price } });
  await doing(() => void fireEvent.click(within(dialog).getByRole('button', { name: 'Create alert' })));
}

describe('the alerts panel', () => {
  it('asks for a user first, and is there after one click', async () => {
    open = await stage(<AlertsPanel />);
    expect(screen.queryByRole('button', { name: 'New alert' })).toBeNull();
    await press('Asha');
    expect(screen.getByText(/No alert waits/)).toBeTruthy();
    expect(screen.getByText(/None has fired/)).toBeTruthy();
  });

  it('says where nobody can sign in what would change that', async () => {
    open = await stage(<AlertsPanel />, { offer: { accounts: [], faults: [] } });
    expect(screen.getByText(/the server has no demo users/)).toBeTruthy();
  });

  it('is prefilled a little above the price, makes a rule, and says how far it is', async () => {
    await signedIn();
    await press('New alert');
    expect(screen.getByRole<HTMLInputElement>('textbox').value).toBe('64640');
    expect(screen.getByText(/Bitcoin above 64,640\.00; now 64,000\.00/)).toBeTruthy();
    await press('Create alert');
    expect(screen.queryByRole('dialog')).toBeNull();
    expect(rules()).toEqual([expect.stringMatching(/^Bitcoin above 64,640\.00Now 64,000\.00, 1\.0 % to go/)]);
  });

  it('says what is wrong with what is written, and makes nothing of it', async () => {
    await signedIn();
    await make('a lot');
    const field = screen.getByRole('textbox');
    expect(field.getAttribute('aria-invalid')).toBe('true');
    const said = document.getElementById(field.getAttribute('aria-describedby') ?? '');
    expect(said?.textContent).toBe('That is no price. Write digits and a point: 64250.50');
    await press('Cancel');
    expect(rules()).toEqual([]);
  });

  it('takes a rule back that the server refuses, and says why in the panel and over the page', async () => {
    const { client } = await signedIn();
    client.refuse('alert_create', 'TOO_MANY_ITEMS');
    await make('70000');
    expect(rules()).toEqual([]);
    expect(document.querySelector('.alerts-problem')?.textContent).toContain('Delete one, and try again.');
    expect(document.querySelector('[data-toast]')?.textContent).toContain('not made. You have as many alerts');
  });

  it('takes a rule away at once, by a button that says which', async () => {
    await signedIn();
    await make('70000');
    await make('80000');
    screen.getByRole('button', { name: 'Delete the alert Bitcoin above 70,000.00' }).focus();
    await press('Delete the alert Bitcoin above 70,000.00');
    expect(document.activeElement?.textContent).toBe('New alert');
    expect(rules()).toEqual([expect.stringContaining('80,000.00')]);
  });

  it('lists what fired, newest first, what was before it came included, and says it over the page', async () => {
    const page = (open = await stage(
      <>
        <AlertsPanel />
        <AlertToasts />
      </>,
    ));
    const data = { alertType: 'price_above', coinId: 'bitcoin', condition: { targetPrice: 70_000 } };
    page.client.event('user', { ...data, alertId: 1, triggeredAt: '2026-01-01T12:00:00.000Z' });
    await doing(() => page.account.signIn(asha));
    await doing(() =>
      page.client.event('user', {
        ...data,
        alertId: 2,
        triggeredAt: '2026-01-01T12:00:05.000Z',
        coinData: { price: 70_012 },
      }),
    );
    const fired = [...document.querySelectorAll('[data-fired]')].map((row) => row.getAttribute('data-fired'));
    expect(fired).toEqual(['2', '1']);
    const toast = document.querySelector('[data-toast]');
    expect(toast?.textContent).toContain('Bitcoin above 70,000.00, at 70,012.00');
    expect(document.querySelectorAll('[data-toast]')).toHaveLength(1);
    await press('Close this note');
    expect(document.querySelector('[data-toast]')).toBeNull();
  });

  it('says without a connection that the server goes on watching, and keeps the list', async () => {
    const { client } = await signedIn();
    await make('70000');
    await doing(() => client.setConnection('reconnecting'));
    expect(screen.getByText(/The server goes on watching/)).toBeTruthy();
    expect(rules()).toHaveLength(1);
  });
});
