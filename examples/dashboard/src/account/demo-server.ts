/** What the demo server offers beside prices: users to sign in as, and faults. Other servers offer nothing. */
import { knownFaults, type FaultKind } from '../connection/fault-kinds.js';

/** A user of the demo. */
export interface DemoAccount {
  id: string;
  name: string;
}

/** What there is; both lists are empty where the server is no demo. */
export interface DemoOffer {
  accounts: readonly DemoAccount[];
  faults: readonly FaultKind[];
}

/** Somebody who is signed in. The token stays out of everything that is shown or logged. */
export interface DemoSession {
  user: DemoAccount;
  token: string;
  /** Epoch ms by the server's clock. */
  expiresAt: number;
}

/** The demo's HTTP. Its failures are errors with a sentence for people. */
export interface DemoServer {
  offer: () => Promise<DemoOffer>;
  /** @throws Error with what to do next */
  signIn: (user: DemoAccount) => Promise<DemoSession>;
  /** Breaks something for this page's connections; `none` mends it. @throws Error with what to do next */
  breakIt: (kind: FaultKind | 'none', forMs: number) => Promise<void>;
}

/** Nothing on offer. */
export const noOffer: DemoOffer = { accounts: [], faults: [] };

const patienceMs = 8_000;

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function accountOf(value: unknown): DemoAccount[] {
  if (!isObject(value)) return [];
  const { id, name } = value;
  if (typeof id !== 'string' || id === '') return [];
  return [{ id, name: typeof name === 'string' && name !== '' ? name : id }];
}

/** What the answer of `GET /api/demo` offers; whatever is not understood is left out. */
export function offerOf(answer: unknown): DemoOffer {
  if (!isObject(answer)) return noOffer;
  const { accounts, faults } = answer;
  return {
    accounts: Array.isArray(accounts) ? accounts.flatMap(accountOf) : [],
    faults: Array.isArray(faults) ? knownFaults(faults) : [],
  };
}

/** Epoch ms of what a server calls a time: a number, or ISO 8601. */
function timeOf(value: unknown): number {
  return typeof value === 'number' ? value : typeof value === 'string' ? Date.parse(value) : Number.NaN;
}

/** The session in the answer to a sign-in; `undefined` for an answer that has none. */
export function sessionOf(answer: unknown, user: DemoAccount): DemoSession | undefined {
  if (!isObject(answer)) return undefined;
  const { token } = answer;
  const expiresAt = timeOf(answer['expiresAt']);
  if (typeof token !== 'string' || token === '' || !Number.isFinite(expiresAt)) return undefined;
  return { user, token, expiresAt };
}

/** What the reader may do about an answer that is none of those hoped for. */
function refusalOf(status: number, code?: unknown): Error {
  if (code === 'UNKNOWN_PAGE')
    return new Error('This page has no connection now. Wait until it is back, and try again.');
  if (code === 'UNKNOWN_USER') return new Error('There is no such user. Choose another one.');
  if (status === 404) return new Error('This server is no demo: it has neither demo users nor faults.');
  if (status === 429) return new Error('The server asks for a pause. Try again in a minute.');
  return new Error(`The server did not do it (HTTP ${status}). Try again in a moment.`);
}

/**
 * Speaks to the demo's endpoints on the page's own server.
 *
 * @param page the page's name in the address of its WebSocket
 */
export function createDemoServer(page: string, ask: typeof fetch = (...request) => fetch(...request)): DemoServer {
  async function post(path: string, body: unknown): Promise<Response> {
    let response: Response;
    try {
      response = await ask(path, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
        signal: AbortSignal.timeout(patienceMs),
      });
    } catch {
      throw new Error('The server cannot be reached. Try again once the connection is back.');
    }
    if (response.ok) return response;
    const answer: unknown = await response.json().catch(() => undefined);
    throw refusalOf(response.status, isObject(answer) ? answer['code'] : undefined);
  }

  return {
    offer: async () => {
      const response = await ask('/api/demo', { signal: AbortSignal.timeout(patienceMs) });
      // 404: no demo. Anything else that fails is asked again later.
      if (response.status === 404) return noOffer;
      if (!response.ok) throw refusalOf(response.status);
      // Where pages are served for every address, the answer is a page and no offer.
      return offerOf(await response.json().catch(() => undefined));
    },
    signIn: async (user) => {
      const response = await post('/api/demo/sign-in', { user: user.id });
      const session = sessionOf(await response.json().catch(() => undefined), user);
      if (session === undefined) throw new Error('The server answered without a token. Is it a newer one? Try again.');
      return session;
    },
    breakIt: async (kind, forMs) => {
      // The server has its own idea of a time that is not given, and takes none of nothing.
      await post('/api/demo/faults', forMs > 0 ? { page, kind, forMs } : { page, kind });
    },
  };
}
