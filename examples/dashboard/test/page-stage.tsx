/** What component tests play on: a fake client below the page's providers, and a demo server that is a function. */
import { PriceStreamProvider } from '@tickwire/react';
import { createFakeClient, settle, type FakeClient, type FakeClientOptions } from '@tickwire/testing';
import { act, render, type RenderResult } from '@testing-library/react';
import type { ReactNode } from 'react';
import { vi } from 'vitest';
import { createAccount, type AccountStore } from '../src/account/account-store.js';
import { DemoProvider } from '../src/account/demo-context.js';
import type { DemoAccount, DemoOffer, DemoServer } from '../src/account/demo-server.js';
import { MarketProvider } from '../src/market/market.js';

export const asha: DemoAccount = { id: 'asha', name: 'Asha' };

export interface PageStage extends RenderResult {
  client: FakeClient;
  account: AccountStore;
  breakIt: ReturnType<typeof vi.fn<DemoServer['breakIt']>>;
}

/** Does something and lets everything that only waits for promises happen. */
export async function doing(task: () => void | Promise<void>): Promise<void> {
  await act(async () => {
    await task();
    await settle();
  });
}

/** Renders a part of the page over a client that is connected. */
export async function stage(
  part: ReactNode,
  {
    offer = { accounts: [asha], faults: ['drop', 'freeze'] },
    ...options
  }: FakeClientOptions & { offer?: DemoOffer } = {},
): Promise<PageStage> {
  const breakIt = vi.fn<DemoServer['breakIt']>(() => Promise.resolve());
  let count = 0;
  const server: DemoServer = {
    offer: () => Promise.resolve(offer),
    signIn: (user) => {
      count += 1;
      return Promise.resolve({ user, token: `${user.id}-${count}`, expiresAt: Date.now() + 900_000 });
    },
    breakIt,
  };
  const account = createAccount({
    demo: server,
    shelf: { read: () => undefined, write: () => undefined },
    client: () => client,
  });
  const client = createFakeClient({ prices: { 'coin:bitcoin': 64_000 }, token: account.token, ...options });
  await client.connect();
  let result: RenderResult | undefined;
  await doing(() => {
    result = render(
      <PriceStreamProvider client={client} flush="sync">
        <DemoProvider server={server} account={account}>
          <MarketProvider page="page-1234">{part}</MarketProvider>
        </DemoProvider>
      </PriceStreamProvider>,
    );
  });
  if (result === undefined) throw new Error('Nothing was rendered.');
  return { ...result, client, account, breakIt };
}
