import { describe, expect, it, vi } from 'vitest';
import { settle, subscribeAck, type FakeSocket } from '@tickwire/testing';
import type { PriceStreamError, Subscription } from '@tickwire/client';
import { Harness } from './harness.js';

type Outcome = { confirmed: boolean } | PriceStreamError | undefined;

/** How a wait stands from now on. */
function followed(wait: Promise<{ confirmed: boolean }>): () => Outcome {
  let outcome: Outcome;
  wait.then(
    (answer) => (outcome = answer),
    (error: unknown) => (outcome = error as PriceStreamError),
  );
  return () => outcome;
}

/** A server that lives and puts every channel off, again and again. */
function putOff(socket: FakeSocket): void {
  socket.onSent = ({ type, id, data }) => {
    if (type === 'ping') queueMicrotask(() => socket.receive({ type: 'pong', id, ts: 0 }));
    if (type !== 'subscribe') return;
    const { channels } = data as { channels: { channel: string }[] };
    const rejected = channels.map(({ channel }) => ({ channel, code: 'RATE_LIMITED', retryable: true }));
    queueMicrotask(() => socket.receive({ type: 'ack', id, op: 'subscribe', data: { subscribed: [], rejected } }));
  };
}

async function waiting(): Promise<{ harness: Harness; subscription: Subscription<unknown> }> {
  const harness = await new Harness().connected();
  putOff(harness.socket);
  return { harness, subscription: harness.client.subscribe(['coin:a', 'coin:b'], () => undefined) };
}

describe('ready({ timeoutMs })', () => {
  it.each([
    ['15,000 ms where it is left out', undefined, 15_000],
    ['its own', { timeoutMs: 2_000 }, 2_000],
    ['more than a timer can be', { timeoutMs: 2 ** 31 + 5 }, undefined],
  ] as const)('F9: bounds a wait that would last for good: %s', async (_which, options, boundMs) => {
    const { harness, subscription } = await waiting();
    const outcome = followed(subscription.ready(options));
    await harness.clock.advance((boundMs ?? 60_000) - 1);
    expect(outcome()).toBeUndefined();
    if (boundMs === undefined) return;
    await harness.clock.advance(1);
    expect(outcome()).toMatchObject({ name: 'PriceStreamError', code: 'REQUEST_TIMEOUT', retryable: true });
    expect((outcome() as PriceStreamError).message).toMatch(/coin:a.*dialect.*timeoutMs/);
    expect(subscription.active).toBe(true);
  });

  it('counts while the connection is up only: it starts anew when the connection comes back', async () => {
    const harness = new Harness();
    const subscription = harness.client.subscribe('coin:a', () => undefined);
    const outcome = followed(subscription.ready({ timeoutMs: 1_000 }));
    await harness.clock.advance(4_000);
    expect(outcome()).toBeUndefined();
    for (let up = 0; up < 2; up += 1) {
      await harness.connected();
      putOff(harness.socket);
      await harness.clock.advance(900);
      harness.socket.drop(1006);
      await harness.clock.advance(3_000);
      expect(outcome()).toBeUndefined();
    }
    await harness.connected();
    putOff(harness.socket);
    await harness.clock.advance(999);
    expect(outcome()).toBeUndefined();
    await harness.clock.advance(1);
    expect(outcome()).toMatchObject({ code: 'REQUEST_TIMEOUT' });
  });

  const ends: Readonly<Record<string, (rig: { harness: Harness; subscription: Subscription<unknown> }) => unknown>> = {
    'is confirmed': ({ harness }) => {
      harness.socket.receive(subscribeAck(harness.socket.taken()[0]?.['id'], ['coin:a']));
    },
    'is let go': ({ subscription }) => subscription.unsubscribe(),
    'ends with the client': ({ harness }) => harness.socket.drop(1000),
    'loses its connection': ({ harness }) => harness.socket.drop(1006),
  };

  it.each(Object.keys(ends))('leaves no timer behind when it %s', async (how) => {
    const harness = await new Harness().connected();
    const subscription = harness.client.subscribe('coin:a', () => undefined);
    await settle();
    const timeoutMs = 12_345;
    const started = vi.spyOn(harness.clock, 'setTimeout');
    const stopped = vi.spyOn(harness.clock, 'clearTimeout');
    const outcome = followed(subscription.ready({ timeoutMs }));
    const begun = started.mock.results[started.mock.calls.findIndex(([, delayMs]) => delayMs === timeoutMs)];
    expect(begun?.type).toBe('return');
    expect(stopped).not.toHaveBeenCalledWith(begun?.value);
    await ends[how]?.({ harness, subscription });
    await settle();
    expect(stopped).toHaveBeenCalledWith(begun?.value);
    if (how !== 'loses its connection') expect(outcome()).toBeDefined();
  });

  it('leaves no timer behind when its signal aborts', async () => {
    const { harness, subscription } = await waiting();
    const abort = new AbortController();
    const before = harness.clock.pending;
    const outcome = followed(subscription.ready({ signal: abort.signal }));
    expect(harness.clock.pending).toBe(before + 1);
    abort.abort();
    await settle();
    expect([harness.clock.pending, outcome()]).toEqual([before, expect.objectContaining({ name: 'AbortError' })]);
  });

  it.each([0, -1, NaN, Infinity, '5000', null])('refuses %s at the call', async (timeoutMs) => {
    const { harness, subscription } = await waiting();
    const before = harness.clock.pending;
    const refused = subscription.ready({ timeoutMs: timeoutMs as number });
    await expect(refused).rejects.toMatchObject({
      code: 'CONFIGURATION',
      message: expect.stringContaining('timeoutMs must be a number of milliseconds') as unknown,
    });
    expect(harness.clock.pending).toBe(before);
  });
});

