/** The chart of an instrument; loaded when one is first opened. The prices that come go past React. */
import { usePriceClient, type PriceChannel } from '@tickwire/react';
import { useEffect, useRef, type ReactElement } from 'react';
import type { Candle } from '../market/candles.js';
import type { ChartKind } from './chart-data.js';
import { createDrawing, type Drawing } from './chart-drawing.js';

interface PriceChartProps {
  channel: PriceChannel;
  candles: readonly Candle[];
  /** The length of a candle in seconds. */
  interval: number;
  kind: ChartKind;
  currency: string | undefined;
}

export default function PriceChart({ channel, candles, interval, kind, currency }: PriceChartProps): ReactElement {
  const place = useRef<HTMLDivElement>(null);
  const drawing = useRef<Drawing>(null);
  const client = usePriceClient();

  useEffect(() => {
    if (place.current === null) return;
    const own = createDrawing(place.current, kind, currency);
    drawing.current = own;
    const unfollow = client.prices.subscribe(channel, ({ price, receivedAt }) => own.put(price, receivedAt));
    return () => {
      unfollow();
      own.remove();
      drawing.current = null;
    };
  }, [client, channel, kind, currency]);

  // After the effect above, whose drawing it fills.
  useEffect(() => drawing.current?.set(candles, interval), [client, channel, kind, currency, candles, interval]);

  // What it shows is said in words beside it.
  return <div className="chart-place" ref={place} aria-hidden="true" />;
}
