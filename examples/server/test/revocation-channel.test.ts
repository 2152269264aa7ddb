import { describe, expect, it } from 'vitest';
import { createMemoryEngine } from '../src/engine/memory.js';
import { defaultLimits as limits } from '../src/limits.js';
import { createRevocationChannel } from '../src/services/revocation-channel.js';

async function setUp() {
  const engine = createMemoryEngine({
    limits,
    now: () => 0,
    createEpoch: () => 'e',
    onListenerError: () => undefined,
  });
  const channel = createRevocationChannel(engine, () => true);
  const revoked: string[] = [];
  await channel.start((userId) => revoked.push(userId));
  return { engine, revokeUser: channel.revokeUser, revoked };
}

describe('the way of revocations', () => {
  it.each<[string, unknown]>([
    ['nobody', ''],
    ['a control character', '\u0000'],
    ['a line feed at the end', 'alice\n'],
    ['a space', 'alice smith'],
    ['letters beyond ASCII', 'ålice'],
    ['65 characters', 'a'.repeat(65)],
    ['no text', undefined],
    ['a list', ['alice']],
  ])('F36: revokes no user whose id is %s, whichever node says so', async (_case, userId) => {
    const { engine, revokeUser, revoked } = await setUp();
    await expect(revokeUser(userId as string)).rejects.toThrow('A user id is 1 to 64 visible ASCII characters');
    expect(await engine.history('control:revoked', { limit: 5 })).toMatchObject({ seq: 0, messages: [] });
    await engine.publish('control:revoked', JSON.stringify(userId ?? null));
    expect(revoked).toEqual([]);
  });

  it('tells every node of a user', async () => {
    const { revokeUser, revoked } = await setUp();
    await revokeUser('auth0|alice');
    expect(revoked).toEqual(['auth0|alice']);
  });
});
