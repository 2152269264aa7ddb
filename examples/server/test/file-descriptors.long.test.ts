import { describe, expect, it } from 'vitest';
import { RawClient, upgradeRequest } from './raw-client.js';
import { startServerProcess } from './server-process.js';
import { StreamClient } from './stream-client.js';

describe('a process that runs out of file descriptors', () => {
  it('lives, serves those whom it has, and takes newcomers again', async () => {
    // Enough to load the program, which opens dozens of files at once when the machine is busy.
    const { child, port, exit, output } = await startServerProcess(
      { WS_MAX_CONNECTIONS: '1000' },
      { descriptors: 160 },
    );
    try {
      const early = await StreamClient.tickwire(`ws://127.0.0.1:${port}/ws`);
      const crowd = Array.from({ length: 250 }, () => new RawClient(port));
      for (const client of crowd) client.write(upgradeRequest());
      await expect.poll(() => crowd.filter(({ socket }) => socket.bytesRead > 0).length).toBeGreaterThan(20);
      await early.settle();
      // Some were never answered: the process could not take them.
      expect(crowd.filter(({ socket }) => socket.bytesRead === 0).length).toBeGreaterThan(0);
      await Promise.all(crowd.map((client) => client.close()));
      await early.settle();
      await expect
        .poll(async () => {
          const late = new RawClient(port);
          late.write(upgradeRequest());
          const status = await Promise.race([
            late.status(),
            new Promise<number>((resolve) => setTimeout(resolve, 500, 0)),
          ]);
          await late.close();
          return status;
        })
        .toBe(101);
      await early.close();
      expect(child.exitCode).toBeNull();
      expect(output()).not.toMatch(/"level":(?:50|60)/);
    } finally {
      child.kill('SIGTERM');
      await exit;
    }
  });
});
