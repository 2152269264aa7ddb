/** Candles or a line, drawn by lightweight-charts in the page's colours and the reader's time zone. */
import { CandlestickSeries, createChart, LineSeries, type IChartApi, type UTCTimestamp } from 'lightweight-charts';
import type { Candle } from '../market/candles.js';
import { formatPrice } from '../market/format-price.js';
import { coloursAt, onThemeChange, type ChartColours } from './chart-colours.js';
import { smallestStep, withPrice, type ChartKind } from './chart-data.js';

/** A chart in the page. */
export interface Drawing {
  /** Draws other candles; `interval` is their length in seconds. */
  set: (candles: readonly Candle[], interval: number) => void;
  /** Draws one more price. */
  put: (price: number, atMs: number) => void;
  /** Takes it out of the page. */
  remove: () => void;
}

const times = new Intl.DateTimeFormat('en-GB', { timeStyle: 'short' });
const wholeTimes = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'short',
  hour: '2-digit',
  minute: '2-digit',
});

/** A chart counts seconds, people have time zones. */
const inZone = (format: Intl.DateTimeFormat) => (time: unknown) => format.format(Number(time) * 1_000);

const layoutOf = ({ text, line }: ChartColours) => ({
  layout: { textColor: text, background: { color: 'transparent' }, fontSize: 11, attributionLogo: false },
  grid: { vertLines: { color: line }, horzLines: { color: line } },
  rightPriceScale: { borderColor: line },
  timeScale: { borderColor: line },
});

const bar = ([time, open, high, low, close]: Candle) => ({ time: time as UTCTimestamp, open, high, low, close });
const point = ([time, , , , close]: Candle) => ({ time: time as UTCTimestamp, value: close });

const candleColours = ({ up, down }: ChartColours) => ({
  ...{ upColor: up, wickUpColor: up, borderUpColor: up },
  ...{ downColor: down, wickDownColor: down, borderDownColor: down },
});

/** A series of a kind, and how candles are written for it. */
function addSeries(chart: IChartApi, kind: ChartKind, colours: ChartColours) {
  if (kind === 'line') {
    const series = chart.addSeries(LineSeries, { color: colours.accent, lineWidth: 2 });
    return {
      series,
      set: (candles: readonly Candle[]) => series.setData(candles.map(point)),
      put: (candle: Candle) => series.update(point(candle)),
      paint: (next: ChartColours) => series.applyOptions({ color: next.accent }),
    };
  }
  const series = chart.addSeries(CandlestickSeries, candleColours(colours));
  return {
    series,
    set: (candles: readonly Candle[]) => series.setData(candles.map(bar)),
    put: (candle: Candle) => series.update(bar(candle)),
    paint: (next: ChartColours) => series.applyOptions(candleColours(next)),
  };
}

/** Puts a chart into an element, as large as that is. */
export function createDrawing(place: HTMLElement, kind: ChartKind, currency: string | undefined): Drawing {
  const colours = coloursAt(place);
  const layout = layoutOf(colours);
  const chart = createChart(place, {
    ...layout,
    autoSize: true,
    localization: { timeFormatter: inZone(wholeTimes) },
    timeScale: { ...layout.timeScale, timeVisible: true, tickMarkFormatter: inZone(times) },
    // A page that scrolls under a finger stays one: the chart moves sideways only.
    handleScroll: { vertTouchDrag: false },
  });
  const drawn = addSeries(chart, kind, colours);
  const formatter = (price: number): string => formatPrice(price, currency);
  let [candles, interval]: [readonly Candle[], number] = [[], 0];
  const unwatch = onThemeChange(() => {
    const next = coloursAt(place);
    chart.applyOptions(layoutOf(next));
    drawn.paint(next);
  });
  return {
    set: (next, nextInterval) => {
      const isOther = nextInterval !== interval || candles.length === 0;
      [candles, interval] = [next, nextInterval];
      const minMove = smallestStep(candles.at(-1)?.[4] ?? 1);
      drawn.series.applyOptions({ priceFormat: { type: 'custom', formatter, minMove } });
      drawn.set(candles);
      // What is looked at stays in sight while it grows.
      if (isOther) chart.timeScale().fitContent();
    },
    put: (price, atMs) => {
      if (interval === 0) return;
      candles = withPrice(candles, price, atMs, interval);
      const last = candles.at(-1);
      if (last !== undefined) drawn.put(last);
    },
    remove: () => {
      unwatch();
      chart.remove();
    },
  };
}
