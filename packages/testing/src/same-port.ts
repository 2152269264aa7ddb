/** Listening on a port of this machine only, and again on the same one after a stop. */
import type { AddressInfo, Server } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

const triesMs = 30_000;
const pauseMs = 20;

/**
 * Listens on 127.0.0.1. A port that was free a moment ago may serve as the near end of somebody's connection for a while,
 * so a taken one is tried again for 30 s.
 *
 * @param port 0 takes a free one
 * @returns the port; rejects with what `listen` fails with
 */
export async function listenOn(server: Server, port: number): Promise<number> {
  const end = performance.now() + triesMs;
  for (;;) {
    try {
      await listenOnce(server, port);
      return (server.address() as AddressInfo).port;
    } catch (error) {
      const taken = (error as NodeJS.ErrnoException).code === 'EADDRINUSE' && port !== 0;
      if (!taken || performance.now() > end) throw error;
      await sleep(pauseMs);
    }
  }
}

function listenOnce(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject);
      resolve();
    });
  });
}
