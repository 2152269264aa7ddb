/** Where a price stands between the lowest and the highest of 24 hours. */
import { memo, type ReactElement } from 'react';
import { formatPrice } from '../market/format-price.js';

interface RangeBarProps {
  /** 0 at the lowest, 100 at the highest; `undefined` where that is not known. */
  percent: number | undefined;
  low: number | undefined;
  high: number | undefined;
  currency: string | undefined;
}

export const RangeBar = memo(function RangeBar({ percent, low, high, currency }: RangeBarProps): ReactElement {
  if (percent === undefined || low === undefined || high === undefined) {
    return (
      <span className="range-unknown">
        <span aria-hidden="true">–</span>
        <span className="unseen">24 h range not known</span>
      </span>
    );
  }
  const words = `${formatPrice(low, currency)} to ${formatPrice(high, currency)}`;
  return (
    <span className="range" title={`24 h: ${words}`}>
      <span className="unseen">
        {words}, now at {percent} %
      </span>
      <span className="range-mark" style={{ insetInlineStart: `${percent}%` }} />
    </span>
  );
});
