import { describe, expect, it } from 'vitest';
import { startTestServer } from './test-server.js';

describe('the end of a server', () => {
  it('is orderly even if it takes longer than Fastify gives a plugin to load', async () => {
    const server = await startTestServer({ drainMs: 10_200, closeTimeoutMs: 30_000 });
    const client = await server.openTickwire();
    await client.settle();
    client.socket.pause();
    const began = Date.now();
    await server.app.close();
    expect(Date.now() - began).toBeGreaterThan(10_000);
    client.socket.resume();
  });
});
