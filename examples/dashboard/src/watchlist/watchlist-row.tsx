/** One instrument: renders when its own price changes, and for no other reason. */
import type { PriceTick } from '@tickwire/client';
import { formatPercent } from '@tickwire/client/format';
import { usePrice, type PriceChannel } from '@tickwire/react';
import { memo, type ReactElement } from 'react';
import type { CatalogRow } from '../market/catalog-rows.js';
import { formatChange, trendOf } from '../market/format-price.js';
import type { Trails } from '../market/trails.js';
import { Age } from './age.js';
import { PriceCell } from './price-cell.js';
import { RangeBar } from './range-bar.js';
import { rangePercent } from './row-words.js';
import { RowTools, type RowActions } from './row-tools.js';
import { Sparkline } from './sparkline.js';

const arrows = { up: '▲', down: '▼', flat: '■', unknown: '' } as const;

function ChangeCell({ tick, row }: { tick: PriceTick | undefined; row: CatalogRow }): ReactElement {
  const percent = tick?.changePercent;
  const trend = trendOf(percent);
  return (
    <span role="cell" className="change" data-trend={trend}>
      {percent === undefined ? (
        <span className="waiting">
          <span aria-hidden="true">–</span>
          <span className="unseen">change not known</span>
        </span>
      ) : (
        <span className="figure">
          <span className="arrow" aria-hidden="true">
            {arrows[trend]}
          </span>
          {formatPercent(percent)}
        </span>
      )}
      {/* What a coin's `change` is in, only its server knows. */}
      {row.kind === 'metal' && tick?.change !== undefined && (
        <span className="note">{formatChange(tick.change, tick.price, row.currency ?? tick.currency)}</span>
      )}
    </span>
  );
}

interface WatchlistRowProps {
  row: CatalogRow;
  /** Its place in the list, from 0. */
  index: number;
  trails: Trails;
  /** Whether prices are of this moment. */
  live: boolean;
  /** The server's clock minus this one, for the ages. */
  clockOffsetMs: number;
  isSelected: boolean;
  /** Whether the Tab key stops here: of all rows, at one. */
  isTabStop: boolean;
  /** Says its origin itself, because the list does not say it for all. */
  showOrigin: boolean;
  select: (channel: PriceChannel) => void;
  /** There while the list is being changed. */
  actions: RowActions | undefined;
}

export const WatchlistRow = memo(function WatchlistRow({
  row,
  index,
  trails,
  live,
  clockOffsetMs,
  isSelected,
  isTabStop,
  showOrigin,
  select,
  actions,
}: WatchlistRowProps): ReactElement {
  const tick = usePrice(row.channel);
  return (
    <div
      role="row"
      className="row"
      aria-rowindex={index + 2}
      data-channel={row.channel}
      data-index={index}
      data-selected={isSelected}
      data-origin={row.origin?.toLowerCase()}
      onClick={() => select(row.channel)}
    >
      <span role="rowheader" className="what">
        <button type="button" className="pick" tabIndex={isTabStop ? 0 : -1} aria-current={isSelected}>
          <span className="name">{row.name}</span>
        </button>
        <span className="under">
          {row.symbol !== undefined && <span className="symbol">{row.symbol}</span>}
          {showOrigin && row.origin !== undefined && <span className="tag">{row.origin}</span>}
          {row.unlisted === true ? (
            <span className="age warning">not in this server’s catalog</span>
          ) : (
            <Age tick={tick} live={live} clockOffsetMs={clockOffsetMs} />
          )}
        </span>
      </span>
      <span role="cell" className="trail">
        <Sparkline channel={row.channel} trails={trails} trend={trendOf(tick?.changePercent)} />
      </span>
      <PriceCell tick={tick} row={row} />
      <ChangeCell tick={tick} row={row} />
      <span role="cell" className="day">
        {actions === undefined ? (
          <RangeBar
            percent={tick && rangePercent(tick)}
            low={tick?.low}
            high={tick?.high}
            currency={row.currency ?? tick?.currency}
          />
        ) : (
          <RowTools row={row} index={index} actions={actions} />
        )}
      </span>
    </div>
  );
});
