/** The connection in words: what it does, and what a person may expect of it; pure. */
import type { Connection } from '@tickwire/client';

/** Words for the eye, which may count down, and for the ear, which change only when something happened. */
export interface ConnectionWords {
  shown: string;
  spoken: string;
}

const same = (words: string): ConnectionWords => ({ shown: words, spoken: words });

/** A sentence for the reason that a close or an error gives. */
function because(words: string, reason: string): ConnectionWords {
  return same(reason === '' ? words : `${words}: ${reason}`);
}

/**
 * Says what the connection is doing.
 * @param now epoch ms, for the countdown to the next attempt
 */
export function connectionWords(connection: Connection, now: number): ConnectionWords {
  switch (connection.status) {
    case 'idle':
      return same('Not connected');
    case 'connecting':
      return same(connection.attempt > 1 ? `Connecting… (attempt ${connection.attempt})` : 'Connecting…');
    case 'connected':
      if (connection.mute) return same('Connected, but silent');
      return same(connection.transport === 'polling' ? 'Live (polling)' : 'Live');
    case 'reconnecting': {
      const seconds = Math.ceil((connection.retryAt - now) / 1_000);
      const when = seconds > 0 ? `in ${seconds} s` : 'now';
      return {
        shown: `Reconnecting ${when} (attempt ${connection.attempt})`,
        spoken: `Reconnecting, attempt ${connection.attempt}`,
      };
    }
    case 'paused':
      return same(connection.reason === 'offline' ? 'Offline' : 'Paused while hidden');
    case 'closed':
      return because('Stopped', connection.reason);
    case 'failed':
      return because('Stopped', connection.error.message);
  }
}
