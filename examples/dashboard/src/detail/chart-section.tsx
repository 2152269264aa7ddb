/** The chart with its choices, what it shows in words, and where it comes from. */
import type { PriceChannel } from '@tickwire/react';
import { lazy, Suspense, type ReactElement } from 'react';
import { candleSpans } from '../market/candles.js';
import type { CatalogRow } from '../market/catalog-rows.js';
import { formatPrice } from '../market/format-price.js';
import { useMarket } from '../market/market.js';
import { summaryOf } from './chart-data.js';
import { useCandles } from './use-candles.js';
import { useChartChoice } from './use-chart-choice.js';

const PriceChart = lazy(() => import('./price-chart.js'));
const kinds = { candles: 'Candles', line: 'Line' } as const;

interface ChartSectionProps {
  channel: PriceChannel;
  row: CatalogRow | undefined;
}

export function ChartSection({ channel, row }: ChartSectionProps): ReactElement {
  const { askCandles } = useMarket();
  const [{ interval, kind }, choose] = useChartChoice();
  const { candles, isWaiting, isOwn, madeUpBefore } = useCandles(channel, interval, askCandles);
  const summary = summaryOf(candles);
  const title = candleSpans.find((span) => span.interval === interval)?.title ?? '';
  const written = (price: number): string => formatPrice(price, row?.currency);
  return (
    <figure className="chart">
      <div className="chart-choices">
        <div role="group" aria-label="Span" className="choices">
          {candleSpans.map((span) => (
            <button
              key={span.interval}
              type="button"
              aria-pressed={span.interval === interval}
              onClick={() => choose({ interval: span.interval })}
            >
              {span.title}
            </button>
          ))}
        </div>
        <div role="group" aria-label="Drawn as" className="choices">
          {(['candles', 'line'] as const).map((name) => (
            <button key={name} type="button" aria-pressed={name === kind} onClick={() => choose({ kind: name })}>
              {kinds[name]}
            </button>
          ))}
        </div>
      </div>
      <div className="chart-frame">
        {candles.length === 0 ? (
          <p className="empty">
            {isWaiting ? 'Asking for the history…' : 'Drawn from here on: this server keeps no history.'}
          </p>
        ) : (
          <Suspense fallback={<p className="empty">Loading the chart…</p>}>
            <PriceChart channel={channel} candles={candles} interval={interval} kind={kind} currency={row?.currency} />
          </Suspense>
        )}
      </div>
      <figcaption>
        <span className="unseen">
          {summary !== undefined &&
            `${row?.name ?? channel}, ${isOwn ? 'since the page was opened' : title}: from ${written(summary.open)} to ${written(summary.close)}, lowest ${written(summary.low)}, highest ${written(summary.high)}. `}
        </span>
        {isOwn && candles.length > 0 && 'Since the page was opened. '}
        {madeUpBefore !== undefined && 'Simulated past. '}
        Chart by{' '}
        <a href="https://www.tradingview.com/" target="_blank" rel="noreferrer">
          TradingView Lightweight Charts™
        </a>
      </figcaption>
    </figure>
  );
}
