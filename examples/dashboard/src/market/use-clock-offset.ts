/** The server's clock minus this one, in steps: a clock that is measured a little better wakes no row. */
import { usePriceClient } from '@tickwire/react';
import { useClock } from '../shell/use-now.js';

const stepMs = 250;

/** In ms; 0 where it is not known. */
export function useClockOffset(): number {
  const client = usePriceClient();
  return useClock(() => Math.round((client.stats().clockOffsetMs ?? 0) / stepMs) * stepMs);
}
