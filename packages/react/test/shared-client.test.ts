import { PriceStreamError, type Connection, type TokenProvider } from '@tickwire/client';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createSharedClients, type Lease } from '../src/shared-client.js';
import type { Token } from '../src/shared-entry.js';
import { observedClient, type ObservedClient } from './observed-client.js';
import { jwt } from './tokens.js';

const url = 'ws://localhost:1/ws';

function registry() {
  const made: { url: string; token: unknown; fake: ObservedClient }[] = [];
  const clients = createSharedClients((of, { token }) => {
    const fake = observedClient({ logger: { debug: () => undefined, error: () => undefined } });
    made.push({ url: of, token, fake });
    return fake.client;
  });
  const lease = async (token?: Token | null, rest: { url?: string; session?: string } = {}): Promise<Lease> =>
    clients.lease({ url, session: undefined, ...rest, token });
  /** What the client is given when it asks for a credential. */
  const ask = async (index: number, reason: Parameters<TokenProvider>[0]['reason']) => {
    const token = made[index]?.token;
    if (typeof token !== 'function') throw new Error('The client got no function.');
    return (token as TokenProvider)({ reason });
  };
  return { clients, made, lease, ask };
}

const failed: Connection = { status: 'failed', error: new PriceStreamError('TOKEN_REJECTED', 'No.') };

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

describe('shared clients', () => {
  it('are one for equal URLs and equal tokens, and others for others', async () => {
    const { made, lease } = registry();
    const tokens: (Token | null | undefined)[] = [undefined, 'a', 'b', { apiKey: 'a' }, jwt('alice'), () => jwt('bob')];
    for (const token of [...tokens, ...tokens, null])
      await lease(typeof token === 'object' && token ? { ...token } : token);
    await lease(undefined, { url: 'ws://localhost:2/ws' });
    expect(made).toHaveLength(tokens.length + 1);
  });

  it('are one for one session, whatever its tokens are', async () => {
    const { made, lease } = registry();
    for (const token of ['a', 'b', () => 'c', () => 'd', undefined]) await lease(token, { session: 'alice' });
    await lease('a', { session: 'bob' });
    await lease('a');
    expect(made).toHaveLength(3);
  });

  it('F45: are one for ten inline functions of one user, and ask each function once', async () => {
    const { made, lease, ask } = registry();
    let asked = 0;
    const inline = (): TokenProvider => () => {
      asked += 1;
      return Promise.resolve(jwt('alice', { iat: asked }));
    };
    await Promise.all(Array.from({ length: 10 }, () => lease(inline())));
    expect(made).toHaveLength(1);
    // What was told of the first one is what the client gets: it does not ask again.
    expect(await ask(0, 'initial')).toBe(jwt('alice', { iat: 1 }));
    expect(asked).toBe(10);
  });

  it('F45: ask one function once for all that use it', async () => {
    const { made, lease } = registry();
    const getToken = vi.fn(() => Promise.resolve('opaque'));
    await Promise.all(Array.from({ length: 10 }, () => lease(getToken)));
    await lease(getToken);
    expect(made).toHaveLength(1);
    expect(getToken).toHaveBeenCalledTimes(1);
  });

  it('F45: hint at a session where nobody can know whether two functions are of one user', async () => {
    const complaints = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    const { made, lease } = registry();
    await lease(() => 'opaque 1');
    expect(complaints).not.toHaveBeenCalled();
    await lease(() => 'opaque 2');
    await lease(() => 'opaque 3');
    expect(made).toHaveLength(3);
    expect(complaints).toHaveBeenCalledTimes(1);
    expect(complaints.mock.calls[0]?.[0]).toMatch(/session: '…'/);
  });

  it.each<[string, TokenProvider]>([
    [
      'throws',
      () => {
        throw new Error('no');
      },
    ],
    ['rejects', () => Promise.reject(new Error('no'))],
  ])('give a function that %s a client of its own, which asks it again', async (_how, provider) => {
    const { made, lease, ask } = registry();
    await lease(() => jwt('alice'));
    await lease(provider);
    expect(made).toHaveLength(2);
    await expect(ask(1, 'initial')).rejects.toThrow('no');
  });

  it('give a function that never answers a client of its own, ten seconds later', async () => {
    const { made, lease } = registry();
    const given = lease(() => new Promise(() => undefined));
    await vi.advanceTimersByTimeAsync(9_999);
    expect(made).toHaveLength(0);
    await vi.advanceTimersByTimeAsync(1);
    await given;
    expect(made).toHaveLength(1);
  });

  it('are closed a second after their last lease, once', async () => {
    const { made, lease } = registry();
    const [first, second] = [await lease(), await lease()];
    first.release();
    first.release();
    vi.advanceTimersByTime(5_000);
    expect(made[0]?.fake.log).toEqual([]);
    second.release();
    vi.advanceTimersByTime(999);
    expect(made[0]?.fake.log).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(made[0]?.fake.log).toEqual(['close']);
    expect(vi.getTimerCount()).toBe(0);
    await lease();
    expect(made).toHaveLength(2);
  });

  it('are kept where they are leased again within the linger', async () => {
    const { made, lease } = registry();
    (await lease()).release();
    vi.advanceTimersByTime(900);
    await lease();
    vi.advanceTimersByTime(5_000);
    expect(made.map(({ fake }) => fake.log)).toEqual([[]]);
  });

  it('F49: outlive a hot update that makes new functions of the same user', async () => {
    const { made, lease } = registry();
    (await lease(() => 'opaque')).release();
    vi.advanceTimersByTime(500);
    await lease(() => 'opaque');
    vi.advanceTimersByTime(5_000);
    expect(made).toHaveLength(1);
  });
});

