/** Where a sign-in outlives a reload of the page: the tab's own storage, which ends with the tab. */
import { sessionOf, type DemoSession } from './demo-server.js';

/** Reads and writes the one session. */
export interface SessionShelf {
  read: () => DemoSession | undefined;
  write: (session: DemoSession | undefined) => void;
}

const key = 'tickwire.session';

/** The session in a text that anybody may have written. */
export function readSession(text: string | null): DemoSession | undefined {
  if (text === null) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  const { id, name } = (value as { user?: { id?: unknown; name?: unknown } } | null)?.user ?? {};
  if (typeof id !== 'string' || typeof name !== 'string') return undefined;
  return sessionOf(value, { id, name });
}

/** @param storage asked each time: a browser may refuse it, and throws then */
export function createSessionShelf(storage: () => Storage = () => sessionStorage): SessionShelf {
  return {
    read: () => {
      try {
        return readSession(storage().getItem(key));
      } catch {
        return undefined;
      }
    },
    write: (session) => {
      try {
        if (session === undefined) storage().removeItem(key);
        else storage().setItem(key, JSON.stringify(session));
      } catch {
        // Without storage the sign-in lasts until the page is reloaded.
      }
    },
  };
}
