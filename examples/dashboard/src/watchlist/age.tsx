/** How old a price is, in words; renders when those change. */
import type { PriceTick } from '@tickwire/client';
import type { ReactElement } from 'react';
import { useClock } from '../shell/use-now.js';
import { ageWords } from './row-words.js';

interface AgeProps {
  tick: PriceTick | undefined;
  /** Whether prices are of this moment. */
  live: boolean;
  /** The server's clock minus this one. */
  clockOffsetMs: number;
}

export function Age({ tick, live, clockOffsetMs }: AgeProps): ReactElement {
  const words = useClock((now) => ageWords(tick, { now, live, clockOffsetMs }));
  return (
    <time className="age" dateTime={tick?.timestamp} title={tick?.timestamp}>
      {words}
    </time>
  );
}