describe('a lease', () => {
  it('asks the newest function of those who hold the client, and another one once that is gone', async () => {
    const { lease, ask } = registry();
    const session = 'alice';
    const first = await lease(() => 'old', { session });
    const second = await lease(() => 'second', { session });
    first.offer(() => 'new');
    expect(await ask(0, 'initial')).toBe('new');
    first.release();
    expect(await ask(0, 'reconnect')).toBe('second');
    second.release();
    expect(await ask(0, 'reconnect')).toBe('second');
  });

  it('F46: authenticates the living connection with another text, and is found under it', async () => {
    const { made, lease, ask } = registry();
    const first = await lease('one');
    expect(first.offer('two')).toBe(true);
    expect(first.offer('two')).toBe(true);
    expect(made[0]?.fake.log).toEqual(['authenticate "two"']);
    expect(await ask(0, 'reconnect')).toBe('two');
    await lease('two');
    expect(made).toHaveLength(1);
    await lease('one');
    expect(made).toHaveLength(2);
  });

  it('F46: authenticates a session with each new text, also where others hold it', async () => {
    const { made, lease } = registry();
    const [first] = [await lease('one', { session: 'alice' }), await lease('one', { session: 'alice' })];
    expect(first.offer('two')).toBe(true);
    expect(made.map(({ fake }) => fake.log)).toEqual([['authenticate "two"']]);
  });

  it('F44: is no longer one where others share the client, or the user has signed out', async () => {
    const { made, lease } = registry();
    const [first, second] = [await lease('one'), await lease('one')];
    expect(second.offer('two')).toBe(false);
    second.release();
    expect(first.offer(null)).toBe(false);
    expect(made[0]?.fake.log).toEqual([]);
  });

  it('keeps a renewed token of the same user where others share the client', async () => {
    const { made, lease } = registry();
    const [first] = [await lease(jwt('alice', { iat: 1 })), await lease(jwt('alice', { iat: 1 }))];
    expect(first.offer(jwt('alice', { iat: 2 }))).toBe(true);
    expect(made[0]?.fake.log).toEqual([`authenticate "${jwt('alice', { iat: 2 })}"`]);
  });

  it('F44: gives another user another socket, by text and by function', async () => {
    const { made, lease, ask } = registry();
    const first = await lease(jwt('alice'));
    expect(await ask(0, 'initial')).toBe(jwt('alice'));
    expect(first.offer(jwt('bob'))).toBe(true);
    await vi.advanceTimersByTimeAsync(0);
    expect(made[0]?.fake.log).toEqual(['close', 'connect']);
    expect(await ask(0, 'initial')).toBe(jwt('bob'));

    let user = 'alice';
    await lease(() => jwt(user), { session: 'one that forgets to change' });
    expect(await ask(1, 'initial')).toBe(jwt('alice'));
    expect(await ask(1, 'expired')).toBe(jwt('alice'));
    user = 'bob';
    expect(await ask(1, 'expired')).toBeNull();
    await vi.advanceTimersByTimeAsync(0);
    expect(made[1]?.fake.log).toEqual(['close', 'connect']);
    expect(await ask(1, 'initial')).toBe(jwt('bob'));
    expect(await ask(1, 'reconnect')).toBe(jwt('bob'));
  });

  it('F61: connects a client that has failed, for whoever comes, and by retry', async () => {
    const { made, lease } = registry();
    const first = await lease('one');
    made[0]?.fake.client.setConnection(failed);
    await lease('one');
    expect(made[0]?.fake.log).toEqual(['connect']);
    first.retry();
    expect(made[0]?.fake.log).toEqual(['connect', 'connect']);
    first.release();
    first.retry();
    expect(made[0]?.fake.log).toEqual(['connect', 'connect']);
    expect(made).toHaveLength(1);
  });

  it('shows a wrong option as a connection that failed, and tries anew for whoever comes', async () => {
    const error = new PriceStreamError('CONFIGURATION', 'The URL is none.');
    const create = vi.fn(() => {
      throw error;
    });
    const clients = createSharedClients(create);
    const wish = { url: 'nonsense', token: undefined, session: undefined };
    const lease = await clients.lease(wish);
    expect(lease.feed.connection()).toEqual({ status: 'failed', error });
    expect(lease.feed.connection()).toBe(lease.feed.connection());
    expect(lease.feed.get('metal:gold').tick).toBeUndefined();
    lease.feed.subscribe(['metal:gold'], () => undefined)();
    lease.retry();
    lease.release();
    await clients.lease(wish);
    expect(create).toHaveBeenCalledTimes(2);
  });

  it('hides no error that is not the client’s own', () => {
    const clients = createSharedClients(() => {
      throw new TypeError('a bug');
    });
    expect(() => clients.lease({ url, token: undefined, session: undefined })).toThrow(TypeError);
  });
});
