/** The newest whale movements and social spikes, each with its filter, and what was missed of them. Its events render nothing but itself. */
import { usePriceClient } from '@tickwire/react';
import { useState, useSyncExternalStore, type ReactElement } from 'react';
import { useMarket } from '../market/market.js';
import { Panel } from '../shell/panel.js';
import { browserStorage, readStored, store } from '../shell/stored.js';
import { platformsOf, whaleMinimums } from './feed-filter.js';
import type { FeedChannel } from './feed-lines.js';
import { FeedPanel } from './feed-panel.js';
import { feedOf, type FeedState } from './feed-store.js';
import { formatDollars, platformName } from './format-event.js';

const minimumKey = 'tickwire.whale-minimum';
const platformKey = 'tickwire.spike-platform';
const longestPlatform = 100;

/** A minimum that was kept, where it is one of those that can be chosen. */
export function keptMinimum(value: unknown): number | undefined {
  return whaleMinimums.find((minimum) => minimum === value);
}

/** A platform that was kept. */
export function keptPlatform(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' && value.length <= longestPlatform ? value : undefined;
}

/** A setting that is kept in the browser. */
function useKept<Value>(key: string, check: (value: unknown) => Value | undefined, usual: Value) {
  const [value, setValue] = useState(() => readStored(browserStorage(), key, check) ?? usual);
  const keep = (next: Value): void => {
    setValue(next);
    store(browserStorage(), key, next);
  };
  return [value, keep] as const;
}

function useFeed(channel: FeedChannel): FeedState {
  const feed = feedOf(usePriceClient(), channel);
  return useSyncExternalStore(feed.subscribe, feed.get, feed.get);
}

function WhaleFeed(): ReactElement {
  const state = useFeed('whales');
  const { rows, live } = useMarket();
  const [minUsd, setMinUsd] = useKept(minimumKey, keptMinimum, 0);
  return (
    <FeedPanel {...{ channel: 'whales', state, rows, live }} filter={{ minUsd }} showAll={() => setMinUsd(0)}>
      <label className="feed-filter">
        <span className="unseen">Smallest whale</span>
        <select value={minUsd} onChange={(event) => setMinUsd(keptMinimum(Number(event.target.value)) ?? 0)}>
          {whaleMinimums.map((minimum) => (
            <option key={minimum} value={minimum}>
              {minimum === 0 ? 'Any size' : `From ${formatDollars(minimum)}`}
            </option>
          ))}
        </select>
      </label>
    </FeedPanel>
  );
}

function SpikeFeed(): ReactElement {
  const state = useFeed('social');
  const { rows, live } = useMarket();
  const [kept, setPlatform] = useKept(platformKey, keptPlatform, '');
  const platform = kept === '' ? undefined : kept;
  return (
    <FeedPanel {...{ channel: 'social', state, rows, live }} filter={{ platform }} showAll={() => setPlatform('')}>
      <label className="feed-filter">
        <span className="unseen">Platform</span>
        <select value={kept} onChange={(event) => setPlatform(event.target.value)}>
          <option value="">All platforms</option>
          {platformsOf(state.lines, platform).map((name) => (
            <option key={name} value={name}>
              {platformName(name)}
            </option>
          ))}
        </select>
      </label>
    </FeedPanel>
  );
}

/** The panel of the page. */
export function EventsPanel(): ReactElement {
  return (
    <Panel id="events" title="Events" className="events">
      <WhaleFeed />
      <SpikeFeed />
    </Panel>
  );
}
