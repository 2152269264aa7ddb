/** What whales did and people said of one coin: the lines of the page's feeds that are about it. */
import { usePriceClient } from '@tickwire/react';
import { useMemo, useSyncExternalStore, type ReactElement } from 'react';
import { feedOf } from '../events/feed-store.js';
import { timestampOf, type FeedChannel, type FeedLine } from '../events/feed-lines.js';
import { FeedRow } from '../events/feed-row.js';
import type { CatalogRow } from '../market/catalog-rows.js';

/** So many fit beside a chart. */
const mostShown = 8;

/** The newest lines of several feeds that are about one coin, newest first. */
export function linesOfCoin(feeds: readonly (readonly FeedLine[])[], coinId: string): FeedLine[] {
  return feeds
    .flatMap((lines) => lines.filter(({ event }) => event.type !== 'missed' && String(event.data.coinId) === coinId))
    .sort((one, other) => Date.parse(timestampOf(other)) - Date.parse(timestampOf(one)))
    .slice(0, mostShown);
}

function useFeedLines(channel: FeedChannel): readonly FeedLine[] {
  const feed = feedOf(usePriceClient(), channel);
  return useSyncExternalStore(feed.subscribe, feed.get, feed.get).lines;
}

export function CoinEvents({ row, live }: { row: CatalogRow; live: boolean }): ReactElement {
  const whales = useFeedLines('whales');
  const social = useFeedLines('social');
  const coinId = row.channel.slice(row.channel.indexOf(':') + 1);
  const lines = useMemo(() => linesOfCoin([whales, social], coinId), [whales, social, coinId]);
  return (
    <section className="detail-part events" data-live={live} aria-labelledby="coin-events-title">
      <h3 id="coin-events-title">Whales and spikes</h3>
      {lines.length === 0 ? (
        <p className="detail-none">None of {row.name} yet; they appear here as they happen.</p>
      ) : (
        <ul role="list">
          {lines.map((line) => (
            <FeedRow key={line.key} line={line} coin={row} origin={undefined} />
          ))}
        </ul>
      )}
    </section>
  );
}
