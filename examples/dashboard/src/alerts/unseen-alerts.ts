/** The alerts that fired while nobody saw the page: what its title says until somebody does. */

/** What was not seen. */
export interface UnseenAlerts {
  count: number;
  /** The last of them in words; `undefined` where there are none. */
  last: string | undefined;
}

/** The part of a document that tells whether it is seen. */
export type SeenDocument = Pick<Document, 'visibilityState' | 'addEventListener' | 'removeEventListener'>;

/** What was not seen, as React reads it. */
export interface UnseenStore {
  get: () => UnseenAlerts;
  subscribe: (listener: () => void) => () => void;
  /** An alert fired; one that is seen is none of these. */
  add: (words: string) => void;
}

const none: UnseenAlerts = { count: 0, last: undefined };

/** @param page asked for it late, because a server has none */
export function createUnseenAlerts(page: () => SeenDocument): UnseenStore {
  const listeners = new Set<() => void>();
  let unseen = none;

  function set(next: UnseenAlerts): void {
    unseen = next;
    for (const listener of [...listeners]) listener();
  }

  function looked(): void {
    if (page().visibilityState === 'visible' && unseen.count > 0) set(none);
  }

  return {
    get: () => unseen,
    subscribe: (listener) => {
      if (listeners.size === 0) page().addEventListener('visibilitychange', looked);
      listeners.add(listener);
      return () => {
        if (listeners.delete(listener) && listeners.size === 0) page().removeEventListener('visibilitychange', looked);
      };
    },
    add: (words) => {
      if (page().visibilityState !== 'visible') set({ count: unseen.count + 1, last: words });
    },
  };
}

/** Those of the page. */
export const unseenAlerts = createUnseenAlerts(() => document);

/** The title of the page while nobody looks: how many alerts fired meanwhile, and the last of them. */
export function unseenWords(title: string, unseen: number, last: string | undefined): string {
  if (unseen === 0) return title;
  return `(${unseen}) ${last ?? 'Alert'} – ${title}`;
}
