/** The connection in words: what it does, and what a person may expect of it; pure. */
import type { Connection } from '@tickwire/client';

/** One sentence in three parts; without its middle it stays one, so that a countdown need not be read aloud. */
export interface ConnectionWords {
  words: string;
  /** `in 3 s`: changes each second. */
  countdown?: string;
  /** `(attempt 2)` */
  detail?: string;
}

/** A sentence for the reason that a close or an error gives. */
function because(words: string, reason: string): ConnectionWords {
  return { words: reason === '' ? words : `${words}: ${reason}` };
}

/**
 * Says what the connection is doing.
 * @param now epoch ms, for the countdown to the next attempt
 */
export function connectionWords(connection: Connection, now: number): ConnectionWords {
  switch (connection.status) {
    case 'idle':
      return { words: 'Not connected' };
    case 'connecting':
      return {
        words: 'Connecting…',
        ...(connection.attempt > 1 ? { detail: `(attempt ${connection.attempt})` } : {}),
      };
    case 'connected':
      if (connection.mute) return { words: 'Connected, but silent' };
      return { words: connection.transport === 'polling' ? 'Live (polling)' : 'Live' };
    case 'reconnecting': {
      const seconds = Math.ceil((connection.retryAt - now) / 1_000);
      return {
        words: 'Reconnecting',
        countdown: seconds > 0 ? `in ${seconds} s` : 'now',
        detail: `(attempt ${connection.attempt})`,
      };
    }
    case 'paused':
      return { words: connection.reason === 'offline' ? 'Offline' : 'Paused while hidden' };
    case 'closed':
      return because('Stopped', connection.reason);
    case 'failed':
      return because('Stopped', connection.error.message);
  }
}
