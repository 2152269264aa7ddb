import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import { CountingTarget } from '@tickwire/lab';
import { hello, settle } from '@tickwire/testing';
import { PriceStreamError, PriceWebSocketClient } from '@tickwire/client';
import { Harness } from './harness.js';

const closed = expect.objectContaining({ status: 'closed' }) as unknown;

/** A closed client, one that has failed, and what their loops and waits reject with. */
const endings: [string, string, (harness: Harness) => unknown][] = [
  ['closed', 'CLOSED', (harness) => harness.client.close()],
  ['closed by the server with 1000', 'CLOSED', (harness) => harness.socket.drop(1000)],
  ['closed by the server with 4409', 'CLOSED', (harness) => harness.socket.drop(4409)],
  ['failed', 'UNSUPPORTED_VERSION', (harness) => harness.socket.drop(4406, 'unsupported_version')],
];

async function read(loop: AsyncIterable<unknown>): Promise<unknown> {
  for await (const _each of loop) return 'a value';
  return 'the end';
}

describe('the signal of the options', () => {
  it('that has aborted already starts the client closed: nothing connects it', async () => {
    const harness = new Harness({ signal: AbortSignal.abort(new Error('enough')) });
    expect(harness.client.connection.get()).toEqual(closed);
    harness.client.subscribe('coin:bitcoin', () => undefined);
    await expect(harness.client.catalog()).rejects.toMatchObject({ code: 'CLOSED' });
    await expect(harness.client.connect()).rejects.toMatchObject({ code: 'CLOSED', cause: { message: 'enough' } });
    await expect(read(harness.client.subscribe('coin:bitcoin'))).rejects.toMatchObject({ code: 'CLOSED' });
    expect(harness.sockets.all).toHaveLength(0);
    expect([harness.clock.pending, harness.environment.listeners]).toEqual([0, 0]);
    await harness.client.close();
  });

  it('that aborts closes a client in any state, for good', async () => {
    for (const reach of ['idle', 'connecting', 'connected', 'reconnecting'] as const) {
      const abort = new AbortController();
      const harness = new Harness({ signal: abort.signal });
      if (reach === 'connecting') void harness.client.connect().catch(() => undefined);
      else if (reach !== 'idle') await harness.connected();
      if (reach === 'reconnecting') harness.socket.drop(1006);
      expect(harness.client.connection.get().status).toBe(reach);
      abort.abort();
      expect(harness.client.connection.get()).toEqual(closed);
      await expect(harness.client.connect()).rejects.toMatchObject({ code: 'CLOSED' });
      await settle();
      expect(harness.sockets.alive).toBe(0);
    }
  });

  it('has no listener left after 1,000 clients were made and closed', async () => {
    const { signal } = new AbortController();
    for (let cycle = 0; cycle < 1_000; cycle += 1) {
      const client = new PriceWebSocketClient('ws://prices.example/ws', { signal });
      await client.close();
    }
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });

  it('is listened to once from connect() to the end of the connection, however often it reconnects', async () => {
    const target = new CountingTarget();
    const signal = Object.assign(target, { aborted: false }) as unknown as AbortSignal;
    const harness = await new Harness({ signal }).connected();
    harness.socket.drop(1006);
    await harness.connected();
    expect(target.listeners).toBe(1);
    harness.socket.drop(4403);
    expect([harness.client.connection.get().status, target.listeners]).toEqual(['failed', 0]);
    await harness.connected();
    expect(target.listeners).toBe(1);
    target.dispatchEvent(new Event('abort'));
    expect([harness.client.connection.get().status, target.listeners]).toEqual(['closed', 0]);
  });
});

