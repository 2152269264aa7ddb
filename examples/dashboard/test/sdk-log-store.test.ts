import { createFakeClient } from '@tickwire/testing';
import { describe, expect, it, vi } from 'vitest';
import { createSdkLog, sdkLogOf } from '../src/connection/sdk-log-store.js';

/** A log whose seconds pass when the test says so. */
function setup() {
  const client = createFakeClient({ prices: { 'coin:bitcoin': 50_000, 'metal:gold': 5_000 } });
  const seconds = new Set<() => void>();
  const log = createSdkLog(client, {
    now: () => client.clock.now(),
    everySecond: (task) => {
      seconds.add(task);
      return () => seconds.delete(task);
    },
  });
  const second = async (ms = 1_000): Promise<void> => {
    await client.clock.advance(ms);
    for (const task of [...seconds]) task();
  };
  const said = (): string[] => log.get().map(({ words }) => words);
  return { client, log, second, said, open: () => seconds.size };
}

describe('the log of a client', () => {
  it('listens while somebody looks, and keeps its lines', async () => {
    const { client, log, open, said } = setup();
    await client.connect();
    const leave = log.subscribe(() => undefined);
    expect(open()).toBe(1);
    client.setConnection('reconnecting');
    leave();
    leave();
    expect(open()).toBe(0);
    const before = said();
    expect(before).toHaveLength(1);
    client.setConnection('connected');
    expect(said()).toEqual(before);
    await client.close();
  });

  it('tells a loss, the way back, and what has resumed', async () => {
    const { client, log, second, said } = setup();
    client.subscribe('whales', () => undefined);
    await client.connect();
    await second();
    const listener = vi.fn();
    log.subscribe(listener);
    client.setConnection('reconnecting');
    client.event('whales', { usdValue: 1e6 });
    await client.clock.advance(1_500);
    client.setConnection('connected');
    await second();
    await second();
    expect(said().toReversed()).toEqual([
      expect.stringMatching(/^Lost the connection: the link broke off\. The next attempt is in /),
      expect.stringMatching(/^Connected again after .* and asked anew for everything on the page\.$/),
      'Left out a message that had come before.',
      'Resumed: 1 missed event delivered late, 2 of 2 prices known to be current.',
    ]);
    expect(listener.mock.calls.length).toBeGreaterThanOrEqual(3);
    await client.close();
  });

  it('writes down what a person did', () => {
    const { log, said } = setup();
    const listener = vi.fn();
    log.subscribe(listener);
    log.note('you', 'You cut the link.');
    expect(said()).toEqual(['You cut the link.']);
    expect(listener).toHaveBeenCalledOnce();
  });

  it('is one for all who look at the same client', () => {
    const client = createFakeClient();
    expect(sdkLogOf(client)).toBe(sdkLogOf(client));
  });
});