describe('a server that speaks none of the dialects', () => {
  const frames: Readonly<Record<string, readonly unknown[]>> = {
    nothing: [],
    'objects without a type': [{ e: 'trade' }, { e: 'trade' }],
    arrays: [[0, 'hb'], [1], [2]],
    'types of its own': [{ type: 'ticker' }, { type: 'ticker' }, { type: 'ticker' }],
    'a greeting in words': ['Request served by 4d89'],
  };

  it.each(Object.keys(frames))('F9: leaves no ready() pending: it sends %s', async (what) => {
    const harness = new Harness();
    const subscription = harness.client.subscribe('coin:bitcoin', () => undefined);
    const outcome = followed(subscription.ready());
    harness.socket.open();
    for (const frame of frames[what] ?? []) harness.socket.receive(frame);
    // It lives: what it is asked, it answers with what it says anyhow.
    const { socket } = harness;
    socket.onSent = () => queueMicrotask(() => socket.receive(frames[what]?.[0] ?? { no: 'idea' }));
    await harness.clock.advance(20_000);
    expect(outcome()).toBeDefined();
  });

  /** Sockets open as soon as they are dialled, and their server says nothing of ours, until the clock has moved so far. */
  async function ungreeted(harness: Harness, ms: number): Promise<void> {
    for (let left = ms; left > 0; left -= 100) {
      if (harness.socket.readyState === 0) harness.socket.open();
      await harness.clock.advance(Math.min(100, left));
    }
  }

  it('F9: that never greets where tickwire is asked for leaves no ready() pending, over several attempts', async () => {
    const harness = new Harness({ dialect: 'tickwire' });
    const subscription = harness.client.subscribe('coin:bitcoin', () => undefined);
    const outcome = followed(subscription.ready());
    await ungreeted(harness, 14_000);
    expect(outcome()).toBeUndefined();
    await ungreeted(harness, 6_000);
    expect(harness.sockets.all.length).toBeGreaterThan(1);
    expect(outcome()).toMatchObject({ name: 'PriceStreamError', code: 'REQUEST_TIMEOUT', retryable: true });
    expect((outcome() as PriceStreamError).message).toMatch(/coin:bitcoin.*opened.*no hello.*dialect/);
    expect(subscription.active).toBe(true);
  });

  it('F9: is waited for on open sockets only, and forgiven once one of them greets', async () => {
    const harness = new Harness({ dialect: 'tickwire' });
    const subscription = harness.client.subscribe('coin:bitcoin', () => undefined);
    const outcome = followed(subscription.ready({ timeoutMs: 1_000 }));
    // Nothing opens: that is the network's, and only delays.
    await harness.clock.advance(25_000);
    expect(outcome()).toBeUndefined();
    await ungreeted(harness, 900);
    harness.socket.drop(1006);
    await harness.connected();
    putOff(harness.socket);
    harness.socket.drop(1006);
    void harness.client.connect();
    await ungreeted(harness, 900);
    expect(outcome()).toBeUndefined();
    await ungreeted(harness, 100);
    expect(outcome()).toMatchObject({ code: 'REQUEST_TIMEOUT' });
  });
});
