import { describe, expect, it } from 'vitest';
import { coinPrice, settle, snapshot, subscribeAck } from '@tickwire/testing';
import { PriceWebSocketClient } from '@tickwire/client';
import { Harness } from './harness.js';
import { version } from '../src/version.js';

const secret = 'hush-7f3a';

describe('inspect', () => {
  it('tells version, connection, dialect, subscriptions, counters, options and steps as JSON', async () => {
    const harness = await new Harness({ reconnect: { maxAttempts: 7 } }).connected();
    harness.client.subscribe('coin:bitcoin', () => undefined, { minIntervalMs: 50 });
    harness.client.subscribe('coin:nope', () => undefined);
    await settle();
    const [request] = harness.socket.taken();
    const rejected = [{ channel: 'coin:nope', code: 'UNKNOWN_CHANNEL', retryable: false }];
    harness.socket.receive(subscribeAck(request?.['id'], ['coin:bitcoin'], rejected));
    harness.socket.receive(snapshot([{ channel: 'coin:bitcoin', seq: 4, message: coinPrice('bitcoin', 1) }]));
    const report = harness.client.inspect();
    expect(JSON.parse(JSON.stringify(report))).toEqual(report);
    expect(report).toMatchObject({
      version,
      takenAt: '2026-01-01T00:00:00.000Z',
      connection: { status: 'connected', transport: 'websocket' },
      dialect: 'tickwire',
      subscriptions: [
        { channel: 'coin:bitcoin', handles: 1, status: 'confirmed', minIntervalMs: 50, seq: 4, freshness: 'fresh' },
        { channel: 'coin:nope', handles: 1, status: 'refused', seq: null },
      ],
      stats: { messages: 3 },
      options: { url: 'ws://prices.example/ws', reconnect: { maxAttempts: 7 }, credentials: 'none' },
      fallback: null,
    });
    expect(report.log[0]).toBe('idle × connect → connecting, attempt 1');
    await harness.client.close();
  });

  it('holds no token, header, query or user of an address, whatever has happened', async () => {
    const harness = new Harness({});
    const client = new PriceWebSocketClient(`wss://user:${secret}@prices.example/ws?token=${secret}#${secret}`, {
      WebSocket: harness.sockets.WebSocket,
      clock: harness.clock,
      environment: harness.environment,
      token: secret,
      headers: { Authorization: secret },
      protocols: [secret],
      fallback: { url: `https://prices.example/api?token=${secret}`, afterAttempts: 1 },
      fetch: () => Promise.reject(new Error(secret)),
    });
    void client.connect().catch(() => undefined);
    harness.socket.open();
    harness.socket.receive({ type: 'error', data: { code: 'AUTH_FAILED', message: 'no' } });
    client.authenticate(`${secret}-2`).catch(() => undefined);
    await settle();
    harness.socket.drop(4401, 'unauthenticated');
    await harness.clock.advance(5_000);
    harness.socket.drop();
    await settle();
    const text = JSON.stringify(client.inspect());
    expect(text).toContain('prices.example');
    expect(text).not.toContain(secret);
    expect(client.inspect().options['credentials']).toBe('fixed');
    await client.close();
  });

  it('keeps the last 50 steps, though a logger throws', async () => {
    const harness = new Harness({
      logger: {
        debug: () => {
          throw new Error('full');
        },
      },
    });
    void harness.client.connect().catch(() => undefined);
    for (let dial = 0; dial < 60; dial += 1) {
      harness.socket.drop();
      await harness.clock.advance(30_000);
    }
    expect(harness.client.inspect().log).toHaveLength(50);
    await harness.client.close();
    expect(harness.client.inspect().log.at(-1)).toContain('→ closed');
  });

  it('says of a failed connection why, and before any that it is idle', async () => {
    const harness = new Harness();
    expect(harness.client.inspect()).toMatchObject({ connection: { status: 'idle' }, dialect: 'undecided', log: [] });
    harness.client.connect().catch(() => undefined);
    harness.socket.drop(4403, 'no');
    await settle();
    const { connection } = harness.client.inspect();
    expect(connection).toMatchObject({ status: 'failed', error: { code: 'FORBIDDEN_CHANNEL', closeCode: 4403 } });
  });
});
