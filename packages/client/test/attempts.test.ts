import { describe, expect, it } from 'vitest';
import { coinPrice, hello, settle, subscribeAck } from '@tickwire/testing';
import { Harness } from './harness.js';

/** A promise that the test settles. */
function deferred<Value>() {
  let resolve: (value: Value) => void = () => undefined;
  let reject: (cause: unknown) => void = () => undefined;
  const promise = new Promise<Value>((settled, failed) => {
    resolve = settled;
    reject = failed;
  });
  return { promise, resolve, reject };
}

describe('what an earlier attempt still waits for', () => {
  it('as a token counts no more: close, another token and connect lead to one connection, as the other', async () => {
    const [first, second] = [deferred<string>(), deferred<string>()];
    const given = [first.promise, second.promise];
    const harness = new Harness({ dialect: 'tickwire', token: () => given.shift() ?? null });
    void harness.client.connect().catch(() => undefined);
    harness.socket.open();
    harness.socket.receive(hello());
    await settle();
    const closing = harness.client.close();
    void harness.client.connect();
    harness.socket.open();
    harness.socket.receive(hello());
    await closing;
    first.resolve('token-a');
    await settle();
    second.resolve('token-b');
    await settle();
    expect(harness.sockets.all).toHaveLength(2);
    expect(harness.sockets.alive).toBe(1);
    const sent = harness.sockets.all.flatMap((socket) => socket.sent).join('\n');
    expect(sent).toContain('token-b');
    expect(sent).not.toContain('token-a');
  });

  it.each(['resolves', 'rejects'] as const)('as a URL opens nothing when it %s too late', async (how) => {
    const first = deferred<string>();
    const given: (string | Promise<string>)[] = [first.promise, 'ws://b.example/ws'];
    const harness = new Harness({}, () => given.shift() ?? 'ws://c.example/ws');
    const errors = harness.record('error');
    void harness.client.connect().catch(() => undefined);
    const closing = harness.client.close();
    void harness.client.connect();
    await closing;
    if (how === 'resolves') first.resolve('ws://a.example/ws');
    else first.reject(new Error('too late'));
    await settle();
    expect(harness.sockets.all.map((socket) => socket.url)).toEqual(['ws://b.example/ws']);
    expect(errors).toEqual([]);
  });
});

describe('after close()', () => {
  it('no late token, no timer and no wake-up connects again', async () => {
    const token = deferred<string>();
    const harness = await new Harness({ token: () => token.promise }).connected();
    await harness.client.close();
    token.resolve('late');
    for (const online of [false, true]) harness.environment.change({ online });
    for (const visible of [false, true]) harness.environment.change({ visible });
    harness.environment.resume();
    await harness.clock.advance(3_600_000);
    expect(harness.sockets.all).toHaveLength(1);
    expect(harness.socket.taken()).toEqual([]);
    expect(harness.client.connection.get().status).toBe('closed');
  });

  it.each(['connecting', 'reconnecting', 'paused'] as const)('in %s nothing connects again', async (state) => {
    const harness = new Harness();
    void harness.client.connect().catch(() => undefined);
    if (state === 'paused') harness.environment.change({ online: false });
    if (state !== 'connecting') harness.socket.drop(1006);
    expect(harness.client.connection.get().status).toBe(state);
    const closing = harness.client.close();
    harness.environment.change({ online: false });
    harness.environment.change({ online: true });
    await harness.clock.advance(3_600_000);
    await closing;
    expect(harness.sockets.all).toHaveLength(1);
    expect(harness.client.connection.get().status).toBe('closed');
  });

  it('the end is told even to a listener that is taken off right after', async () => {
    const harness = await new Harness().connected();
    const statuses: string[] = [];
    const undo = harness.client.on('connection', ({ status }) => statuses.push(status));
    const closing = harness.client.close();
    undo();
    await closing;
    expect(statuses).toEqual(['closed']);
  });
});

describe('a client that gave up', () => {
  it('has all its attempts again after connect()', async () => {
    const harness = new Harness({ reconnect: { maxAttempts: 2 } });
    for (let outage = 1; outage <= 3; outage += 1) {
      const attempts: number[] = [];
      const undo = harness.client.on('connection', (connection) => {
        if (connection.status === 'connecting') attempts.push(connection.attempt);
      });
      const connecting = harness.client.connect();
      const given = connecting.catch((error: unknown) => error);
      while (harness.client.connection.get().status !== 'failed') {
        if (harness.sockets.alive > 0) harness.socket.drop(1006);
        await harness.clock.advance(500);
      }
      expect(attempts).toEqual([1, 2, 3]);
      expect(await given).toMatchObject({ code: 'CONNECT_FAILED', retryable: false });
      undo();
    }
    await harness.connected();
    expect(harness.client.connection.get()).toMatchObject({ status: 'connected' });
  });

  it('is asked for a token as on the first day after connect()', async () => {
    const reasons: string[] = [];
    const harness = new Harness({
      dialect: 'tickwire',
      token: ({ reason }) => {
        reasons.push(reason);
        return 'x';
      },
    });
    for (let round = 0; round < 2; round += 1) {
      void harness.client.connect().catch(() => undefined);
      for (const closes of [1, 2]) {
        harness.socket.open();
        harness.socket.receive(hello());
        await settle();
        harness.socket.drop(4401);
        if (closes === 1) await harness.clock.advance(2_000);
      }
      expect(harness.client.connection.get()).toMatchObject({ status: 'failed', error: { code: 'TOKEN_REJECTED' } });
    }
    expect(reasons).toEqual(['initial', 'rejected', 'reconnect', 'rejected']);
  });
});

