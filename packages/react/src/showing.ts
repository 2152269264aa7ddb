/**
 * When what has changed becomes what is shown. An update of an external store is never part of a transition: React
 * drops what it has rendered of one and begins again, so that a price a frame starves it. So the store does not change
 * on its own: it asks React for an update that waits for its turn (a state of the lowest priority that is no transition,
 * which does not interrupt one), and changes when React has come to it. Between two such moments no render is half done,
 * so all that one commit shows is of the same moment.
 */

/** Something that is shown to listeners. */
export interface Shown {
  readonly listeners: Set<() => void>;
  /** Takes the present in; whether anything is shown differently now. */
  refresh(): boolean;
}

/** The moments of one feed. */
export interface Showing {
  readonly isGuarded: boolean;
  /** It has changed; urgent changes do not wait for the others. */
  mark(shown: Shown, urgent: boolean): void;
  /** Shows what was marked, as soon as React is ready. */
  show(what: 'all' | 'urgent'): void;
  /** Nobody looks at it any more. */
  forget(shown: Shown): void;
  /** Asks this first, from now on; returns the undo. */
  guard(ask: () => void): () => void;
  /** React has come to what it was asked for. */
  reached(): void;
}

/**
 * @param inRender listeners are told first, and everything changes when the first of them is rendered
 * @param begin called when a new moment begins
 */
export function createShowing(inRender: boolean, begin: () => void): Showing {
  const gathered = new Set<Shown>();
  const due = new Set<Shown>();
  /** Of `due`, those whose listeners have been told already. */
  const told = new Set<Shown>();
  const gates = new Set<() => void>();
  let asked = false;

  function tell(entries: Iterable<Shown>): void {
    const listeners = new Map<() => void, Shown>();
    for (const entry of entries) for (const listener of entry.listeners) listeners.set(listener, entry);
    // A listener before this one may have taken it away: nothing is delivered after that.
    for (const [listener, entry] of listeners) if (entry.listeners.has(listener)) listener();
  }

  /** Takes the present in for what is due; those who were told already need not be told again. */
  function change(): Shown[] {
    asked = false;
    begin();
    const taken = [...(inRender ? told : due)];
    for (const entry of taken) due.delete(entry);
    told.clear();
    return taken.filter((entry) => entry.refresh());
  }

  function request(): void {
    if (inRender) {
      const untold = [...due].filter((entry) => !told.has(entry));
      for (const entry of untold) told.add(entry);
      tell(untold);
    } else if (gates.size === 0) tell(change());
    else if (!asked) {
      asked = true;
      for (const ask of [...gates]) ask();
    }
  }

  return {
    get isGuarded() {
      return inRender || gates.size > 0;
    },
    mark: (entry, urgent) => void (urgent ? due : gathered).add(entry),
    show: (what) => {
      if (what === 'all') {
        for (const entry of gathered) due.add(entry);
        gathered.clear();
      }
      if (due.size > 0) request();
    },
    forget: (entry) => {
      gathered.delete(entry);
      due.delete(entry);
      // Who was told may be gone before it was rendered; the others must not wait for it.
      if (told.delete(entry) && told.size > 0) change();
    },
    guard: (ask) => {
      const own = (): void => ask();
      gates.add(own);
      return () => {
        if (!gates.delete(own) || !asked) return;
        asked = false;
        request();
      };
    },
    reached: () => {
      if (inRender) {
        if (told.size > 0) change();
      } else if (asked) tell(change());
    },
  };
}
