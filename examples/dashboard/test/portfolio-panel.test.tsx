// @vitest-environment happy-dom
/** The portfolio as its owner sees it. */
import { cleanup, screen } from '@testing-library/react';
import { afterEach, describe, expect, it } from 'vitest';
import { PortfolioPanel } from '../src/portfolio/portfolio-panel.js';
import { asha, doing, stage, type PageStage } from './page-stage.js';

let open: PageStage | undefined;
afterEach(async () => {
  cleanup();
  await open?.client.close();
  open = undefined;
});

const holdings = [
  { coinId: 'bitcoin', amount: 0.5, price: 64_000, value: 32_000, profitLoss: 2_000 },
  { coinId: 'pepe', amount: 1_000, price: 0.001, value: 1, stale: true },
  { coinId: 'solana', amount: 3 },
];
const worth = (totalValue: number, userId = 'asha') => ({ userId, totalValue, totalProfitLoss: 2_000, holdings });

async function signedIn(): Promise<PageStage> {
  const page = (open = await stage(<PortfolioPanel />));
  await doing(() => page.account.signIn(asha));
  return page;
}
const sum = (): string | undefined => document.querySelector('[data-worth]')?.textContent;

describe('the portfolio panel', () => {
  it('asks for a user, then for the worth', async () => {
    const page = (open = await stage(<PortfolioPanel />));
    expect(screen.getByText(/Sign in to see what a portfolio is worth/)).toBeTruthy();
    await doing(() => page.account.signIn(asha));
    expect(screen.getByText('Asking what it is worth…')).toBeTruthy();
  });

  it('shows each holding and the sum, follows them, and says what rests on an old price or on none', async () => {
    const { client } = await signedIn();
    await doing(() => client.event('portfolio', worth(32_001)));
    expect(sum()).toBe('$32,001.00');
    expect(screen.getByText(/1 of 3 rests on an old price; 1 of 3 has no price and counts nothing/)).toBeTruthy();
    const rows = screen.getAllByRole('row').slice(1);
    expect(rows.map((row) => row.dataset['caveat'])).toEqual([undefined, 'old price', 'no price']);
    expect(rows[0]?.textContent).toMatch(/^Bitcoin0\.5 .*\$64,000\.00.*\$32,000\.00.*\+\$2,000\.00/);
    await doing(() => client.event('portfolio', worth(33_500)));
    expect(sum()).toBe('$33,500.00');
  });

  it('says without a connection of when its worth is, and keeps it', async () => {
    const { client } = await signedIn();
    await doing(() => client.event('portfolio', worth(32_001)));
    await doing(() => client.setConnection('reconnecting'));
    expect(screen.getByText(/Not live: worth as of \d\d:\d\d:\d\d/)).toBeTruthy();
    expect(sum()).toBe('$32,001.00');
  });

  it('shows nobody the worth of another', async () => {
    const { client } = await signedIn();
    await doing(() => client.event('portfolio', worth(1, 'ben')));
    expect(sum()).toBeUndefined();
  });

  it('says that nothing is held', async () => {
    const { client } = await signedIn();
    await doing(() => client.event('portfolio', { userId: 'asha', totalValue: 0, holdings: [] }));
    expect(screen.getByText(/You hold nothing/)).toBeTruthy();
  });
});
