/** The list as a table of which only the rows in sight exist. It knows the rows, not their prices. */
import type { PriceChannel } from '@tickwire/react';
import {
  useEffect,
  useRef,
  useState,
  type CSSProperties,
  type KeyboardEvent,
  type ReactElement,
  type ReactNode,
  type Ref,
} from 'react';
import { Virtualizer, type CustomItemComponentProps, type VirtualizerHandle } from 'virtua';
import type { CatalogRow } from '../market/catalog-rows.js';
import type { Trails } from '../market/trails.js';
import { useClockOffset } from '../market/use-clock-offset.js';
import type { RowActions } from './row-tools.js';
import { nextSort, type Sort, type SortKey } from './sorting.js';
import { WatchlistRow } from './watchlist-row.js';
import './watchlist.css';

/** Where there is no layout, a page that is made on a server has so many; in a browser they would stay until it scrolls. */
const withoutLayout = typeof document === 'undefined' ? { ssrCount: 40 } : {};

function Rows({ style, children, ref }: { style: CSSProperties; children: ReactNode; ref?: unknown }): ReactElement {
  return (
    <div role="rowgroup" style={style} ref={ref as Ref<HTMLDivElement>}>
      {children}
    </div>
  );
}

/** The place of a row in the list of which only a part exists. */
function RowPlace({ style, children, ref }: CustomItemComponentProps): ReactElement {
  return (
    <div role="presentation" style={style} ref={ref as Ref<HTMLDivElement>}>
      {children}
    </div>
  );
}

interface ColumnProps {
  title: string;
  sortKey: SortKey;
  sort: Sort;
  setSort: (sort: Sort) => void;
  className: string;
}

function Column({ title, sortKey, sort, setSort, className }: ColumnProps): ReactElement {
  const own = sort?.key === sortKey ? sort : undefined;
  return (
    <span
      role="columnheader"
      className={className}
      aria-sort={own === undefined ? 'none' : own.descending ? 'descending' : 'ascending'}
    >
      <button type="button" className="quiet" onClick={() => setSort(nextSort(sort, sortKey))}>
        {title}
        <span className="sort-mark" aria-hidden="true">
          {own !== undefined && (own.descending ? '▼' : '▲')}
        </span>
      </button>
    </span>
  );
}

interface WatchlistTableProps {
  rows: readonly CatalogRow[];
  trails: Trails;
  /** Whether prices are of this moment. */
  live: boolean;
  selected: PriceChannel | undefined;
  select: (channel: PriceChannel) => void;
  sort: Sort;
  setSort: (sort: Sort) => void;
  /** Whether each row says its origin. */
  showOrigin: boolean;
  /** There while the list is being changed. */
  actions: RowActions | undefined;
  /** The row that was added last, to be brought into sight. */
  added?: PriceChannel | undefined;
}

export function WatchlistTable(props: WatchlistTableProps): ReactElement {
  const { rows, trails, live, selected, select, sort, setSort, showOrigin, actions, added } = props;
  const clockOffsetMs = useClockOffset();
  const handle = useRef<VirtualizerHandle>(null);
  const body = useRef<HTMLDivElement>(null);
  const [reached, setReached] = useState<PriceChannel>();
  const stop = Math.max(
    0,
    rows.findIndex(({ channel }) => channel === (reached ?? selected)),
  );

  const place = added === undefined ? -1 : rows.findIndex(({ channel }) => channel === added);
  useEffect(() => {
    if (place >= 0) handle.current?.scrollToIndex(place, { align: 'nearest' });
  }, [place]);

  const move = (event: KeyboardEvent): void => {
    const last = rows.length - 1;
    const to = { ArrowUp: stop - 1, ArrowDown: stop + 1, PageUp: stop - 10, PageDown: stop + 10, Home: 0, End: last }[
      event.key
    ];
    if (to === undefined || !(event.target instanceof Element) || !event.target.matches('.pick')) return;
    event.preventDefault();
    const next = rows[Math.min(Math.max(to, 0), last)];
    if (next === undefined) return;
    setReached(next.channel);
    handle.current?.scrollToIndex(rows.indexOf(next), { align: 'nearest' });
    // The row may have to come into existence first: two frames from now it has.
    requestAnimationFrame(() =>
      requestAnimationFrame(() =>
        body.current?.querySelector<HTMLElement>(`[data-channel="${CSS.escape(next.channel)}"] .pick`)?.focus(),
      ),
    );
  };

  return (
    <div
      className="prices"
      role="table"
      aria-label={`Watchlist${live ? '' : ', with the prices as they were when the connection was lost'}`}
      aria-rowcount={rows.length + 1}
      data-live={live}
      data-editing={actions !== undefined}
      onKeyDown={move}
    >
      <div role="rowgroup">
        <div role="row" className="row columns" aria-rowindex={1}>
          <Column title="Name" sortKey="name" sort={sort} setSort={setSort} className="what" />
          <span role="columnheader" className="trail">
            24 h
          </span>
          <Column title="Price" sortKey="price" sort={sort} setSort={setSort} className="price" />
          <Column title="Change" sortKey="change" sort={sort} setSort={setSort} className="change" />
          <span role="columnheader" className="day">
            {actions === undefined ? 'Range' : 'Edit'}
          </span>
        </div>
      </div>
      <div className="rows" ref={body} role="presentation">
        <Virtualizer ref={handle} data={rows} as={Rows} item={RowPlace} {...withoutLayout} keepMounted={[stop]}>
          {(row, index) => (
            <WatchlistRow
              key={row.channel}
              row={row}
              index={index}
              trails={trails}
              live={live}
              clockOffsetMs={clockOffsetMs}
              isSelected={row.channel === selected}
              isTabStop={index === stop}
              showOrigin={showOrigin}
              select={select}
              actions={actions}
            />
          )}
        </Virtualizer>
      </div>
    </div>
  );
}
