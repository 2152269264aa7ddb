import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { startServerProcess } from './server-process.js';
import { StreamClient } from './stream-client.js';

describe('SIGTERM', () => {
  it('ends the process with 0, although one client never answers the close and one never says a word', async () => {
    const { child, port, exit } = await startServerProcess();
    try {
      const client = await StreamClient.tickwire(`ws://127.0.0.1:${port}/ws`);
      const stalled = await StreamClient.tickwire(`ws://127.0.0.1:${port}/ws`);
      const silent = connect(port, '127.0.0.1').on('error', () => undefined);
      await client.settle();
      await stalled.settle();
      stalled.socket.pause();
      child.kill('SIGTERM');
      expect((await client.next('going_away')).data).toMatchObject({ reason: 'shutdown' });
      // A terminal and a package manager both pass a signal on.
      child.kill('SIGTERM');
      const { code, reason } = await client.closed;
      expect(code).toBe(1012);
      expect(reason).toMatch(/^restart;ra=\d+;sp=\d+$/);
      expect(await exit).toEqual([0, null]);
      silent.destroy();
      stalled.socket.terminate();
    } finally {
      child.kill('SIGKILL');
    }
  });
});
