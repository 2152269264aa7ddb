import { describe, expect, it } from 'vitest';
import { Revocations } from '../../src/auth/revocations.js';

function setUp() {
  let now = 1_000_000;
  const revocations = new Revocations({ keepMs: 1_000, maxUsers: 3, now: () => now });
  return { revocations, pass: (ms: number) => void (now += ms) };
}

describe('revocations', () => {
  it('cover tokens from before and not those from after', () => {
    const { revocations } = setUp();
    revocations.add('alice');
    expect(revocations.covers('alice', 999_000)).toBe(true);
    expect(revocations.covers('alice', 1_000_000)).toBe(true);
    expect(revocations.covers('alice', 1_000_001)).toBe(false);
    expect(revocations.covers('alice', undefined)).toBe(true);
    expect(revocations.covers('bob', 0)).toBe(false);
  });

  it('are forgotten when no token from before can be valid any more', () => {
    const { revocations, pass } = setUp();
    revocations.add('alice');
    pass(1_001);
    expect(revocations.covers('alice', 0)).toBe(false);
    expect(revocations.size).toBe(0);
  });

  it('are bounded in number; the oldest goes first', () => {
    const { revocations } = setUp();
    for (const user of ['a', 'b', 'c', 'a', 'd']) revocations.add(user);
    expect(revocations.size).toBe(3);
    expect(['a', 'b', 'c', 'd'].map((user) => revocations.covers(user, 0))).toEqual([true, false, true, true]);
  });
});
