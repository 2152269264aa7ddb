import { describe, expect, it } from 'vitest';
import { createAuthenticator, type Authenticator } from '../../src/auth/authenticator.js';
import { UserConnections } from '../../src/auth/user-connections.js';
import { createCounters } from '../../src/counters.js';
import { defaultLimits as limits } from '../../src/limits.js';
import { ConnectionRegistry } from '../../src/plugins/connection-registry.js';
import { createSocketAuthentication } from '../../src/routes/authentication.js';
import { createManualClock } from '../manual-clock.js';
import { signToken, testSecret } from './test-tokens.js';

describe('a user who is revoked between the proof and its effect', () => {
  it('gets the connection closed with 4401 and no channel', async () => {
    const clock = createManualClock();
    const counters = createCounters();
    const settings = { secret: testSecret, apiKeys: [], isRequired: false };
    const real = createAuthenticator({ settings, limits, clock });
    const users = new UserConnections(limits);
    const joined: string[] = [];
    const membership = {
      positionsOf: () => [],
      join: (_connection: object, wishes: readonly { channel: string }[]) => {
        joined.push(...wishes.map(({ channel }) => channel));
        return Promise.resolve();
      },
    };
    const authenticator: Authenticator = {
      ...real,
      async prove(credentials, address) {
        const proof = await real.prove(credentials, address);
        authentication.revoke('alice');
        return proof;
      },
    };
    const authentication = createSocketAuthentication({ authenticator, users, membership, clock, limits, counters });
    const sent: string[] = [];
    const registry = new ConnectionRegistry({
      limits,
      maxConnections: 1,
      clock,
      random: () => 0.5,
      createId: () => 'c1',
      onTaskError: () => undefined,
      counters,
      slowFrame: () => '',
    });
    const connection = registry.add({
      readyState: 1,
      bufferedAmount: 0,
      send: (data) => void sent.push(data.toString()),
      ping: () => undefined,
      close: (code) => void sent.push(String(code)),
      terminate: () => undefined,
    });
    const token = await signToken({ sub: 'alice' }, { now: clock.now() });
    await authentication.authenticate(connection, { type: 'authenticate', id: 1, data: { token } });
    expect(sent.join(' ')).toContain('TOKEN_REVOKED');
    expect(sent.at(-1)).toBe('4401');
    expect(users.userCount).toBe(0);
    expect(joined).toEqual([]);
    registry.remove(connection);
  });
});
