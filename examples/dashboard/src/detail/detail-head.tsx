/** The price of the instrument, large, with its change and the range of its day. */
import { formatPercent } from '@tickwire/client/format';
import { usePrice, usePriceDirection } from '@tickwire/react';
import type { ReactElement, ReactNode } from 'react';
import type { CatalogRow } from '../market/catalog-rows.js';
import { formatChange, formatPrice, trendOf } from '../market/format-price.js';
import { useClockOffset } from '../market/use-clock-offset.js';
import { Age } from '../watchlist/age.js';

const arrows = { up: '▲', down: '▼', flat: '■', unknown: '' } as const;
const directionWords = { up: 'rising', down: 'falling' } as const;

function Fact({ name, children }: { name: string; children: ReactNode }): ReactElement {
  return (
    <div>
      <dt>{name}</dt>
      <dd className="number">{children}</dd>
    </div>
  );
}

export function DetailHead({ row, live }: { row: CatalogRow; live: boolean }): ReactElement {
  const tick = usePrice(row.channel);
  const direction = usePriceDirection(row.channel, { holdMs: 1_500 });
  const clockOffsetMs = useClockOffset();
  const currency = row.currency ?? tick?.currency;
  const unit = row.unit ?? tick?.unit;
  const trend = trendOf(tick?.changePercent);
  const written = (price: number | undefined): string =>
    price === undefined ? 'not known' : formatPrice(price, currency);
  return (
    <div className="detail-head" data-live={live}>
      <p className="detail-price">
        <span className="figure" data-direction={direction ?? undefined}>
          {tick === undefined ? 'waiting…' : formatPrice(tick.price, currency)}
        </span>
        {unit !== undefined && <span className="detail-unit">per {unit}</span>}
        {/* Never by colour alone; there at all times, so that nothing moves. */}
        <span className="detail-arrow" data-trend={direction ?? 'flat'} aria-hidden="true">
          {direction === null ? '' : arrows[direction]}
        </span>
        {direction !== null && <span className="unseen">{directionWords[direction]}</span>}
      </p>
      <p className="detail-change" data-trend={trend}>
        <span className="figure">
          {tick?.changePercent === undefined ? (
            'Change not known'
          ) : (
            <>
              <span className="arrow" aria-hidden="true">
                {arrows[trend]}
              </span>
              {formatPercent(tick.changePercent)}
            </>
          )}
        </span>
        {row.kind === 'metal' && tick?.change !== undefined && (
          <span className="number"> {formatChange(tick.change, tick.price, currency)}</span>
        )}
        <Age tick={tick} live={live} clockOffsetMs={clockOffsetMs} />
      </p>
      <dl className="detail-facts">
        <Fact name="Lowest, 24 h">{written(tick?.low)}</Fact>
        <Fact name="Highest, 24 h">{written(tick?.high)}</Fact>
      </dl>
    </div>
  );
}
