/** Who is signed in on this page: one click in, one click out, and the token for the client, which asks for it when it needs it. */
import type { PriceWebSocketClient, TokenReason } from '@tickwire/client';
import type { DemoAccount, DemoServer, DemoSession } from './demo-server.js';
import type { SessionShelf } from './session-shelf.js';

/** Who is signed in. No token stands in it. */
export type AccountState =
  | { status: 'out' }
  | { status: 'signing-in'; user: DemoAccount }
  | { status: 'in'; user: DemoAccount }
  | { status: 'refused'; user: DemoAccount; reason: string };

/** What the account does with the client whose connection it signs in. */
export type SignedClient = Pick<PriceWebSocketClient, 'authenticate' | 'close' | 'connect' | 'connection'>;

/** The account as React reads it, and as the client asks it. */
export interface AccountStore {
  get: () => AccountState;
  subscribe: (listener: () => void) => () => void;
  /** Signs in on the connection that stands. What goes wrong is a state. */
  signIn: (user: DemoAccount) => Promise<void>;
  /** Signs out: a server does not take a sign-in back, so the connection is made anew without one. */
  signOut: () => Promise<void>;
  /** The client's option `token`. */
  token: (request: { reason: TokenReason }) => Promise<string | null>;
}

/** What an account is made of. */
export interface AccountOptions {
  demo: Pick<DemoServer, 'signIn'>;
  shelf: SessionShelf;
  /** Asked when it is needed: the client is made with this account's token. */
  client: () => SignedClient;
  /** Epoch ms. @default the clock of the page */
  now?: () => number;
}

/** A token that ends sooner is not brought any more: another one is fetched. */
const leastLeftMs = 30_000;

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : 'It gave no reason.';
}

/** Makes an account; who was signed in before a reload still is. */
export function createAccount({ demo, shelf, client, now = () => Date.now() }: AccountOptions): AccountStore {
  const listeners = new Set<() => void>();
  let session: DemoSession | undefined = shelf.read();
  let state: AccountState = session === undefined ? { status: 'out' } : { status: 'in', user: session.user };
  /** Of several clicks the last one counts. */
  let turn = 0;

  function set(next: AccountState): void {
    state = next;
    for (const listener of [...listeners]) listener();
  }

  function keep(next: DemoSession | undefined): void {
    session = next;
    shelf.write(next);
  }

  async function signIn(user: DemoAccount): Promise<void> {
    turn += 1;
    const mine = turn;
    set({ status: 'signing-in', user });
    try {
      const next = await demo.signIn(user);
      if (mine !== turn) return;
      keep(next);
      // Without a connection the client asks for the token by itself, as soon as there is one.
      if (client().connection.get().status === 'connected') await client().authenticate(next.token);
      if (mine === turn) set({ status: 'in', user });
    } catch (error) {
      if (mine !== turn) return;
      keep(undefined);
      set({ status: 'refused', user, reason: reasonOf(error) });
    }
  }

  async function signOut(): Promise<void> {
    turn += 1;
    keep(undefined);
    set({ status: 'out' });
    await client().close();
    await client()
      .connect()
      .catch(() => undefined);
  }

  async function token({ reason }: { reason: TokenReason }): Promise<string | null> {
    const known = session;
    if (known === undefined) return null;
    const isGood = reason === 'initial' || reason === 'reconnect';
    if (isGood && known.expiresAt - now() > leastLeftMs) return known.token;
    const next = await demo.signIn(known.user);
    // Signed out, or in as somebody else, while the answer was on its way.
    if (session !== known) return session?.token ?? null;
    keep(next);
    return next.token;
  }

  return {
    get: () => state,
    subscribe: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    signIn,
    signOut,
    token,
  };
}
