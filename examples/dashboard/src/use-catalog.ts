/** The server's catalog, read again each time the connection comes back: a restarted server may have another one. */
import { PriceStreamError } from '@tickwire/client';
import { useConnection, usePriceClient } from '@tickwire/react';
import { useEffect, useState } from 'react';
import { catalogRows, type CatalogRow } from './catalog-rows.js';

/** What is known of the catalog; a catalog that was read once stays while it is read again. */
export type CatalogState =
  | { state: 'waiting' }
  | { state: 'ready'; rows: readonly CatalogRow[] }
  | { state: 'refused'; reason: string };

/** The state of the catalog, and a way to ask once more. */
export function useCatalog(): { catalog: CatalogState; askAgain: () => void } {
  const client = usePriceClient();
  const since = useConnection((connection) => (connection.status === 'connected' ? connection.since : undefined));
  const [catalog, setCatalog] = useState<CatalogState>({ state: 'waiting' });
  const [asked, setAsked] = useState(0);

  useEffect(() => {
    if (since === undefined) return;
    let wanted = true;
    client.catalog().then(
      ({ items }) => {
        if (wanted) setCatalog({ state: 'ready', rows: catalogRows(items) });
      },
      (error: unknown) => {
        // A connection lost meanwhile is no refusal: the next one asks again.
        if (!wanted || (error instanceof PriceStreamError && error.code === 'CLOSED')) return;
        const reason = error instanceof Error ? error.message : 'The server gave no reason.';
        setCatalog((known) => (known.state === 'ready' ? known : { state: 'refused', reason }));
      },
    );
    return () => {
      wanted = false;
    };
  }, [client, since, asked]);

  return { catalog, askAgain: () => setAsked((times) => times + 1) };
}
