/** Scenarios of the server's life and of its resources, on real sockets, scaled down from minutes to seconds. */
import { afterEach, describe, expect, it } from 'vitest';
import { startTestServer, type TestServer } from './test-server.js';

let server: TestServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

describe('readers that stand still', () => {
  it('are cut at the hard bound, while the others get every message', async () => {
    server = await startTestServer({ hardBufferBytes: 200_000 });
    const [lively, stalled] = [await server.openTickwire(), await server.openTickwire()];
    await lively.settle();
    await stalled.settle();
    stalled.socket.pause();
    const text = 'm'.repeat(16_000);
    let sent = 0;
    // The kernel takes some megabytes before anything waits in the server.
    while (server.app.connections.size === 2 && sent < 4_000) {
      await server.app.realtime.broadcastGlobal({ type: 'announcement', data: { message: text } });
      sent += 1;
      await new Promise((resolve) => setImmediate(resolve));
      expect(server.app.connections.unsentBytes()).toBeLessThan(600_000);
      const metrics = sent % 50 === 0 ? await (await fetch(`${server.base}/metrics`)).text() : '';
      if (metrics.includes('tickwire_slow_consumers_total 1')) break;
    }
    await expect.poll(() => lively.ofType('announcement').length).toBe(sent);
    expect(await (await fetch(`${server.base}/metrics`)).text()).toContain('tickwire_slow_consumers_total 1');
    expect(lively.socket.readyState).toBe(1);
  });
});

describe('coming and going', () => {
  it('leaves nothing behind: no connection, no channel, nothing that waits', async () => {
    server = await startTestServer({}, { WS_MAX_CONNECTIONS: '1000', TRUST_PROXY: 'true' });
    for (let round = 0; round < 5; round += 1) {
      const clients = Array.from({ length: 20 }, (_, index) =>
        server!.open([], { headers: { 'X-Forwarded-For': `10.0.${round}.${index + 1}` } }),
      );
      await Promise.all(
        clients.map(async (client, index) => {
          await client.next('hello');
          client.send({ type: 'hello', data: { protocol: 1 } });
          client.send({
            type: 'subscribe',
            id: 1,
            data: { channels: [{ channel: 'coin:bitcoin' }, { channel: 'whales' }] },
          });
          await client.next('ack');
          if (index % 2 === 0) client.socket.close();
          else client.socket.terminate();
        }),
      );
    }
    const { app, base } = server;
    await expect.poll(() => app.connections.size).toBe(0);
    expect(app.connections.total).toBe(100);
    const status = (await (await fetch(`${base}/api/status`)).json()) as { subscriptions: unknown };
    expect(status.subscriptions).toEqual({ channels: 0, lanes: 0 });
    expect([app.delivery.waitingCount, app.delivery.heldCount]).toEqual([0, 0]);
  });
});