describe('a token provider', () => {
  it('is asked once an attempt, however many subscriptions and calls wait for it', async () => {
    let calls = 0;
    const token = deferred<string>();
    const harness = new Harness({
      dialect: 'tickwire',
      token: () => {
        calls += 1;
        return token.promise;
      },
    });
    for (let index = 0; index < 50; index += 1) harness.client.subscribe(`coin:c${index}`, () => undefined);
    for (let index = 0; index < 5; index += 1) void harness.client.connect();
    void harness.client.catalog().catch(() => undefined);
    harness.socket.open();
    harness.socket.receive(hello());
    harness.socket.receive(hello());
    await settle();
    expect(calls).toBe(1);
    token.resolve('x');
    await settle();
    expect(harness.socket.taken().filter(({ type }) => type === 'authenticate')).toHaveLength(1);
    harness.socket.drop(1006);
    await harness.clock.advance(1_000);
    harness.socket.open();
    harness.socket.receive(hello());
    expect(calls).toBe(2);
  });
});

describe('what goes over the wire', () => {
  it('never carries a number of a request twice, over any reconnects', async () => {
    const harness = await new Harness({ dialect: 'tickwire', heartbeat: { idleMs: 500, timeoutMs: 400 } }).connected();
    harness.client.subscribe(['coin:bitcoin', 'whales'], () => undefined);
    for (let reconnect = 0; reconnect < 5; reconnect += 1) {
      void harness.client.catalog().catch(() => undefined);
      await harness.clock.advance(600);
      harness.socket.drop(1006);
      while (harness.sockets.alive === 0) await harness.clock.advance(100);
      harness.socket.open();
      harness.socket.receive(hello());
      await settle();
    }
    const ids = harness.sockets.all
      .flatMap((socket) => socket.sent)
      .map((text) => (JSON.parse(text) as { id?: string }).id)
      .filter((id) => id !== undefined);
    expect(ids.length).toBeGreaterThan(12);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('has close reasons of at most 123 bytes, whatever the client closes for', async () => {
    const harness = new Harness({ dialect: 'tickwire', heartbeat: { idleMs: 500, timeoutMs: 400 } });
    void harness.client.connect().catch(() => undefined);
    await harness.clock.advance(10_000);
    await harness.clock.advance(10_000);
    await harness.connected();
    await harness.clock.advance(1_000);
    await harness.clock.advance(10_000);
    await harness.connected();
    for (let frame = 0; frame < 20; frame += 1) harness.socket.receive('{');
    await harness.client.close();
    const closes = harness.sockets.all.map((socket) => socket.closedByClient).filter((close) => close !== undefined);
    expect(new Set(closes.map((close) => close.reason)).size).toBeGreaterThanOrEqual(3);
    for (const { code = 0, reason = '' } of closes) {
      expect(new TextEncoder().encode(reason).length).toBeLessThanOrEqual(123);
      expect(code === 1000 || (code >= 3000 && code <= 4999)).toBe(true);
    }
  });
});

describe('the order within a channel', () => {
  it('is ack, snapshot, live: what a snapshot repeats of the past does not come after what is newer', async () => {
    const harness = await new Harness().connected();
    const prices: number[] = [];
    harness.client.subscribe('coin:bitcoin', (tick) => prices.push(tick.price));
    await settle();
    const [asked] = harness.socket.taken();
    harness.socket.receive(subscribeAck(asked?.['id'], ['coin:bitcoin']));
    const at = (seq: number) => ({ sub: 'coin:bitcoin', epoch: 'e1', seq });
    const item = { channel: 'coin:bitcoin', epoch: 'e1', seq: 1, message: coinPrice('bitcoin', 100) };
    harness.socket.receive({ type: 'snapshot', data: { items: [item] } });
    harness.socket.receive(coinPrice('bitcoin', 102, at(2)));
    harness.socket.receive({ type: 'snapshot', data: { items: [item] } });
    harness.socket.receive(coinPrice('bitcoin', 100, at(1)));
    harness.socket.receive(coinPrice('bitcoin', 103, at(3)));
    expect(prices).toEqual([100, 102, 103]);
  });
});
