/** What one stream consists of, for those of its rooms that work together. */
import type { Announcer } from './announcer.js';
import type { Channels } from './channels.js';
import type { Dialect } from './dialect.js';
import type { Cures } from './frames.js';
import type { Settings } from './options.js';
import type { Paced } from './pace.js';
import type { Prices } from './prices.js';
import type { StepLog } from './step-log.js';
import type { Turn } from './turn.js';

/** The rooms of one stream. */
export interface Rooms {
  readonly settings: Settings;
  readonly announcer: Announcer;
  readonly channels: Channels;
  readonly prices: Prices;
  readonly paced: Paced;
  readonly cures: Cures;
  readonly turn: Turn;
  readonly log: StepLog;
  /** What is spoken at the open. */
  dialect: Dialect;
  /** What helps where nothing that comes is understood, and where a server does not greet. */
  readonly advice: string;
  readonly findsOut: string;
  /** Whether a stream goes on without a WebSocket: prices come another way. */
  readonly goesWithout: boolean;
  /** Requests of the stream so far: each has a number that is never used twice. */
  requests: number;
}

/** A number for a request. */
export function nextRequest(rooms: Rooms): string {
  rooms.requests += 1;
  return `r${rooms.requests}`;
}
