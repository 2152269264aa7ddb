/** A map of which every version stays as it is, though the newest is changed without a copy: an older one knows what differs. */

interface Change<Key, Value> {
  readonly key: Key;
  /** Makes the older version of the newer one. */
  readonly undo: (map: Map<Key, Value>) => void;
  readonly newer: VersionedMap<Key, Value>;
}

/**
 * One version. Changing and reading the newest costs the same however large it is; reading an older one copies it first,
 * which nobody does but who keeps a session. What was deleted stands last in the copy.
 */
export class VersionedMap<Key, Value> implements ReadonlyMap<Key, Value> {
  /** The entries, while this is the newest version or has been copied. */
  #map: Map<Key, Value> | undefined;
  #change: Change<Key, Value> | undefined;

  constructor(entries?: Iterable<readonly [Key, Value]>) {
    this.#map = new Map(entries);
  }

  /** The next version, with this entry. */
  with(key: Key, value: Value): VersionedMap<Key, Value> {
    const map = this.#entries();
    const known = map.get(key);
    const undo = map.has(key)
      ? (copy: Map<Key, Value>) => copy.set(key, known as Value)
      : (copy: Map<Key, Value>) => copy.delete(key);
    map.set(key, value);
    return this.#next(map, key, undo);
  }

  /** The next version, without this key; the same where it is not there. */
  without(key: Key): VersionedMap<Key, Value> {
    const map = this.#entries();
    if (!map.has(key)) return this;
    const known = map.get(key) as Value;
    map.delete(key);
    return this.#next(map, key, (copy) => copy.set(key, known));
  }

  /** The keys of all changes that lead from this version to a newer one; `undefined` where none lead there. */
  changesTo(newer: VersionedMap<Key, Value>): Set<Key> | undefined {
    const keys = new Set<Key>();
    if (newer === this) return keys;
    for (let change = this.#change; change !== undefined; change = change.newer.#change) {
      keys.add(change.key);
      if (change.newer === newer) return keys;
    }
    return undefined;
  }

  #next(map: Map<Key, Value>, key: Key, undo: Change<Key, Value>['undo']): VersionedMap<Key, Value> {
    const newer = new VersionedMap<Key, Value>();
    newer.#map = map;
    this.#map = undefined;
    this.#change = { key, undo, newer };
    return newer;
  }

  #entries(): Map<Key, Value> {
    if (this.#map !== undefined) return this.#map;
    const undos: Change<Key, Value>['undo'][] = [];
    let newest: Map<Key, Value> | undefined;
    for (let change = this.#change; change !== undefined && newest === undefined; change = change.newer.#change) {
      undos.push(change.undo);
      newest = change.newer.#map;
    }
    this.#map = new Map(newest);
    for (const undo of undos.reverse()) undo(this.#map);
    this.#change = undefined;
    return this.#map;
  }

  get size(): number {
    return this.#entries().size;
  }

  get(key: Key): Value | undefined {
    return this.#entries().get(key);
  }

  has(key: Key): boolean {
    return this.#entries().has(key);
  }

  keys(): MapIterator<Key> {
    return this.#entries().keys();
  }

  values(): MapIterator<Value> {
    return this.#entries().values();
  }

  entries(): MapIterator<[Key, Value]> {
    return this.#entries().entries();
  }

  forEach(take: (value: Value, key: Key, map: ReadonlyMap<Key, Value>) => void): void {
    for (const [key, value] of this.#entries()) take(value, key, this);
  }

  [Symbol.iterator](): MapIterator<[Key, Value]> {
    return this.entries();
  }
}
