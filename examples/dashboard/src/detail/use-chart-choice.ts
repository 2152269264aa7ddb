/** How the chart is looked at; kept in the browser. */
import { useState } from 'react';
import { candleSpans } from '../market/candles.js';
import { browserStorage, readStored, store } from '../shell/stored.js';
import type { ChartKind } from './chart-data.js';

const key = 'tickwire.chart';

/** Which candles, and how they are drawn. */
export interface ChartChoice {
  interval: number;
  kind: ChartKind;
}

const usual: ChartChoice = { interval: 900, kind: 'candles' };

/** The choice that was kept; `undefined` for what is none. */
export function keptChoice(value: unknown): ChartChoice | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { interval, kind } = value as Record<string, unknown>;
  const known = candleSpans.find((span) => span.interval === interval);
  if (known === undefined || (kind !== 'candles' && kind !== 'line')) return undefined;
  return { interval: known.interval, kind };
}

export function useChartChoice(): [ChartChoice, (next: Partial<ChartChoice>) => void] {
  const [choice, setChoice] = useState(() => readStored(browserStorage(), key, keptChoice) ?? usual);
  const change = (part: Partial<ChartChoice>): void => {
    const next = { ...choice, ...part };
    setChoice(next);
    store(browserStorage(), key, next);
  };
  return [choice, change];
}
