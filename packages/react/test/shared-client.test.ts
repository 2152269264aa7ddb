import { PriceStreamError } from '@tickwire/client';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createSharedClients, type Token } from '../src/shared-client.js';
import { fakeClient, type FakeClient } from './fake-client.js';

const url = 'ws://localhost:1/ws';

function registry() {
  const made: { url: string; token: Token | undefined; fake: FakeClient }[] = [];
  const clients = createSharedClients((of, { token }) => {
    const fake = fakeClient();
    made.push({ url: of, token, fake });
    return fake.client;
  });
  const lease = (token?: Token, of = url) => clients.lease(clients.keyOf(of, token), of, token);
  return { clients, made, lease };
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
});
afterEach(() => {
  vi.useRealTimers();
});

describe('shared clients', () => {
  it('makes one client for equal URLs and tokens, and others for others', () => {
    const { made, lease } = registry();
    const getToken = () => 'x';
    const tokens: (Token | undefined)[] = [undefined, 'a', 'b', { apiKey: 'a' }, getToken, () => 'x'];
    for (const token of [...tokens, ...tokens]) lease(typeof token === 'object' ? { ...token } : token);
    lease(undefined, 'ws://localhost:2/ws');
    expect(made).toHaveLength(tokens.length + 1);
  });

  it('makes none for a look', () => {
    const { clients, made } = registry();
    expect(clients.peek(clients.keyOf(url, undefined))).toBeUndefined();
    expect(made).toHaveLength(0);
  });

  it('closes a client a second after its last lease, once', () => {
    const { clients, made, lease } = registry();
    const [first, second] = [lease(), lease()];
    first.release();
    first.release();
    vi.advanceTimersByTime(5_000);
    expect(made[0]?.fake.log).toEqual([]);
    second.release();
    vi.advanceTimersByTime(999);
    expect(made[0]?.fake.log).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(made[0]?.fake.log).toEqual(['close']);
    expect(clients.peek(clients.keyOf(url, undefined))).toBeUndefined();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('keeps a client that is leased again within the linger', () => {
    const { made, lease } = registry();
    lease().release();
    vi.advanceTimersByTime(900);
    const again = lease();
    vi.advanceTimersByTime(5_000);
    expect(made.map(({ fake }) => fake.log)).toEqual([[]]);
    again.release();
    vi.advanceTimersByTime(1_000);
    lease();
    expect(made).toHaveLength(2);
  });

  it('asks the newest of a hook’s token functions', async () => {
    const { clients, made, lease } = registry();
    const first: Token = () => 'old';
    lease(first);
    const given = made[0]?.token;
    if (typeof given !== 'function') throw new Error('The client got no function.');
    expect(await given({ reason: 'initial' })).toBe('old');
    clients.renewToken(clients.keyOf(url, first), () => 'new');
    expect(await given({ reason: 'expired' })).toBe('new');
    clients.renewToken(clients.keyOf(url, first), undefined);
    expect(await given({ reason: 'expired' })).toBeNull();
  });

  it('shows a wrong option as a connection that failed', () => {
    const error = new PriceStreamError('CONFIGURATION', 'The URL is none.');
    const clients = createSharedClients(() => {
      throw error;
    });
    const lease = clients.lease('key', 'nonsense', undefined);
    expect(lease.connection.get()).toEqual({ status: 'failed', error });
    expect(lease.connection.get()).toBe(lease.connection.get());
    expect(lease.feed.get('metal:gold')).toBeUndefined();
    lease.feed.subscribe(['metal:gold'], () => undefined)();
    lease.release();
    vi.advanceTimersByTime(1_000);
    expect(clients.peek('key')).toBeUndefined();
  });

  it('hides no error that is not the client’s own', () => {
    const clients = createSharedClients(() => {
      throw new TypeError('a bug');
    });
    expect(() => clients.lease('key', url, undefined)).toThrow(TypeError);
  });
});
