/** What one stream consists of, for those of its rooms that work together. */
import type { Clock } from '../io/clock.js';
import type { Announcer } from './announcer.js';
import type { Channels } from './channels.js';
import type { Dialect } from './dialect.js';
import type { Cures } from './frames.js';
import type { Life } from './life.js';
import type { Paced } from './pace.js';
import type { Prices } from './prices.js';
import type { Turn } from './turn.js';

/** The rooms of one stream. */
export interface Rooms {
  readonly clock: Clock;
  readonly heartbeat: { readonly idleMs: number; readonly timeoutMs: number };
  /** What is told to look at when nothing that comes is understood. */
  readonly advice: string;
  readonly announcer: Announcer;
  readonly channels: Channels;
  readonly prices: Prices;
  readonly life: Life;
  readonly paced: Paced;
  readonly cures: Cures;
  readonly turn: Turn;
  /** What is spoken at the open. */
  readonly dialect: Dialect;
  /** Requests of the stream so far: each has a number that is never used twice. */
  readonly requests: { last: number };
}
