/** The server's catalog, read again each time the connection comes back: a restarted server may have another one. */
import type { PriceWebSocketClient } from '@tickwire/client';
import { catalogRows, type CatalogRow } from './catalog-rows.js';

/** What is known of the catalog; a catalog that was read once stays while it is read again. */
export type CatalogState =
  | { state: 'waiting' }
  | { state: 'ready'; rows: readonly CatalogRow[] }
  | { state: 'refused'; reason: string };

/** A store as React reads it; it asks while somebody listens. */
export interface CatalogStore {
  get: () => CatalogState;
  subscribe: (listener: () => void) => () => void;
  /** Asks once more over the present connection. */
  askAgain: () => void;
}

/** Makes a store that asks nothing before its first listener, and once for each connection. */
export function createCatalogStore(client: Pick<PriceWebSocketClient, 'catalog' | 'connection'>): CatalogStore {
  const listeners = new Set<() => void>();
  let catalog: CatalogState = { state: 'waiting' };
  let askedSince: number | undefined;
  let asked = 0;
  let stop: () => void = () => undefined;

  function set(next: CatalogState): void {
    catalog = next;
    for (const listener of listeners) listener();
  }

  function connectedSince(): number | undefined {
    const connection = client.connection.get();
    return connection.status === 'connected' ? connection.since : undefined;
  }

  function ask(since: number): void {
    askedSince = since;
    asked += 1;
    const mine = asked;
    client.catalog().then(
      ({ items }) => {
        if (mine === asked) set({ state: 'ready', rows: catalogRows(items) });
      },
      (error: unknown) => {
        // A connection that was lost meanwhile is no refusal: the next one asks again.
        if (mine !== asked || catalog.state === 'ready' || connectedSince() !== since) return;
        set({ state: 'refused', reason: error instanceof Error ? error.message : 'It gave no reason.' });
      },
    );
  }

  function follow(again: boolean): void {
    const since = connectedSince();
    if (since !== undefined && (again || since !== askedSince)) ask(since);
  }

  return {
    get: () => catalog,
    subscribe: (listener) => {
      if (listeners.size === 0) {
        stop = client.connection.subscribe(() => follow(false));
        follow(false);
      }
      listeners.add(listener);
      return () => {
        if (listeners.delete(listener) && listeners.size === 0) stop();
      };
    },
    askAgain: () => follow(true),
  };
}