describe.each(endings)('a client that is %s', (_how, code, end) => {
  const ended = async (): Promise<Harness> => {
    const harness = await new Harness().connected();
    await end(harness);
    return harness;
  };

  it('ends a new loop over a subscription at once, with the cause', async () => {
    const { client } = await ended();
    const subscription = client.subscribe('coin:bitcoin');
    expect(subscription.active).toBe(false);
    await expect(read(subscription)).rejects.toMatchObject({ name: 'PriceStreamError', code });
    await expect(subscription.ready()).rejects.toMatchObject({ code });
  });

  it('ends a loop over a handle with a listener as well', async () => {
    const { client } = await ended();
    const subscription = client.subscribe('coin:bitcoin', () => undefined);
    await expect(read(subscription)).rejects.toMatchObject({ code });
    expect(subscription.active).toBe(false);
  });

  it('F5: leaves no handle active; one with a listener is so again once connect() is called, and resumes', async () => {
    const harness = await new Harness().connected();
    const prices: unknown[] = [];
    const kept = harness.client.subscribe('coin:bitcoin', (tick) => prices.push(tick.price));
    const left = harness.client.subscribe('coin:bitcoin', () => undefined);
    const looped = harness.client.subscribe('coin:bitcoin');
    const activeNow = (): boolean[] => [kept, left, looped].map(({ active }) => active);
    expect(activeNow()).toEqual([true, true, true]);
    const seen: boolean[] = [];
    harness.client.on('connection', () => seen.push(kept.active));
    await end(harness);
    expect([activeNow(), seen]).toEqual([[false, false, false], [false]]);
    expect(harness.client.subscribe('coin:solana', () => undefined).active).toBe(false);
    left.unsubscribe();
    await harness.connected();
    expect(activeNow()).toEqual([true, false, false]);
    harness.socket.receive({ type: 'price_update', data: { coinId: 'bitcoin', price: 7 } });
    expect(prices).toEqual([7]);
  });

  it('ends a new loop over events at once, with the cause', async () => {
    const { client } = await ended();
    await expect(read(client.events('price'))).rejects.toMatchObject({ code });
    await expect(read(client.events('connection'))).rejects.toMatchObject({ code });
  });

  it('ends a loop whose signal has aborted without an error', async () => {
    const { client } = await ended();
    const signal = AbortSignal.abort();
    await expect(read(client.subscribe('coin:bitcoin', undefined, { signal }))).resolves.toBe('the end');
    await expect(read(client.events('price', { signal }))).resolves.toBe('the end');
  });

  it('works again after connect(), called a moment before or from a listener', async () => {
    const harness = await ended();
    void harness.client.connect();
    const loops = [read(harness.client.subscribe('coin:bitcoin')), read(harness.client.events('price'))];
    harness.socket.open();
    harness.socket.receive(hello());
    await settle();
    const price = { type: 'price_update', data: { coinId: 'bitcoin', price: 1 } };
    harness.socket.receive(price);
    await expect(Promise.all(loops)).resolves.toEqual(['a value', 'a value']);

    const again: Promise<unknown>[] = [];
    harness.client.connection.subscribe(({ status }) => {
      if (again.length > 0 || (status !== 'closed' && status !== 'failed')) return;
      void harness.client.connect();
      // Whoever reads the price that is known already lets the channel go.
      harness.client.subscribe('coin:bitcoin', () => undefined);
      again.push(read(harness.client.subscribe('coin:bitcoin')), read(harness.client.events('price')));
    });
    void end(harness);
    harness.socket.open();
    harness.socket.receive(hello());
    await settle();
    harness.socket.receive(price);
    await expect(Promise.all(again)).resolves.toEqual(['a value', 'a value']);
    await harness.client.close();
  });

  it('rejects those who wait for a subscription with the cause, listener or not', async () => {
    const harness = await new Harness().connected();
    const listening = harness.client.subscribe('coin:a', () => undefined);
    const waits = [listening.ready(), harness.client.subscribe('coin:b').ready()];
    const outcomes = Promise.allSettled(waits);
    await end(harness);
    for (const outcome of await outcomes) expect(outcome).toMatchObject({ status: 'rejected', reason: { code } });
    await expect(listening.ready()).rejects.toMatchObject({ code });
  });
});

describe('a refusal for good', () => {
  it.each([
    [4400, 'BAD_MESSAGE'],
    [4403, 'FORBIDDEN_CHANNEL'],
    [4406, 'UNSUPPORTED_VERSION'],
  ])('with %i is told as %s to the event, the state and everybody who waits', async (closeCode, code) => {
    const harness = new Harness();
    const errors = harness.record('error');
    const waits = Promise.allSettled([
      harness.client.connect(),
      harness.client.subscribe('coin:a', () => undefined).ready(),
      harness.client.catalog(),
      harness.client.authenticate('jwt'),
      harness.client.events('price').next(),
    ]);
    harness.socket.open();
    harness.socket.drop(closeCode, 'refused');
    const error = { code, closeCode, retryable: false };
    for (const outcome of await waits) expect(outcome).toMatchObject({ status: 'rejected', reason: error });
    expect(harness.client.connection.get()).toMatchObject({ status: 'failed', error });
    expect(errors).toMatchObject([error]);
    expect(errors[0]).toBeInstanceOf(PriceStreamError);
  });
});

describe('an end that the server meant', () => {
  it.each([1000, 4409])('F5: %i is said once, with what to do', async (code) => {
    const harness = await new Harness().connected();
    const errors = harness.record('error') as { code: string; message: string; closeCode: number }[];
    harness.socket.drop(code);
    await Promise.resolve();
    expect(harness.client.connection.get()).toMatchObject({ status: 'closed', code });
    expect(errors).toMatchObject([{ code: 'CLOSED', closeCode: code }]);
    expect(errors[0]?.message).toMatch(/connect\(\).*onClose/);
    await harness.client.close();
    expect(errors).toHaveLength(1);
  });

  it('F5: is not said where onClose asked for it', async () => {
    const harness = await new Harness({ onClose: () => 'stop' }).connected();
    const errors = harness.record('error');
    harness.socket.drop(1006);
    expect(harness.client.connection.get().status).toBe('closed');
    expect(errors).toEqual([]);
    await harness.client.close();
  });
});

describe('a connection that never opens', () => {
  /** Whether each of these dials, none of which opens, is said with the hint. */
  async function hintsOf(harness: Harness, dials: number): Promise<boolean[]> {
    const states = harness.record('connection') as { status: string; cause?: { message: string } | null }[];
    for (let dial = 1; dial <= dials; dial += 1) {
      harness.socket.drop(1006);
      await harness.clock.advance(10_000);
    }
    return states
      .filter(({ status }) => status === 'reconnecting')
      .map(({ cause }) => /address.* path.* origin/.test(cause?.message ?? ''));
  }

  it('F7: hints at address, path and origin once it has failed three times, and each time from then on', async () => {
    const harness = new Harness();
    void harness.client.connect().catch(() => undefined);
    expect(await hintsOf(harness, 4)).toEqual([false, false, true, true]);
    await harness.client.close();
  });

  it('F7: is not hinted at once there has been one that did', async () => {
    const harness = await new Harness().connected();
    expect(await hintsOf(harness, 5)).toEqual([false, false, false, false, false]);
    await harness.client.close();
  });
});
