import { createFakeClient, type FakeClient } from '@tickwire/testing';
import { describe, expect, it, vi } from 'vitest';
import { createAccount, type AccountStore } from '../src/account/account-store.js';
import type { DemoAccount, DemoSession } from '../src/account/demo-server.js';

const asha: DemoAccount = { id: 'asha', name: 'Asha' };
const ben: DemoAccount = { id: 'ben', name: 'Ben' };
const now = 1_700_000_000_000;
const quarter = 900_000;

interface Stage {
  account: AccountStore;
  client: FakeClient;
  signIn: ReturnType<typeof vi.fn<(user: DemoAccount) => Promise<DemoSession>>>;
  shelf: { kept: DemoSession | undefined };
}

function setup(kept?: DemoSession): Stage {
  let count = 0;
  const signIn = vi.fn((user: DemoAccount) => {
    count += 1;
    return Promise.resolve({ user, token: `${user.id}-${count}`, expiresAt: now + quarter });
  });
  const shelf = { kept };
  const account = createAccount({
    demo: { signIn },
    shelf: { read: () => shelf.kept, write: (session) => void (shelf.kept = session) },
    client: () => client,
    now: () => now,
  });
  const client: FakeClient = createFakeClient({ prices: { 'coin:bitcoin': 50_000 }, token: account.token });
  return { account, client, signIn, shelf };
}

const isAuthenticated = ({ client }: Stage): boolean => {
  const connection = client.connection.get();
  return connection.status === 'connected' && connection.authenticated;
};

describe('signing in', () => {
  it('authenticates the connection that stands: no other socket, and prices stay', async () => {
    const stage = setup();
    const { account, client, shelf } = stage;
    await client.connect();
    const before = client.prices.get('coin:bitcoin');
    const states: string[] = [];
    account.subscribe(() => states.push(account.get().status));
    await account.signIn(asha);
    expect(states).toEqual(['signing-in', 'in']);
    expect(account.get()).toEqual({ status: 'in', user: asha });
    expect(isAuthenticated(stage)).toBe(true);
    expect(client.stats().reconnects).toBe(0);
    expect(client.prices.get('coin:bitcoin')).toBe(before);
    expect(shelf.kept).toMatchObject({ user: asha, token: 'asha-1' });
    await client.close();
  });

  it('without a connection is done once there is one', async () => {
    const stage = setup();
    const { account, client } = stage;
    client.setConnection('reconnecting');
    await account.signIn(asha);
    expect(account.get().status).toBe('in');
    client.setConnection('connected');
    await vi.waitFor(() => expect(isAuthenticated(stage)).toBe(true));
    await client.close();
  });

  it('that is refused says why, and keeps nothing', async () => {
    const { account, client, signIn, shelf } = setup();
    await client.connect();
    signIn.mockRejectedValueOnce(new Error('The server asks for a pause.'));
    await account.signIn(asha);
    expect(account.get()).toEqual({ status: 'refused', user: asha, reason: 'The server asks for a pause.' });
    expect(shelf.kept).toBeUndefined();
    expect(await account.token({ reason: 'reconnect' })).toBeNull();
    await client.close();
  });

  it('twice in a row counts for the last', async () => {
    const { account, client, signIn } = setup();
    await client.connect();
    let answer: (session: DemoSession) => void = () => undefined;
    signIn.mockImplementationOnce(() => new Promise((resolve) => (answer = resolve)));
    const first = account.signIn(asha);
    await account.signIn(ben);
    answer({ user: asha, token: 'late', expiresAt: now + quarter });
    await first;
    expect(account.get()).toEqual({ status: 'in', user: ben });
    expect(await account.token({ reason: 'reconnect' })).toBe('ben-1');
    await client.close();
  });
});

describe('signing out', () => {
  it('makes the connection anew without the user, and keeps the prices that were there', async () => {
    const stage = setup();
    const { account, client, shelf } = stage;
    await client.connect();
    await account.signIn(asha);
    await account.signOut();
    expect(account.get()).toEqual({ status: 'out' });
    expect(shelf.kept).toBeUndefined();
    expect(client.connection.get().status).toBe('connected');
    expect(isAuthenticated(stage)).toBe(false);
    expect(client.prices.get('coin:bitcoin')?.price).toBe(50_000);
    await client.close();
  });
});

describe('the token for the client', () => {
  const kept = (expiresAt: number): DemoSession => ({ user: asha, token: 'kept', expiresAt });

  it('outlives a reload', async () => {
    const { account, signIn } = setup(kept(now + quarter));
    expect(account.get()).toEqual({ status: 'in', user: asha });
    expect(await account.token({ reason: 'initial' })).toBe('kept');
    expect(signIn).not.toHaveBeenCalled();
  });

  it.each([
    ['initial', now + 29_000],
    ['reconnect', now - 1],
    ['expired', now + quarter],
    ['rejected', now + quarter],
  ] as const)('is another one where it ends soon or is not taken: %s', async (reason, expiresAt) => {
    const { account, shelf } = setup(kept(expiresAt));
    expect(await account.token({ reason })).toBe('asha-1');
    expect(shelf.kept?.token).toBe('asha-1');
  });

  it('is none where nobody is signed in', async () => {
    expect(await setup().account.token({ reason: 'rejected' })).toBeNull();
  });

  it('is none where somebody signed out while it was fetched', async () => {
    const { account, client, signIn } = setup(kept(now));
    let answer: (session: DemoSession) => void = () => undefined;
    signIn.mockImplementationOnce(() => new Promise((resolve) => (answer = resolve)));
    const token = account.token({ reason: 'expired' });
    await account.signOut();
    answer(kept(now + quarter));
    expect(await token).toBeNull();
    expect(account.get()).toEqual({ status: 'out' });
    await client.close();
  });
});
