/** The newest whale movements and social spikes, and what was missed of them. Its events render nothing but itself. */
import { usePriceClient } from '@tickwire/react';
import { useMemo, useSyncExternalStore, type ReactElement } from 'react';
import { coinTitle, originOf, type CatalogRow } from '../market/catalog-rows.js';
import type { EventLine } from './event-lines.js';
import { EventRow } from './event-row.js';
import { useMarket } from '../market/market.js';
import { createEventStore, type EventState } from './event-store.js';

/** Where an event says it comes from; gaps say nothing of it. */
function originsOf(lines: readonly EventLine[]): Set<string | undefined> {
  return new Set(lines.flatMap(({ event }) => (event.type === 'missed' ? [] : [originOf(event.data['source'])])));
}

function emptyWords(refused: boolean, live: boolean): string {
  if (refused) return 'This server sends no whale movements and no social spikes.';
  return live
    ? 'No events yet. Whale movements and social spikes appear here as they happen.'
    : 'No events yet, and no connection that could bring any.';
}

interface EventListProps {
  state: EventState;
  rows: ReadonlyMap<string, CatalogRow>;
  /** Whether events of this moment would arrive. */
  live: boolean;
}

/** The panel without its source. */
export function EventList({ state: { lines, refused }, rows, live }: EventListProps): ReactElement {
  const origins = originsOf(lines);
  const [shared] = origins.size === 1 ? origins : [];
  return (
    <section className="panel events" aria-labelledby="events-title" data-live={live}>
      <header className="panel-head">
        <h2 id="events-title">Events</h2>
        {shared !== undefined && <span className="tag">{shared}</span>}
        <div className="panel-aside">Whales and social spikes</div>
      </header>
      {lines.length === 0 ? (
        <p className="empty">{emptyWords(refused, live)}</p>
      ) : (
        // No live region: read aloud every few seconds, events would drown the page. The list takes focus, so that keys scroll it.
        <ol role="list" tabIndex={0} aria-labelledby="events-title">
          {lines.map((line) => {
            const { event } = line;
            const data = event.type === 'missed' ? undefined : event.data;
            return (
              <EventRow
                key={line.key}
                line={line}
                coin={data && coinTitle(data.coinId, rows)}
                origin={data && shared === undefined ? originOf(data['source']) : undefined}
              />
            );
          })}
        </ol>
      )}
    </section>
  );
}

/** The panel of the page. */
export function EventsPanel(): ReactElement {
  const client = usePriceClient();
  const { rows, live } = useMarket();
  const store = useMemo(() => createEventStore(client), [client]);
  const state = useSyncExternalStore(store.subscribe, store.get, store.get);
  return <EventList state={state} rows={rows} live={live} />;
}
