/** One feed of the panel: its filter above, its list below, and words where there is nothing to list. */
import { useId, type ReactElement, type ReactNode } from 'react';
import { coinTitle, originOf, type CatalogRow } from '../market/catalog-rows.js';
import { PassingButton } from '../shell/passing-button.js';
import { filteredFeed, type FeedFilter } from './feed-filter.js';
import type { FeedChannel, FeedLine } from './feed-lines.js';
import { FeedRow } from './feed-row.js';
import type { FeedState } from './feed-store.js';
import { awayWords } from './format-event.js';

/** Where an event says it comes from; gaps say nothing of it. */
function originsOf(lines: readonly FeedLine[]): Set<string | undefined> {
  return new Set(lines.flatMap(({ event }) => (event.type === 'missed' ? [] : [originOf(event.data['source'])])));
}

/** What a list is called, and what is said where it is empty. */
const words: Readonly<Record<FeedChannel, { title: string; many: string }>> = {
  whales: { title: 'Whales', many: 'whale movements' },
  social: { title: 'Social spikes', many: 'social spikes' },
};

interface NothingProps {
  channel: FeedChannel;
  state: FeedState;
  live: boolean;
  hidden: number;
  showAll: () => void;
}

function Nothing({ channel, state: { refused, asked }, live, hidden, showAll }: NothingProps): ReactElement {
  const { many } = words[channel];
  if (refused) return <p className="empty">This server has no {many}. Prices are not touched by that.</p>;
  if (hidden > 0) {
    return (
      <div className="empty">
        <p>
          None of the last {hidden} {many} passes the filter.
        </p>
        <PassingButton focusNext={`[data-feed="${channel}"] select`} onClick={showAll}>
          Show all
        </PassingButton>
      </div>
    );
  }
  if (!live) return <p className="empty">No connection. What is missed meanwhile is asked for once it is back.</p>;
  return (
    <p className="empty">{asked ? `None yet: ${many} appear here as they happen.` : `Asking for the last ${many}…`}</p>
  );
}

interface FeedPanelProps {
  channel: FeedChannel;
  state: FeedState;
  filter: FeedFilter;
  rows: ReadonlyMap<string, CatalogRow>;
  /** Whether events of this moment would arrive. */
  live: boolean;
  /** Takes the filter away. */
  showAll: () => void;
  /** The filter's controls. */
  children: ReactNode;
}

/** A feed without its source. */
export function FeedPanel({ channel, state, filter, rows, live, showAll, children }: FeedPanelProps): ReactElement {
  const titleId = useId();
  const shown = filteredFeed(state.lines, filter);
  const origins = originsOf(state.lines);
  const [shared] = origins.size === 1 ? origins : [];
  return (
    <section className="feed" aria-labelledby={titleId} data-feed={channel} data-live={live}>
      <header>
        <h3 id={titleId}>{words[channel].title}</h3>
        {shared !== undefined && <span className="tag">{shared}</span>}
        {children}
      </header>
      {shown.rows.length === 0 ? (
        <Nothing channel={channel} state={state} live={live} hidden={shown.hidden} showAll={showAll} />
      ) : (
        // No live region: read aloud every few seconds, events would drown the page. The list takes focus, so that keys scroll it.
        <ol role="list" tabIndex={0} aria-labelledby={titleId}>
          {shown.rows.map((row) => {
            if (row.kind === 'away') {
              return (
                <li key={row.key} className="event event-away" data-event="away">
                  {awayWords(row.count, channel)}
                </li>
              );
            }
            const { event } = row.line;
            const data = event.type === 'missed' ? undefined : event.data;
            return (
              <FeedRow
                key={row.key}
                line={row.line}
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
