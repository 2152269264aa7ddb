/** What the connection is doing. */
import type { Connection } from '@tickwire/client';
import { useMemo } from 'react';
import { useStream } from './stream-context.js';
import { useSelection, type ReadableStore } from './use-selection.js';

/** What a server renders: it has no connection. */
export const idleConnection: Connection = { status: 'idle' };

const whole = (connection: Connection): Connection => connection;

/**
 * The provider's connection; watching it does not connect.
 *
 * @param select what to render by, for example `(c) => c.status`
 * @param isEqual for selections that are objects; @default Object.is
 * @throws Error without a provider
 */
export function useConnection(): Connection;
export function useConnection<Selected>(
  select: (connection: Connection) => Selected,
  isEqual?: (a: Selected, b: Selected) => boolean,
): Selected;
export function useConnection(
  select: (connection: Connection) => unknown = whole,
  isEqual: (a: unknown, b: unknown) => boolean = Object.is,
): unknown {
  const { feed } = useStream('useConnection');
  const store = useMemo(
    (): ReadableStore<Connection> => ({
      subscribe: (listener) => feed.follow(listener),
      get: () => feed.connection(),
      getInitial: () => idleConnection,
    }),
    [feed],
  );
  return useSelection(store, select, isEqual);
}
