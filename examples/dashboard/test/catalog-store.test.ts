import { PriceStreamError, type Connection, type PriceWebSocketClient } from '@tickwire/client';
import { describe, expect, it, vi } from 'vitest';
import { createCatalogStore } from '../src/market/catalog-store.js';

type Catalog = Awaited<ReturnType<PriceWebSocketClient['catalog']>>;

const connected = (since: number): Connection => ({
  status: 'connected',
  since,
  transport: 'websocket',
  dialect: 'tickwire',
  authenticated: false,
  rttMs: null,
  mute: false,
});
const lost: Connection = { status: 'reconnecting', attempt: 1, retryAt: 0, cause: null };
const catalogOf = (...ids: string[]): Catalog => ({ items: ids.map((id) => ({ channel: `coin:${id}`, id })) });

/** A client that connects and answers when the test says so. */
function setup() {
  let connection: Connection = { status: 'idle' };
  const listeners = new Set<() => void>();
  const answers: { resolve: (catalog: Catalog) => void; reject: (error: unknown) => void }[] = [];
  const store = createCatalogStore({
    connection: {
      get: () => connection,
      subscribe: (listener) => {
        const own = () => listener(connection);
        listeners.add(own);
        return () => listeners.delete(own);
      },
    },
    catalog: () => new Promise((resolve, reject) => void answers.push({ resolve, reject })),
  });
  return {
    store,
    answers,
    listeners,
    connect: (next: Connection) => {
      connection = next;
      for (const listener of [...listeners]) listener();
    },
  };
}

const settle = () => new Promise((resolve) => setTimeout(resolve));
const names = (store: ReturnType<typeof createCatalogStore>) => {
  const catalog = store.get();
  return catalog.state === 'ready' ? catalog.rows.map((row) => row.name) : catalog;
};

describe('the catalog store', () => {
  it('asks nothing before somebody listens, nor before there is a connection', () => {
    const { store, answers, connect } = setup();
    connect(connected(1));
    expect(answers).toHaveLength(0);
    connect(lost);
    store.subscribe(() => undefined);
    expect(answers).toHaveLength(0);
    connect(connected(2));
    expect(answers).toHaveLength(1);
    expect(store.get()).toEqual({ state: 'waiting' });
  });

  it('gives the rows, the same until it is read again, and tells its listeners', async () => {
    const { store, answers, connect } = setup();
    const listener = vi.fn();
    store.subscribe(listener);
    connect(connected(1));
    answers[0]?.resolve(catalogOf('bitcoin'));
    await settle();
    expect(names(store)).toEqual(['Bitcoin']);
    expect(store.get()).toBe(store.get());
    expect(listener).toHaveBeenCalledTimes(1);
  });

  it('asks once for a connection, and again when the connection comes back', async () => {
    const { store, answers, connect } = setup();
    store.subscribe(() => undefined);
    connect(connected(1));
    connect({ ...connected(1), rttMs: 5 } as Connection);
    expect(answers).toHaveLength(1);
    answers[0]?.resolve(catalogOf('bitcoin'));
    await settle();
    connect(lost);
    expect(names(store)).toEqual(['Bitcoin']);
    connect(connected(2));
    expect(answers).toHaveLength(2);
    expect(names(store)).toEqual(['Bitcoin']);
    answers[1]?.resolve(catalogOf('pepe'));
    await settle();
    expect(names(store)).toEqual(['Pepe']);
  });

  it('takes no answer of a connection before the present one', async () => {
    const { store, answers, connect } = setup();
    store.subscribe(() => undefined);
    connect(connected(1));
    connect(lost);
    connect(connected(2));
    answers[1]?.resolve(catalogOf('pepe'));
    answers[0]?.resolve(catalogOf('bitcoin'));
    await settle();
    expect(names(store)).toEqual(['Pepe']);
  });

  it('says why it was refused, and asks again when told to', async () => {
    const { store, answers, connect } = setup();
    store.subscribe(() => undefined);
    connect(connected(1));
    answers[0]?.reject(new PriceStreamError('UNAVAILABLE', 'This server has no catalog.'));
    await settle();
    expect(store.get()).toEqual({ state: 'refused', reason: 'This server has no catalog.' });
    store.askAgain();
    answers[1]?.resolve(catalogOf('bitcoin'));
    await settle();
    expect(names(store)).toEqual(['Bitcoin']);
  });

  it('takes a lost connection for no refusal, and a refusal for no loss of what it has', async () => {
    const { store, answers, connect } = setup();
    store.subscribe(() => undefined);
    connect(connected(1));
    connect(lost);
    answers[0]?.reject(new PriceStreamError('CONNECT_FAILED', 'The connection was lost before the answer came.'));
    await settle();
    expect(store.get()).toEqual({ state: 'waiting' });
    connect(connected(2));
    answers[1]?.resolve(catalogOf('bitcoin'));
    await settle();
    connect(connected(3));
    answers[2]?.reject(new PriceStreamError('SERVER_BUSY', 'Later.'));
    await settle();
    expect(names(store)).toEqual(['Bitcoin']);
  });

  it('asks once in StrictMode, where a listener leaves and comes back', () => {
    const { store, answers, listeners, connect } = setup();
    connect(connected(1));
    store.subscribe(() => undefined)();
    expect(listeners.size).toBe(0);
    store.subscribe(() => undefined);
    expect(answers).toHaveLength(1);
  });
});
