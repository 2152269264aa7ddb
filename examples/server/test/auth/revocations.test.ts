import { describe, expect, it } from 'vitest';
import { createAuthenticator } from '../../src/auth/authenticator.js';
import { Revocations } from '../../src/auth/revocations.js';
import { defaultLimits as limits } from '../../src/limits.js';
import { createManualClock } from '../manual-clock.js';
import { signToken, testSecret } from './test-tokens.js';

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

  it('F65: are refused when there is no room, and those before stand', () => {
    const { revocations, pass } = setUp();
    expect(['a', 'b', 'c', 'a', 'd'].map((user) => revocations.add(user))).toEqual([true, true, true, true, false]);
    expect(['a', 'b', 'c', 'd'].map((user) => revocations.covers(user, 0))).toEqual([true, true, true, false]);
    pass(1_001);
    expect(revocations.add('d')).toBe(true);
  });

  it.each([
    ['back', -3_600_000],
    ['forward', 3_600_000],
  ])('F60: stand for their time, though the clock is set %s meanwhile', (_case, step) => {
    let now = 1_000_000_000;
    let elapsed = 0;
    const revocations = new Revocations({ keepMs: 1_000, maxUsers: 3, now: () => now, elapsed: () => elapsed });
    revocations.add('alice');
    now += step;
    elapsed += 500;
    revocations.covers('bob', 0);
    now -= step;
    expect(revocations.covers('alice', 1_000_000_000)).toBe(true);
    elapsed += 501;
    now += 1_001;
    expect(revocations.covers('alice', 0)).toBe(false);
  });
});

describe('the revocations of a server', () => {
  it('F65: stand as long as any token that they ended could live', async () => {
    const clock = createManualClock();
    const settings = { secret: testSecret, apiKeys: [], isRequired: false };
    const authenticator = createAuthenticator({ settings, limits, clock });
    const prove = (token: string) => authenticator.prove({ token }, 'address');
    const { tokenLifetimeMs, tokenSkewMs } = limits;
    // The longest that is let in: it does not say when it was issued, and ends as late as one may.
    const longest = { iat: undefined, exp: (clock.now() + tokenLifetimeMs + tokenSkewMs) / 1_000 };
    const [ended, spared] = [
      await signToken({ sub: 'alice', ...longest }),
      await signToken({ sub: 'bob', ...longest }),
    ];
    expect(await prove(ended)).toMatchObject({ ok: true });
    expect(authenticator.revoke('alice')).toBe(true);
    clock.advance(tokenLifetimeMs + 2 * tokenSkewMs - 1_000);
    expect(await prove(spared)).toMatchObject({ ok: true });
    expect(await prove(ended)).toEqual({ ok: false, code: 'TOKEN_REVOKED' });
  });
});
