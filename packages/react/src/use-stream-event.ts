/** Side effects of what the stream says, without a render. */
import type { ClientEventName, ClientEvents } from '@tickwire/client';
import { useEffect, useRef } from 'react';
import { feedClientOf } from './feed-client.js';
import { errorOf } from './price-channel.js';
import { sayOnce } from './said.js';
import { useStream } from './stream-context.js';

/**
 * Calls the newest listener for each event of a type while mounted, as `client.on` does; it subscribes to nothing. A
 * listener that throws stops nobody and is reported to the client's `error`. Without a type it listens to none; one that
 * does not exist is told by the console.
 *
 * @throws Error without a provider
 * @example useStreamEvent('alert_triggered', ({ data }) => play(data.alertType));
 */
export function useStreamEvent<Name extends ClientEventName>(
  type: Name | null | undefined,
  listener: (payload: ClientEvents[Name]) => void,
): void {
  const { client } = useStream('useStreamEvent');
  const newest = useRef(listener);
  useEffect(() => {
    newest.current = listener;
  });
  useEffect(() => {
    if (type === null || type === undefined) return undefined;
    try {
      return feedClientOf(client).on(type, (payload: ClientEvents[Name]) => newest.current(payload));
    } catch (cause) {
      sayOnce(`useStreamEvent('${type}'): ${errorOf(cause).message}`);
      return undefined;
    }
  }, [client, type]);
}
