import { ErrorCode } from '@tickwire/protocol';
import { describe, expect, it } from 'vitest';
import { Attempts } from '../../src/auth/attempts.js';
import type { Proof } from '../../src/auth/identity.js';

const wrong: Proof = { ok: false, code: ErrorCode.AUTH_FAILED };
const right: Proof = { ok: true, identity: { userId: 'alice', by: 'token', scopes: [] } };
const busy: Proof = { ok: false, code: ErrorCode.SERVER_BUSY };

function setUp(limits: { authFailuresPerMinute?: number; authWaitingPerAddress?: number } = {}) {
  let now = 0;
  let [begun, running, most] = [0, 0, 0];
  const attempts = new Attempts({
    limits: { authFailuresPerMinute: 10, authWaitingPerAddress: 1_000, maxRememberedKeys: 100, ...limits },
    now: () => now,
  });
  const prove = (proof: Proof) => async () => {
    begun += 1;
    running += 1;
    most = Math.max(most, running);
    await new Promise((resolve) => setImmediate(resolve));
    running -= 1;
    return proof;
  };
  const many = (count: number, proof: Proof, address = 'a') =>
    Promise.all(Array.from({ length: count }, () => attempts.run(address, prove(proof))));
  const codes = (proofs: readonly Proof[]) => proofs.map((proof) => (proof.ok ? 'ok' : proof.code));
  return { attempts, many, codes, begun: () => begun, most: () => most, pass: (ms: number) => void (now += ms) };
}

describe('F66: proofs that come at the same moment', () => {
  it('are verified ten times when all are wrong, and the others are told to wait', async () => {
    const { many, codes, begun, attempts } = setUp();
    const proofs = await many(300, wrong);
    expect(begun()).toBe(10);
    expect(codes(proofs).filter((code) => code === 'AUTH_FAILED')).toHaveLength(10);
    expect(codes(proofs).filter((code) => code === 'AUTH_RATE_LIMITED')).toHaveLength(290);
    expect(attempts.busy).toBe(0);
  });

  it.each([
    ['right', right, 'ok'],
    ['of a moment in which the keys cannot be had', busy, 'SERVER_BUSY'],
  ])('are all verified when they are %s, ten at a time', async (_case, proof, code) => {
    const { many, codes, begun, most, attempts } = setUp();
    expect(new Set(codes(await many(300, proof)))).toEqual(new Set([code]));
    expect(begun()).toBe(300);
    expect(most()).toBe(10);
    expect(attempts.busy).toBe(0);
  });

  it('of one address keep no other waiting', async () => {
    const { many, codes } = setUp();
    const [bad, good] = await Promise.all([many(300, wrong, 'a'), many(20, right, 'b')]);
    expect(codes(bad)).toContain('AUTH_RATE_LIMITED');
    expect(new Set(codes(good))).toEqual(new Set(['ok']));
  });

  it('wait in a bounded number', async () => {
    const { many, codes } = setUp({ authWaitingPerAddress: 5 });
    expect(codes(await many(300, right)).filter((code) => code === 'ok')).toHaveLength(15);
  });

  it('go on one by one when single failures are left', async () => {
    const { many, codes, pass, most } = setUp({ authFailuresPerMinute: 3 });
    await many(3, wrong);
    pass(20_000);
    expect(codes(await many(3, right))).toEqual(['ok', 'ok', 'ok']);
    expect(most()).toBe(3);
    await many(1, wrong);
    expect(codes(await many(2, right))).toEqual(['AUTH_RATE_LIMITED', 'AUTH_RATE_LIMITED']);
  });

  it('that reject leave nothing behind', async () => {
    const { attempts } = setUp();
    const fail = () => attempts.run('a', () => Promise.reject(new Error('no')));
    await expect(Promise.all(Array.from({ length: 30 }, fail))).rejects.toThrow('no');
    await expect.poll(() => attempts.busy).toBe(0);
  });
});
