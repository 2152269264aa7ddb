/** Scenarios of the server's life and of its resources, on real sockets, scaled down from minutes to seconds. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { freePort } from './free-port.js';
import { StreamClient } from './stream-client.js';
import { startTestServer, type TestServer } from './test-server.js';

let server: TestServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

describe('SIGTERM', { timeout: 60_000 }, () => {
  it('ends the process with 0 within 12 s, although one client never answers the close and one never says a word', async () => {
    const port = await freePort();
    const child = spawn(process.execPath, ['--conditions=@tickwire/source', '--import', 'tsx', 'src/main.ts'], {
      cwd: path.resolve(import.meta.dirname, '..'),
      env: { PATH: process.env['PATH'], PORT: String(port), LOG_LEVEL: 'silent' },
      stdio: 'ignore',
    });
    const exit = once(child, 'exit');
    try {
      const isUp = () =>
        fetch(`http://127.0.0.1:${port}/readyz`).then(
          ({ status }) => status,
          () => 0,
        );
      await expect.poll(isUp, { timeout: 40_000 }).toBe(200);
      const client = await StreamClient.tickwire(`ws://127.0.0.1:${port}/ws`);
      const stalled = await StreamClient.tickwire(`ws://127.0.0.1:${port}/ws`);
      const silent = connect(port, '127.0.0.1').on('error', () => undefined);
      await client.settle();
      await stalled.settle();
      stalled.socket.pause();
      const began = Date.now();
      child.kill('SIGTERM');
      expect((await client.next('going_away')).data).toMatchObject({ reason: 'shutdown' });
      // A terminal and a package manager both pass a signal on.
      child.kill('SIGTERM');
      const { code, reason } = await client.closed;
      expect(code).toBe(1012);
      expect(reason).toMatch(/^restart;ra=\d+;sp=\d+$/);
      expect(await exit).toEqual([0, null]);
      expect(Date.now() - began).toBeLessThan(12_000);
      silent.destroy();
      stalled.socket.terminate();
    } finally {
      child.kill('SIGKILL');
    }
  });
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
    await expect.poll(() => lively.ofType('announcement').length, { timeout: 4_000 }).toBe(sent);
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
    await expect.poll(() => app.connections.size, { timeout: 4_000 }).toBe(0);
    expect(app.connections.total).toBe(100);
    const status = (await (await fetch(`${base}/api/status`)).json()) as { subscriptions: unknown };
    expect(status.subscriptions).toEqual({ channels: 0, lanes: 0 });
    expect([app.delivery.waitingCount, app.delivery.heldCount]).toEqual([0, 0]);
  });
});
