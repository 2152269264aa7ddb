/** The last day of a price as a line: without a scale, for its shape alone. */
import type { PriceChannel } from '@tickwire/react';
import { memo, useCallback, useSyncExternalStore, type ReactElement } from 'react';
import type { Trails } from '../market/trails.js';
import { sparkPath } from './spark-path.js';

const [width, height] = [72, 24];

export const Sparkline = memo(function Sparkline({
  channel,
  trails,
  trend,
}: {
  channel: PriceChannel;
  trails: Trails;
  /** Which way the change of the row points: its colour. */
  trend: string;
}): ReactElement {
  const subscribe = useCallback((listener: () => void) => trails.subscribe(channel, listener), [channel, trails]);
  const get = (): ReturnType<Trails['get']> => trails.get(channel);
  const points = useSyncExternalStore(subscribe, get, get);
  return (
    // What it shows is said by the change beside it.
    <svg
      className="spark"
      viewBox={`-1 -2 ${width + 2} ${height + 4}`}
      data-trend={trend}
      aria-hidden="true"
      focusable="false"
    >
      <path d={sparkPath(points, width, height)} />
    </svg>
  );
});
