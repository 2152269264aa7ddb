import { hello, settle, type FakeSocket } from '@tickwire/testing';
import { describe, expect, it } from 'vitest';
import type { Credential, TokenReason } from '@tickwire/client';
import { Harness } from './harness.js';

type Json = Record<string, unknown>;
type Given = Credential | null | Promise<Credential | null>;

/** A server that accepts every token, with what its ack says besides. */
function accepting(socket: FakeSocket, part: () => Json = () => ({})): void {
  socket.onSent = ({ type, id }) =>
    queueMicrotask(() => {
      if (type === 'ping') socket.receive({ type: 'pong', id });
      if (type === 'authenticate')
        socket.receive({ type: 'ack', id, op: 'authenticate', data: { userId: 'alice', ...part() } });
    });
}

/** A client whose provider answers by this list, its last entry for good; connected to a server that accepts. */
async function provided(...answers: (() => Given)[]): Promise<{ harness: Harness; reasons: TokenReason[] }> {
  const reasons: TokenReason[] = [];
  const token = ({ reason }: { reason: TokenReason }): Given => {
    reasons.push(reason);
    return (answers[reasons.length - 1] ?? answers.at(-1))?.() ?? null;
  };
  const harness = new Harness({ dialect: 'tickwire', token });
  void harness.client.connect();
  accepting(harness.socket);
  harness.socket.open();
  harness.socket.receive(hello());
  await settle();
  return { harness, reasons };
}

const isAuthenticated = (harness: Harness): boolean => {
  const connection = harness.client.connection.get();
  return connection.status === 'connected' && connection.authenticated;
};
const good = (): Given => 'jwt';
const failures: readonly [string, () => Given][] = [
  ['rejects', () => Promise.reject(new Error('503'))],
  [
    'throws',
    () => {
      throw new Error('offline');
    },
  ],
  ['never answers', () => new Promise(() => undefined)],
  ['gives nonsense', () => ({}) as never],
];

describe.each(failures)('F2: a token provider that %s once', (_how, fail) => {
  it('when it connects: prices go out without, and it is asked again until it gives one', async () => {
    const { harness, reasons } = await provided(fail, good);
    const errors = harness.record('error');
    harness.client.subscribe('coin:bitcoin', () => undefined);
    await harness.clock.advance(10_000);
    expect(harness.socket.taken().map(({ type }) => type)).toContain('subscribe');
    await harness.clock.advance(5_000);
    expect(isAuthenticated(harness)).toBe(true);
    expect(reasons).toEqual(['initial', 'initial']);
    expect(errors.length).toBeLessThanOrEqual(1);
    expect(harness.sockets.all).toHaveLength(1);
    await harness.client.close();
    expect(harness.clock.pending).toBe(0);
  });

  it('when it reconnects', async () => {
    const { harness, reasons } = await provided(good, fail, good);
    harness.socket.drop(1006);
    await harness.clock.advance(1_000);
    accepting(harness.socket);
    harness.socket.open();
    harness.socket.receive(hello());
    await harness.clock.advance(15_000);
    expect(isAuthenticated(harness)).toBe(true);
    expect(reasons).toEqual(['initial', 'reconnect', 'reconnect']);
    await harness.client.close();
  });

  it('when it renews: what was accepted counts on, and the renewal comes', async () => {
    const { harness, reasons } = await provided(good, fail, good);
    harness.socket.receive({ type: 'error', data: { code: 'TOKEN_EXPIRING' } });
    await settle();
    expect(isAuthenticated(harness)).toBe(true);
    await harness.clock.advance(15_000);
    expect(isAuthenticated(harness)).toBe(true);
    expect(reasons).toEqual(['initial', 'expired', 'expired']);
    await harness.client.close();
  });
});

