/** One instrument: renders when its own price changes, and for no other reason. */
import type { PriceTick } from '@tickwire/client';
import { usePrice, usePriceClient } from '@tickwire/react';
import { memo, type ReactElement } from 'react';
import type { CatalogRow } from '../market/catalog-rows.js';
import { formatPercent, valueAgeMs } from '@tickwire/client/format';
import { formatAge, formatChange, formatPrice, trendOf } from '../market/format-price.js';
import { useNow } from '../shell/use-now.js';

const arrows = { up: '▲', down: '▼', flat: '■', unknown: '' } as const;

interface PriceCellProps {
  tick: PriceTick | undefined;
  row: CatalogRow;
  showUnit: boolean;
}

function PriceCell({ tick, row, showUnit }: PriceCellProps): ReactElement {
  if (tick === undefined) {
    return (
      <td className="number price">
        <span className="waiting">waiting…</span>
      </td>
    );
  }
  const unit = row.unit ?? tick.unit;
  return (
    <td className="number price" data-price={String(tick.price)} data-freshness={tick.freshness}>
      {/* The key makes each new price a new element, so that its flash starts over. */}
      <span key={tick.price} className="figure" data-direction={tick.direction}>
        {formatPrice(tick.price, row.currency ?? tick.currency)}
      </span>
      {showUnit && unit !== undefined && <span className="note">per {unit}</span>}
      {tick.freshness !== 'fresh' && <span className="note warning">{tick.freshness}</span>}
    </td>
  );
}

function ChangeCell({ tick, row }: { tick: PriceTick | undefined; row: CatalogRow }): ReactElement {
  const percent = tick?.changePercent;
  const trend = trendOf(percent);
  return (
    <td className="number change" data-trend={trend}>
      {percent === undefined ? (
        <span className="waiting">
          <span aria-hidden="true">–</span>
          <span className="unseen">not known</span>
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
    </td>
  );
}

function UpdatedCell({ tick }: { tick: PriceTick | undefined }): ReactElement {
  const now = useNow();
  const client = usePriceClient();
  // Of a value that a server repeats, its own time says more than its arrival.
  const ageMs = tick === undefined || now === 0 ? 0 : valueAgeMs(tick, now, client.stats().clockOffsetMs);
  const age = formatAge(ageMs);
  return (
    <td className="number updated">
      {tick !== undefined && (
        <time dateTime={tick.timestamp} title={tick.timestamp}>
          {age ?? 'now'}
          {age !== undefined && <span className="wide"> ago</span>}
        </time>
      )}
    </td>
  );
}

interface PriceRowProps {
  row: CatalogRow;
  /** Whether the row says its origin and its unit itself, because its group does not. */
  showOrigin: boolean;
  showUnit: boolean;
}

/** A row of the table. */
export const PriceRow = memo(function PriceRow({ row, showOrigin, showUnit }: PriceRowProps): ReactElement {
  const tick = usePrice(row.channel);
  return (
    <tr data-channel={row.channel} data-origin={row.origin?.toLowerCase()}>
      <th scope="row">
        <span className="name">{row.name}</span>
        {row.symbol !== undefined && <span className="symbol">{row.symbol}</span>}
        {showOrigin && row.origin !== undefined && <span className="tag">{row.origin}</span>}
      </th>
      <PriceCell tick={tick} row={row} showUnit={showUnit} />
      <ChangeCell tick={tick} row={row} />
      <UpdatedCell tick={tick} />
    </tr>
  );
});
