import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { VersionedMap } from '../../src/core/versioned-map.js';

type Change = { key: string; value: number | null };
const changes = fc.array(fc.record({ key: fc.constantFrom('a', 'b', 'c', 'd'), value: fc.option(fc.nat(9)) }), {
  maxLength: 30,
});

function applied(map: VersionedMap<string, number>, { key, value }: Change): VersionedMap<string, number> {
  return value === null ? map.without(key) : map.with(key, value);
}
const sorted = (map: Iterable<readonly [string, number]>): unknown[] => [...map].sort();

describe('a map of many versions', () => {
  it('keeps each version as it was, in whatever order they are read and changed', () => {
    fc.assert(
      fc.property(changes, fc.infiniteStream(fc.nat()), (all, picks) => {
        let map = new VersionedMap<string, number>([['a', 0]]);
        const versions = [{ map, copy: new Map(map) }];
        for (const change of all) {
          map = applied(map, change);
          const copy = new Map(versions.at(-1)?.copy);
          if (change.value === null) copy.delete(change.key);
          else copy.set(change.key, change.value);
          versions.push({ map, copy });
        }
        for (let left = versions.length * 2; left > 0; left -= 1) {
          const { map: version, copy } = versions[(picks.next().value ?? 0) % versions.length] ?? { map, copy: map };
          expect(sorted(version)).toEqual(sorted(copy));
          expect(version.size).toBe(copy.size);
          version.with('z', 1); // another branch
          expect(version.has('z')).toBe(false);
        }
      }),
    );
  });

  it('tells which keys lead from one version to another, and that none do', () => {
    const first = new VersionedMap<string, number>();
    const second = first.with('a', 1).with('b', 2).with('a', 3);
    expect([...(first.changesTo(second) ?? [])]).toEqual(['a', 'b']);
    expect(first.changesTo(first)?.size).toBe(0);
    expect(second.changesTo(first)).toBeUndefined();
    expect(second.without('nothing')).toBe(second);
  });
});