describe('F2: a token provider that goes on failing', () => {
  it('is asked with a back-off that grows to its limit, and at a wake-up at once', async () => {
    const { harness, reasons } = await provided(() => Promise.reject(new Error('503')));
    harness.answerPings();
    await harness.clock.advance(300_000);
    expect(reasons.length).toBeGreaterThan(10);
    expect(reasons.length).toBeLessThan(40);
    const before = reasons.length;
    harness.environment.resume();
    await settle();
    expect(reasons.length).toBe(before + 1);
    await harness.client.close();
  });

  it('is not asked any more once it has given null', async () => {
    const { harness, reasons } = await provided(
      () => Promise.reject(new Error('503')),
      () => null,
    );
    harness.answerPings();
    await harness.clock.advance(120_000);
    expect(reasons).toHaveLength(2);
    expect(isAuthenticated(harness)).toBe(false);
    await harness.client.close();
  });

  it('is not asked any more once the user has brought a credential', async () => {
    const { harness, reasons } = await provided(() => Promise.reject(new Error('503')));
    await harness.client.authenticate('mine');
    const before = reasons.length;
    await harness.clock.advance(10_000);
    expect(reasons).toHaveLength(before);
    expect(isAuthenticated(harness)).toBe(true);
    await harness.client.close();
  });
});

describe('F2: a server that has no time for a credential', () => {
  it.each<[string, (socket: FakeSocket, id: unknown) => void]>([
    ['says so', (socket, id) => socket.receive({ type: 'error', id, data: { code: 'SERVER_BUSY', retryable: true } })],
    ['does not answer', () => undefined],
  ])('%s: it is brought again, and no refusal is counted', async (_case, answer) => {
    const harness = new Harness({ dialect: 'tickwire', token: () => 'jwt' });
    void harness.client.connect();
    const { socket } = harness;
    let times = 0;
    socket.onSent = ({ type, id }) =>
      queueMicrotask(() => {
        if (type === 'ping') socket.receive({ type: 'pong', id });
        if (type !== 'authenticate') return;
        times += 1;
        if (times <= 3) answer(socket, id);
        else socket.receive({ type: 'ack', id, op: 'authenticate', data: { userId: 'alice' } });
      });
    socket.open();
    socket.receive(hello());
    await harness.clock.advance(60_000);
    expect(times).toBe(4);
    expect(isAuthenticated(harness)).toBe(true);
    await harness.client.close();
  });
});

describe('F58: a token that ends as soon as it is there', () => {
  async function nagged(part: (harness: Harness) => Json, token: 'fixed' | 'provider', ms: number) {
    const reasons: TokenReason[] = [];
    const provider = ({ reason }: { reason: TokenReason }): string => {
      reasons.push(reason);
      return 'jwt';
    };
    const harness = new Harness({ dialect: 'tickwire', token: token === 'fixed' ? 'jwt' : provider });
    void harness.client.connect();
    const { socket } = harness;
    let times = 0;
    accepting(socket, () => {
      times += 1;
      return part(harness);
    });
    socket.open();
    socket.receive(hello());
    await settle();
    const errors = harness.record('error');
    for (let passed = 0; passed < ms; passed += 250) {
      socket.receive({ type: 'error', data: { code: 'TOKEN_EXPIRING' } });
      await harness.clock.advance(250);
    }
    await harness.client.close();
    return { times, reasons, errors };
  }

  it.each(['fixed', 'provider'] as const)('is renewed at most every 30 s, and that is said once (%s)', async (kind) => {
    const { times, errors } = await nagged(() => ({}), kind, 55_000);
    // The sign-in, a renewal at once, and one every 30 s.
    expect(times).toBe(3);
    expect(errors).toMatchObject([{ code: 'TOKEN_EXPIRING', retryable: true }]);
  });

  it('that lives for 20 s is renewed in time, halfway', async () => {
    const { times, errors } = await nagged(
      (harness) => ({ expiresAt: harness.clock.now() + 20_000 }),
      'provider',
      60_000,
    );
    expect(times).toBeGreaterThanOrEqual(6);
    expect(times).toBeLessThanOrEqual(8);
    expect(errors).toHaveLength(1);
  });

  it('that has ended already is renewed every 5 s at most', async () => {
    const { times } = await nagged((harness) => ({ expiresAt: harness.clock.now() - 1 }), 'provider', 60_000);
    expect(times).toBeLessThanOrEqual(14);
  });
});
