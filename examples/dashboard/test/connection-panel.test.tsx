// @vitest-environment happy-dom
/** The connection as somebody sees it, and breaks it. */
import { PriceStreamError } from '@tickwire/client';
import { cleanup, fireEvent, screen } from '@testing-library/react';
import { afterEach, describe, expect, it } from 'vitest';
import { AccountButton } from '../src/account/account-button.js';
import { ConnectionPanel } from '../src/connection/connection-panel.js';
import { ConnectionPill } from '../src/connection/connection-pill.js';
import { SpokenSummary } from '../src/connection/spoken-summary.js';
import { asha, doing, stage, type PageStage } from './page-stage.js';

let open: PageStage | undefined;
afterEach(async () => {
  cleanup();
  await open?.client.close();
  open = undefined;
});

const press = (name: string | RegExp) => doing(() => void fireEvent.click(screen.getByRole('button', { name })));
const log = (): string[] => [...document.querySelectorAll('.sdk-log li')].map((line) => line.textContent);

async function shown(options?: Parameters<typeof stage>[1]): Promise<PageStage> {
  open = await stage(
    <>
      <ConnectionPill />
      <AccountButton />
      <ConnectionPanel />
      <SpokenSummary />
    </>,
    options,
  );
  return open;
}

describe('the connection panel', () => {
  it('says what the connection does, with its facts once the pill brings it forward', async () => {
    await shown();
    expect(document.querySelector('[data-fact]')).toBeNull();
    await press(/^Connection: Live/);
    expect(document.querySelector('[data-fact="speaks"]')?.textContent).toBe('Tickwire');
    expect(document.querySelector('[data-fact="round-trip"]')?.textContent).toMatch(/^\d+ ms$/);
  });

  it('says why a connection was lost and when the next attempt is, and tries now where one asks', async () => {
    const { client } = await shown();
    const cause = new PriceStreamError('CONNECT_FAILED', 'x', { closeCode: 1006 });
    await doing(() =>
      client.setConnection({ status: 'reconnecting', attempt: 3, retryAt: Date.now() + 60_000, cause }),
    );
    expect(document.querySelector('.connection-state')?.textContent).toMatch(
      /^Reconnecting The link broke off\. Attempt 3 in \d+ s\./,
    );
    screen.getByRole('button', { name: 'Try now' }).focus();
    await doing(() => client.setConnection('connected'));
    expect(screen.queryByRole('button', { name: 'Try now' })).toBeNull();
    expect(document.activeElement?.id).toBe('connection-status');
  });

  it('speaks up once for each change, without the countdown', async () => {
    const { client } = await shown();
    expect(screen.getByRole('status').textContent).toBe('Live. ');
    await doing(() =>
      client.setConnection({ status: 'reconnecting', attempt: 3, retryAt: Date.now() + 5_000, cause: null }),
    );
    expect(screen.getByRole('status').textContent).toBe('Reconnecting. ');
  });

  it('breaks what the server offers, for this page, and writes down who did it and what the SDK did', async () => {
    const { client, breakIt } = await shown();
    expect(screen.getAllByRole('button').filter((button) => button.dataset['fault'] !== undefined)).toHaveLength(2);
    await press('Cut the link');
    expect(breakIt).toHaveBeenCalledWith('drop', 0);
    await doing(() => client.setConnection('reconnecting'));
    expect(log()[0]).toContain('Lost the connection: the link broke off.');
    expect(log()[1]).toContain('You cut the link.');
  });

  it('says how long a fault lasts, and mends it where one asks', async () => {
    const { breakIt } = await shown();
    await press('Freeze the server');
    expect(breakIt).toHaveBeenCalledWith('freeze', 30_000);
    expect(screen.getByRole('button', { name: 'Freeze the server' }).getAttribute('aria-pressed')).toBe('true');
    screen.getByRole('button', { name: 'Mend it now' }).focus();
    await press('Mend it now');
    expect(document.activeElement?.textContent).toBe('Freeze the server');
    expect(breakIt).toHaveBeenLastCalledWith('none', 0);
    expect(screen.queryByRole('button', { name: 'Mend it now' })).toBeNull();
  });

  it('says where the server did not do it', async () => {
    const { breakIt } = await shown();
    breakIt.mockRejectedValueOnce(new Error('This page has no connection now.'));
    await press('Freeze the server');
    expect(screen.getByText('This page has no connection now.')).toBeTruthy();
    expect(screen.queryByRole('button', { name: 'Mend it now' })).toBeNull();
  });

  it('has nothing to break where the server offers nothing, and nobody to sign in as', async () => {
    await shown({ offer: { accounts: [], faults: [] } });
    expect(screen.queryByText('Break it')).toBeNull();
    expect(document.querySelector('.account')).toBeNull();
  });
});

describe('the account button', () => {
  it('has the focus once one of its users is signed in', async () => {
    await shown();
    const user = document.querySelector<HTMLElement>('[data-user="asha"]');
    user?.focus();
    await doing(() => user?.click());
    expect(document.activeElement?.textContent).toBe('Signed in as Asha');
  });

  it('says who is signed in, and signs out', async () => {
    const { account } = await shown();
    expect(screen.getByRole('button', { name: 'Sign in' })).toBeTruthy();
    await doing(() => account.signIn(asha));
    expect(screen.getByRole('button', { name: 'Signed in as Asha' })).toBeTruthy();
    expect(log()[0]).toContain('Signed in on the connection that stands.');
    await doing(() => void fireEvent.click(document.querySelector('[data-sign-out]') ?? document));
    expect(screen.getByRole('button', { name: 'Sign in' })).toBeTruthy();
  });
});
