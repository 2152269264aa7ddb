import { describe, expect, it, vi } from 'vitest';
import { settle } from '@tickwire/testing';
import { Harness } from '../harness.js';
describe('a platform without a WebSocket', () => {
  it('is UNAVAILABLE when it connects, and not before', async () => {
    vi.resetModules();
    vi.doMock('../../src/io/socket.js', () => import('../../src/io/socket.web.js'));
    vi.stubGlobal('WebSocket', undefined);
    try {
      const { PriceWebSocketClient } = await import('../../src/index.js');
      const client = new PriceWebSocketClient('ws://prices.example/ws');
      const errors: string[] = [];
      client.on('error', ({ code }) => errors.push(code));
      await expect(client.connect()).rejects.toMatchObject({ code: 'UNAVAILABLE' });
      expect(client.connection.get()).toMatchObject({
        status: 'failed',
        error: { code: 'UNAVAILABLE', retryable: false },
      });
      expect(errors).toEqual(['UNAVAILABLE']);
      await client.close();
    } finally {
      vi.unstubAllGlobals();
      vi.doUnmock('../../src/io/socket.js');
      vi.resetModules();
    }
  });
});

describe('a server that has no room', () => {
  it.each([
    { reason: 'Server at capacity', code: 1008, leastMs: 5_000 },
    { reason: 'capacity', code: 1013, leastMs: 5_000 },
    { reason: 'capacity;ra=20000', code: 1013, leastMs: 20_000 },
    { reason: 'connection_limit', code: 4413, leastMs: 60_000 },
  ])('with $code $reason is not tried again before $leastMs ms', async ({ code, reason, leastMs }) => {
    const harness = new Harness({ random: () => 0 });
    const { client, clock } = harness;
    void client.connect().catch(() => undefined);
    harness.socket.open();
    harness.socket.drop(code, reason);
    await settle();
    expect(client.connection.get()).toMatchObject({ status: 'reconnecting', cause: { closeCode: code } });
    await clock.advance(leastMs - 1);
    expect(harness.sockets.all).toHaveLength(1);
    await clock.advance(1);
    expect(harness.sockets.all).toHaveLength(2);
    await client.close();
  });
});
