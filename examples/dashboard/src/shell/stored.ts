/** What the browser keeps for the page. Storage may be forbidden, full or edited by hand: reading then gives the fallback. */

/** The part of a browser's storage that the page uses. */
export type Kept = Pick<Storage, 'getItem' | 'setItem'>;

/** The browser's storage, or `undefined` where a page may not have one. */
export function browserStorage(): Kept | undefined {
  try {
    return globalThis.localStorage;
  } catch {
    return undefined;
  }
}

/**
 * Reads what was kept under a key.
 * @param check gives the value, or `undefined` for what cannot be one
 */
export function readStored<Value>(
  storage: Kept | undefined,
  key: string,
  check: (value: unknown) => Value | undefined,
): Value | undefined {
  try {
    const text = storage?.getItem(key);
    return text === null || text === undefined ? undefined : check(JSON.parse(text));
  } catch {
    return undefined;
  }
}

/** Keeps a value; where nothing can be kept, it is forgotten with the page. */
export function store(storage: Kept | undefined, key: string, value: unknown): void {
  try {
    storage?.setItem(key, JSON.stringify(value));
  } catch {
    // Full or forbidden: the page works without.
  }
}
