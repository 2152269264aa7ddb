/** The price of a row. What flashes is a layer of its own behind the figure: no figure is painted anew for it. */
import type { PriceTick } from '@tickwire/client';
import { usePriceDirection, type PriceChannel } from '@tickwire/react';
import { memo, type ReactElement } from 'react';
import type { CatalogRow } from '../market/catalog-rows.js';
import { formatPrice } from '../market/format-price.js';
import './price-cell.css';

const holdMs = 250;

/** Shows for a moment which way the price went. A stream of changes holds it; it does not start over with each. */
const Flash = memo(function Flash({ channel }: { channel: PriceChannel }): ReactElement {
  const direction = usePriceDirection(channel, { holdMs });
  return <span className="flash" data-direction={direction ?? undefined} aria-hidden="true" />;
});

interface PriceCellProps {
  tick: PriceTick | undefined;
  row: CatalogRow;
}

export function PriceCell({ tick, row }: PriceCellProps): ReactElement {
  if (tick === undefined) {
    return (
      <span role="cell" className="price" data-freshness="none">
        <span className="waiting">waiting…</span>
      </span>
    );
  }
  const unit = row.unit ?? tick.unit;
  return (
    <span role="cell" className="price" data-price={String(tick.price)} data-freshness={tick.freshness}>
      <span className="flashing">
        <Flash channel={row.channel} />
        <span className="figure">{formatPrice(tick.price, row.currency ?? tick.currency)}</span>
      </span>
      {unit !== undefined && <span className="note">per {unit}</span>}
    </span>
  );
}
