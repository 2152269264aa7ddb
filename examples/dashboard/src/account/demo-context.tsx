/** The demo's offer and the account, for every part of the page; without a provider there is neither. */
import { useConnection } from '@tickwire/react';
import {
  createContext,
  useContext,
  useEffect,
  useMemo,
  useState,
  useSyncExternalStore,
  type ReactElement,
  type ReactNode,
} from 'react';
import type { AccountState, AccountStore } from './account-store.js';
import { noOffer, type DemoOffer, type DemoServer } from './demo-server.js';

interface Demo {
  /** `undefined` until the server has said it. */
  offer: DemoOffer | undefined;
  server: DemoServer | undefined;
  account: AccountStore | undefined;
}

const DemoContext = createContext<Demo>({ offer: noOffer, server: undefined, account: undefined });

interface DemoProviderProps {
  server: DemoServer;
  account: AccountStore;
  children: ReactNode;
}

/** Asks once what the server offers, and again with each connection until it has said it. */
export function DemoProvider({ server, account, children }: DemoProviderProps): ReactElement {
  const [offer, setOffer] = useState<DemoOffer>();
  const since = useConnection((connection) => (connection.status === 'connected' ? connection.since : undefined));
  const isKnown = offer !== undefined;
  useEffect(() => {
    if (isKnown) return undefined;
    let isLeft = false;
    server.offer().then(
      (next) => {
        if (!isLeft) setOffer(next);
      },
      // Not reached: the next connection asks again.
      () => undefined,
    );
    return () => {
      isLeft = true;
    };
  }, [server, since, isKnown]);
  const demo = useMemo(() => ({ offer, server, account }), [offer, server, account]);
  return <DemoContext value={demo}>{children}</DemoContext>;
}

/** What the server offers; `undefined` until it has said it. */
export function useDemoOffer(): DemoOffer | undefined {
  return useContext(DemoContext).offer;
}

/** The demo's endpoints; `undefined` where there are none. */
export function useDemoServer(): DemoServer | undefined {
  return useContext(DemoContext).server;
}

const out: AccountState = { status: 'out' };
const nobody: Pick<AccountStore, 'get' | 'subscribe' | 'signIn' | 'signOut'> = {
  get: () => out,
  subscribe: () => () => undefined,
  signIn: () => Promise.resolve(),
  signOut: () => Promise.resolve(),
};

/** Who is signed in, and the two things that can be done about it. */
export function useAccount(): { state: AccountState } & Pick<AccountStore, 'signIn' | 'signOut'> {
  const account = useContext(DemoContext).account ?? nobody;
  const state = useSyncExternalStore(account.subscribe, account.get, account.get);
  return { state, signIn: account.signIn, signOut: account.signOut };
}
